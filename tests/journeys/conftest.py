"""Fixtures of most upgrade journeys. The others define their own gateway."""

from collections.abc import AsyncIterator

import pytest

from tests.support.journey import Journey, journey
from tests.support.upgrades import PossibleUpgrade, find_first_upgrade


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    async with journey(settings={"operations": {"initial_backoff_s": 0.01}}) as started:
        yield started


@pytest.fixture
async def upgrade(gateway: Journey) -> PossibleUpgrade:
    return await find_first_upgrade(gateway)
