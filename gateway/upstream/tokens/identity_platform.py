"""Tokens of Microsoft's identity platform, obtained with msal: for the application, or with a user.

msal is synchronous, and looks up the token endpoint when it is built, so it runs in a thread. It
does not ask another host whether the authority is genuine.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import msal
import requests  # msal's HTTP client

from gateway.clock import Clock
from gateway.credentials import SecretToken
from gateway.upstream.clouds import CloudAddresses
from gateway.upstream.error_body import sanitize
from gateway.upstream.errors import IssuerUnavailable, NoToken
from gateway.upstream.tokens.refresh_token_file import RefreshTokenFile
from gateway.upstream.tokens.refresher import IssuedToken, parse_token_response
from gateway.upstream.tokens.shared import SharedTokens
from gateway.upstream.transport.proxies import ProxyConfig

_TIMEOUT_S: Final = 30
_REMEDIES: Final = {
    "invalid_grant": "a person must consent again and replace partner.refresh_token_file",
    "interaction_required": "a person must consent again, passing MFA",
    "invalid_client": "partner.client_id or partner.client_secret is wrong or has expired",
    "unauthorized_client": "partner.client_id is not known in partner.tenant_id",
    "invalid_resource": "partner.cloud is not the tenant's, or consent for the API is missing",
}


@dataclass(frozen=True, slots=True)
class AppRegistration:
    """The gateway's application in Microsoft Entra.

    Attributes:
        http_client: msal's HTTP client, for tests and proxies; msal's own by default.
    """

    cloud: CloudAddresses
    tenant_id: str
    client_id: str
    client_secret: SecretToken
    http_client: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        given = {
            "tenant_id": self.tenant_id,
            "client_id": self.client_id,
            "client_secret": self.client_secret.reveal(),
        }
        missing = [f"partner.{name}" for name, value in given.items() if not value]
        if missing:
            raise ValueError(f"partner.auth needs {', '.join(missing)}. Set them.")

    @property
    def scopes(self) -> list[str]:
        """Everything that was consented to for the API."""
        return [f"{self.cloud.resource}/.default"]

    def build_msal_client(self) -> Any:
        """Build msal's application. Blocks for one request to the authority."""
        return msal.ConfidentialClientApplication(
            self.client_id,
            client_credential=self.client_secret.reveal(),
            authority=f"{self.cloud.authority}/{self.tenant_id}",
            instance_discovery=False,
            http_client=self.http_client,
            timeout=_TIMEOUT_S,
        )


def build_proxied_session(proxies: ProxyConfig) -> Any:
    """Build an HTTP session that uses these proxies, or none, whatever the environment says."""
    session: Any = requests.Session()
    # Proxies of a session would not override those of the environment.
    chosen = {scheme: proxies.by_scheme.get(scheme, "") for scheme in ("http", "https")}
    session.request = partial(session.request, proxies=chosen, timeout=_TIMEOUT_S)
    return session


class AppTokens(SharedTokens):
    """Tokens of the application alone, which some endpoints reject (CONTRACT 1.4)."""

    def __init__(self, application: AppRegistration, clock: Clock) -> None:
        super().__init__(clock)
        self._application = application
        self._msal: Any = None

    def identity(self, caller: SecretToken | None) -> str:
        return f"app-{self._application.tenant_id}-{self._application.client_id}"

    async def _fetch_token(self) -> IssuedToken:
        return await _run_in_thread(self._request_token, self._clock)

    def _request_token(self) -> Any:
        self._msal = self._msal or self._application.build_msal_client()
        self._msal.remove_tokens_for_client()  # else msal returns a rejected token again
        return self._msal.acquire_token_for_client(self._application.scopes)


class AppUserTokens(SharedTokens):
    """Tokens of the application on behalf of a user who has consented and passed MFA."""

    def __init__(self, application: AppRegistration, file: RefreshTokenFile, clock: Clock) -> None:
        super().__init__(clock)
        self._application = application
        self._file = file
        self._msal: Any = None

    def identity(self, caller: SecretToken | None) -> str:
        return f"app-user-{self._application.tenant_id}-{self._application.client_id}"

    async def _fetch_token(self) -> IssuedToken:
        return await _run_in_thread(self._request_token, self._clock)

    def _request_token(self) -> Any:
        # Read each time: a person who consents again replaces the file of a running gateway.
        old = self._file.read()
        self._msal = self._msal or self._application.build_msal_client()
        response = self._msal.acquire_token_by_refresh_token(
            old.reveal(), scopes=self._application.scopes
        )
        rotated = response.get("refresh_token")
        if rotated and rotated != old.reveal():
            self._file.replace(SecretToken(rotated))  # this thread is never cancelled
        return response


async def _run_in_thread(request_token: Callable[[], Any], clock: Clock) -> IssuedToken:
    return parse_token_response(
        await asyncio.to_thread(_translate_errors, request_token), clock.wall()
    )


def _translate_errors(request_token: Callable[[], Any]) -> Any:
    """Call msal, and return the members of a successful response."""
    try:
        response = request_token()
    except (OSError, RuntimeError, msal.exceptions.MsalServiceError) as error:
        raise IssuerUnavailable(
            f"The identity platform cannot be reached or fails: {sanitize(str(error))}"
        ) from error
    except ValueError as error:
        raise NoToken(
            "The identity platform does not know partner.tenant_id in this partner.cloud."
        ) from error
    if "error" in response:
        raise _rejection(response)
    return response


def _rejection(response: Any) -> NoToken:
    code = sanitize(str(response["error"]), max_chars=60)
    remedy = _REMEDIES.get(code, "see its message")
    message = sanitize(str(response.get("error_description") or "no reason given"), max_chars=300)
    return NoToken(
        f"The identity platform issues no token ({code}): {remedy}. Its message: {message}",
        upstream_code=code,
    )
