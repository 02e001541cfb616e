"""An identity platform, and the transport that reaches it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gateway.credentials import SecretToken
from gateway.upstream.tokens.client_credential import ClientSecret
from gateway.upstream.tokens.identity_platform import AppRegistration
from gateway.upstream.transport.base import Transport
from gateway.upstream.transport.factory import create_transport
from tests.gateway.upstream.tokens.identity_platform_server import (
    CLIENT_ID,
    SECRET,
    IdentityPlatform,
)
from tests.support.clock import FakeClock

Register = Callable[..., AppRegistration]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def platform(clock: FakeClock) -> AsyncIterator[IdentityPlatform]:
    async with IdentityPlatform(clock.wall).running() as running:
        yield running


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    created = create_transport("auto")
    yield created
    await created.aclose()


@pytest.fixture
def application(platform: IdentityPlatform) -> Register:
    """Creates an application that is registered there, with changes."""

    def create(**changed: Any) -> AppRegistration:
        given = {
            "authority": platform.url,
            "resource": "https://api.partnercenter.microsoft.com",
            "tenant_id": "tenant-1",
            "client_id": CLIENT_ID,
            "credential": ClientSecret(SecretToken(SECRET)),
        }
        return AppRegistration(**{**given, **changed})

    return create
