"""Tokens of Microsoft's identity platform: for the application, or for it with a user."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.clock import Clock
from gateway.credentials import SecretToken
from gateway.upstream.tokens.client_credential import ClientCredential
from gateway.upstream.tokens.refresh_token_file import RefreshTokenFile
from gateway.upstream.tokens.refresher import IssuedToken, parse_token_response
from gateway.upstream.tokens.shared import SharedTokens
from gateway.upstream.tokens.token_endpoint import request_token
from gateway.upstream.transport.base import Transport


@dataclass(frozen=True, slots=True)
class AppRegistration:
    """The gateway's application in Microsoft Entra.

    Attributes:
        authority: the base URL of the issuer, without the tenant.
        resource: the audience of the tokens.
    """

    authority: str
    resource: str
    tenant_id: str
    client_id: str
    credential: ClientCredential

    @property
    def scope(self) -> str:
        """The OAuth scope that stands for everything that was consented to."""
        return f"{self.resource}/.default"

    async def request_token(self, transport: Transport, grant: Mapping[str, str]) -> dict[str, Any]:
        url = f"{self.authority}/{self.tenant_id}/oauth2/v2.0/token"
        credential = await self.credential.build_form(url)
        form = {**grant, "client_id": self.client_id, **credential}
        return await request_token(transport, url, form)


class AppTokens(SharedTokens):
    """Tokens of the application without a user. Some endpoints reject them (CONTRACT 1.4)."""

    def __init__(self, application: AppRegistration, transport: Transport, clock: Clock) -> None:
        super().__init__(clock)
        self._application = application
        self._transport = transport

    def identity(self, caller: SecretToken | None) -> str:
        return f"app-{self._application.tenant_id}-{self._application.client_id}"

    async def _fetch_token(self) -> IssuedToken:
        application = self._application
        grant = {"grant_type": "client_credentials", "scope": application.scope}
        members = await application.request_token(self._transport, grant)
        return parse_token_response(members, self._clock.wall())


class AppUserTokens(SharedTokens):
    """Tokens of the application on behalf of a user, who has consented and signed in with MFA."""

    def __init__(
        self,
        application: AppRegistration,
        file: RefreshTokenFile,
        transport: Transport,
        clock: Clock,
    ) -> None:
        super().__init__(clock)
        self._application = application
        self._file = file
        self._transport = transport

    def identity(self, caller: SecretToken | None) -> str:
        return f"app-user-{self._application.tenant_id}-{self._application.client_id}"

    async def _fetch_token(self) -> IssuedToken:
        # Read each time: a person who consents again replaces the file of a running gateway.
        old, application = self._file.read(), self._application
        grant = {
            "grant_type": "refresh_token",
            "refresh_token": old.reveal(),
            "scope": f"{application.scope} offline_access",
        }
        members = await application.request_token(self._transport, grant)
        rotated = members.get("refresh_token")
        if isinstance(rotated, str) and rotated and rotated != old.reveal():
            # Without a wait since the response, so that no cancellation can lose it.
            self._file.replace(SecretToken(rotated))
        return parse_token_response(members, self._clock.wall())
