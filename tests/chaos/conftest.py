"""A served sandbox with many possible upgrades and no throttling."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from gateway.sandbox.app import Sandbox
from tests.support.replicas import unthrottled_sandbox
from tests.support.response_recorder import ResponseRecorder
from tests.support.server import serving


@dataclass(frozen=True, slots=True)
class Vendor:
    """A served sandbox, and a recorder of the responses of all gateways that use it."""

    sandbox: Sandbox
    url: str
    recorder: ResponseRecorder


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    sandbox = unthrottled_sandbox()
    async with serving(sandbox) as url:
        yield Vendor(sandbox, url, ResponseRecorder(sandbox))
