"""The gateway app, for requests that need no upstream."""

from functools import cache
from typing import Any, Final

import httpx

from gateway.app import create_app
from gateway.edge.app import GatewayApp
from gateway.settings import PartnerSettings, Settings

STATIC: Final = PartnerSettings.model_validate({"auth": "static", "token": "abc"})
ADDRESS: Final = "http://127.0.0.1"


@cache
def app_with(**http: Any) -> GatewayApp:
    """Create an app with these `http` settings, once: it takes as long as many tests."""
    return create_app(Settings.model_validate({"partner": STATIC, "http": http}))


def client_for(app: GatewayApp) -> httpx.AsyncClient:
    """Create a client that sends only the Host header by default."""
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS)
    client.headers.clear()
    return client


async def send_request(
    method: str, app: GatewayApp | None = None, **request: Any
) -> httpx.Response:
    """Send one request to `/graphql`."""
    async with client_for(app or app_with()) as client:
        return await client.request(method, "/graphql", **request)
