from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.upstream.errors import IssuerUnavailable, NoToken
from gateway.upstream.tokens.managed_identity import ManagedIdentity
from tests.support.server import serving

AUDIENCE = "api://AzureADTokenExchange"


class IdentityEndpoint:
    """The endpoint that App Service and Container Apps run beside an app."""

    def __init__(self) -> None:
        self.status = 200
        self.queries: list[dict[str, str]] = []

    async def respond(self, request: Request) -> Response:
        self.queries.append(dict(request.query_params))
        assert request.headers["X-IDENTITY-HEADER"] == "beside"
        return JSONResponse({"access_token": "a.b.c"}, self.status)


@pytest.fixture
async def endpoint() -> IdentityEndpoint:
    return IdentityEndpoint()


@pytest.fixture
async def identity(endpoint: IdentityEndpoint) -> AsyncIterator[ManagedIdentity]:
    async with serving(Starlette(routes=[Route("/token", endpoint.respond)])) as url:
        environ = {"IDENTITY_ENDPOINT": f"{url}/token", "IDENTITY_HEADER": "beside"}
        yield ManagedIdentity("identity-1", AUDIENCE, environ)


async def test_the_token_of_the_identity_becomes_the_assertion(
    endpoint: IdentityEndpoint, identity: ManagedIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    form = await identity.build_form("https://login.test/token")
    assert form == {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "a.b.c",
    }
    (query,) = endpoint.queries
    assert query == {
        "api-version": "2019-08-01",
        "resource": AUDIENCE,
        "client_id": "identity-1",
    }


@pytest.mark.parametrize(("status", "error"), [(400, NoToken), (500, IssuerUnavailable)])
async def test_an_endpoint_without_a_token_is_reported(
    endpoint: IdentityEndpoint, identity: ManagedIdentity, status: int, error: type[Exception]
) -> None:
    endpoint.status = status
    with pytest.raises(error, match=f"HTTP {status}"):
        await identity.build_form("https://login.test/token")


async def test_an_endpoint_that_does_not_exist_is_reported() -> None:
    identity = ManagedIdentity("i", AUDIENCE, {"IDENTITY_ENDPOINT": "http://127.0.0.1:1/token"})
    with pytest.raises(IssuerUnavailable, match="Only machines on Azure"):
        await identity.build_form("https://login.test/token")
