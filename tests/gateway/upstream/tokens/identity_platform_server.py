"""A small identity platform over real HTTP, and an HTTP client with which msal reaches it."""

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.server import serving
from tests.support.waiting import HANG_TIMEOUT_S

AUTHORITY = "https://login.microsoftonline.com"


class IdentityPlatform:
    """Issues `access-1`, `access-2`, … unless a test sets another response."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.asked_urls: list[str] = []
        self.lifetime = "3599"
        self.rotates_to: str | None = None
        self.next_answers: list[Response] = []
        self.app = Starlette(
            routes=[
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self._discover),
                Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
            ]
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["MsalHttpClient"]:
        async with serving(self.app) as url:
            with httpx.Client(trust_env=False, timeout=HANG_TIMEOUT_S) as client:
                yield MsalHttpClient(client, url, self.asked_urls)

    async def _discover(self, request: Request) -> Response:
        tenant = request.path_params["tenant"]
        if tenant == "unknown":
            return JSONResponse({"error": "invalid_tenant"}, status_code=400)
        base = f"{AUTHORITY}/{tenant}/oauth2/v2.0"
        return JSONResponse(
            {
                "issuer": f"{AUTHORITY}/{tenant}/v2.0",
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
            }
        )

    async def _token(self, request: Request) -> Response:
        self.forms.append(dict(parse_qsl((await request.body()).decode())))
        if self.next_answers:
            return self.next_answers.pop(0)
        members = {
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "access_token": f"access-{len(self.forms)}",
        }
        if self.rotates_to:
            members["refresh_token"] = self.rotates_to
        return JSONResponse(members)


class MsalHttpClient:
    """msal's HTTP client: sends its requests to the server on this machine."""

    def __init__(self, client: httpx.Client, url: str, asked_urls: list[str]) -> None:
        self._client = client
        self._url = url
        self._asked_urls = asked_urls

    def get(self, url: str, headers: Any = None, params: Any = None, **_: Any) -> httpx.Response:
        return self._client.get(self._local(url), headers=headers, params=params)

    def post(
        self, url: str, headers: Any = None, data: Any = None, params: Any = None, **_: Any
    ) -> httpx.Response:
        return self._client.post(self._local(url), headers=headers, data=data, params=params)

    def close(self) -> None:
        self._client.close()

    def _local(self, url: str) -> str:
        self._asked_urls.append(url)
        return url.replace(AUTHORITY, self._url)


def rejecting(status: int, **members: Any) -> Response:
    return Response(json.dumps(members), status_code=status, media_type="application/json")
