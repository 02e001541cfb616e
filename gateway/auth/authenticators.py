"""Authenticates requests by their `Authorization` headers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from gateway.auth.api_keys import PREFIX, ApiKeys
from gateway.auth.caller import Caller
from gateway.auth.customers_file import CustomersBySubject
from gateway.auth.errors import Unauthenticated
from gateway.credentials import SecretToken, passthrough_principal
from gateway.settings.reloading import ReloadingFile
from schema.scopes import ALL_SCOPES

if TYPE_CHECKING:
    from gateway.auth.jwt_authenticator import JwtAuthenticator

# Longer than any token of an identity provider, so that a flood of long ones is cheap to reject.
MAX_CREDENTIAL_BYTES: Final = 16_384


class Authenticator(Protocol):
    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        """Return the caller.

        Args:
            authorizations: the values of all `Authorization` headers; for a WebSocket, those of the
                handshake or the one in its `connection_init`.

        Raises:
            Unauthenticated: there is no valid credential.
            SigningKeysUnavailable: the credential cannot be verified now.
        """
        ...

    def files_are_current(self) -> bool:
        """Whether the files that list keys and customers are in use with their present contents."""
        ...

    async def aclose(self) -> None:
        """Cancel background tasks."""
        ...


class AnonymousAuthenticator:
    """Accepts everyone as the same principal, for `auth.mode` `none`."""

    def __init__(self, principal: str) -> None:
        self._caller = Caller(principal, ALL_SCOPES, None)

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        return self._caller

    def files_are_current(self) -> bool:
        return True

    async def aclose(self) -> None:
        pass


class PassthroughAuthenticator:
    """Accepts every token unverified and passes it on to Partner Center, which verifies it.

    Because the claims are not verified, the principal is a hash of the whole token, and Partner
    Center decides what the caller may do (ADR 0008).

    Args:
        anonymous_principal: the principal of callers without a token. Partner Center rejects them.
    """

    def __init__(self, anonymous_principal: str) -> None:
        self._anonymous = Caller(anonymous_principal, ALL_SCOPES, None)

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        if not authorizations:
            return self._anonymous
        token = SecretToken(parse_bearer(authorizations))
        return Caller(passthrough_principal(token), ALL_SCOPES, None, token)

    def files_are_current(self) -> bool:
        return True

    async def aclose(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class CredentialAuthenticator:
    """Accepts verified JWTs, API keys, or both.

    Attributes:
        customers: the customers of JWT callers; None if no file limits them.
    """

    jwts: "JwtAuthenticator | None"
    api_keys: ReloadingFile[ApiKeys] | None
    customers: ReloadingFile[CustomersBySubject] | None

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        credential = parse_bearer(authorizations)
        if credential.startswith(PREFIX):
            if self.api_keys is None:
                raise Unauthenticated("This gateway does not accept API keys. Send a JWT")
            return self.api_keys.current().authenticate(credential)
        if self.jwts is None:
            raise Unauthenticated("This gateway accepts only API keys. Send an API key")
        return await self.jwts.authenticate(credential)

    def files_are_current(self) -> bool:
        files = (self.api_keys, self.customers)
        return all(file is None or file.is_current for file in files)

    async def aclose(self) -> None:
        if self.jwts is not None:
            await self.jwts.aclose()


def parse_bearer(authorizations: Sequence[bytes]) -> str:
    """Return the credential after `Bearer` in the only `Authorization` header.

    Raises Unauthenticated unless there is exactly one such header: given several, a proxy may have
    checked another one than the gateway would. Credentials in the query string are not accepted.
    Source: RFC 6750, 2.1.
    """
    if not authorizations:
        raise Unauthenticated(
            "This gateway requires a credential. Send 'Authorization: Bearer ...'",
            credential_given=False,
        )
    if len(authorizations) > 1:
        raise Unauthenticated("The request has several Authorization headers. Send one")
    if len(authorizations[0]) > MAX_CREDENTIAL_BYTES:
        raise Unauthenticated(f"The credential is longer than {MAX_CREDENTIAL_BYTES} bytes")
    scheme, _, credential = authorizations[0].decode("latin-1").partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential:
        raise Unauthenticated("Send the credential as 'Authorization: Bearer ...'")
    if not credential.isascii():
        raise Unauthenticated("The credential has characters outside ASCII")
    return credential
