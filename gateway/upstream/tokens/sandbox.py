"""Tokens of the embedded sandbox, which is also its own identity platform."""

import json
from typing import Final
from urllib.parse import urlencode

from gateway.clock import Clock
from gateway.credentials import SecretToken
from gateway.upstream.clouds import CLOUDS
from gateway.upstream.errors import (
    NoToken,
    TimedOut,
    Unavailable,
    UpstreamError,
    error_from_response,
    error_from_transport,
)
from gateway.upstream.tokens.refresher import IssuedToken, parse_token_response
from gateway.upstream.tokens.shared import SharedTokens
from gateway.upstream.transport.base import (
    OutgoingRequest,
    Transport,
    TransportError,
    UpstreamResponse,
)

_TIMEOUT_S: Final = 30.0
# Every sandbox has one partner, with an application and a user who has consented to it.
_TENANT: Final = "3c95518e-8c37-41e3-9627-0ca339200f53"
# The App+User flow of CONTRACT 1.2.
_FORM: Final = urlencode(
    {
        "grant_type": "refresh_token",
        "refresh_token": "sandbox-refresh-token",
        "client_id": "60a00bf2-0644-4279-83b3-87ddf96f2509",
        "client_secret": "sandbox-client-secret",
        "resource": CLOUDS["global"].resource,
        "scope": "openid",
    }
).encode()


class SandboxTokens(SharedTokens):
    """Tokens of a sandbox user who has signed in with MFA.

    Args:
        base_url: the sandbox's URL, without `/v1`.
        tenant: the tenant id of the sandbox's partner.
    """

    def __init__(
        self, transport: Transport, base_url: str, clock: Clock, *, tenant: str = _TENANT
    ) -> None:
        super().__init__(clock)
        self._transport = transport
        self._url = f"{base_url.rstrip('/')}/{tenant}/oauth2/token"

    def identity(self, caller: SecretToken | None) -> str:
        return "sandbox"

    async def _fetch_token(self) -> IssuedToken:
        headers = (("Content-Type", "application/x-www-form-urlencoded"),)
        request = OutgoingRequest("POST", self._url, headers, _FORM, _TIMEOUT_S)
        try:
            response = await self._transport.send(request)
        except TransportError as lost:
            raise error_from_transport(lost) from lost
        if not response.is_success:
            raise _rejection(error_from_response(response, self._clock.wall()))
        return parse_token_response(_parse_members(response), self._clock.wall())


def _rejection(error: UpstreamError) -> UpstreamError:
    if isinstance(error, TimedOut | Unavailable):
        return error
    return NoToken(
        f"The sandbox issues no token ({error}). Check that partner.base_url is a sandbox.",
        status=error.status,
        upstream_code=error.upstream_code,
    )


def _parse_members(response: UpstreamResponse) -> dict[str, object]:
    try:
        document = json.loads(response.body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise NoToken("The token endpoint of partner.base_url did not respond with a JSON object.")
    return document
