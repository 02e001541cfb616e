"""A sandbox with room for many upgrades."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from gateway.sandbox.app import Sandbox
from tests.support.recorder import Recorder
from tests.support.replicas import roomy_sandbox
from tests.support.server import serving


@dataclass(frozen=True, slots=True)
class Vendor:
    """A sandbox that is served, with a recorder of what gateways tell about it."""

    sandbox: Sandbox
    url: str
    recorder: Recorder


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    sandbox = roomy_sandbox()
    async with serving(sandbox) as url:
        yield Vendor(sandbox, url, Recorder(sandbox))
