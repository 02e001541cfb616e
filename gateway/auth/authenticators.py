"""How the headers of a request tell who sent it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gateway.auth.api_keys import PREFIX, ApiKeys
from gateway.auth.bearer import parse_bearer
from gateway.auth.caller import Caller
from gateway.auth.customers_file import CustomersBySubject
from gateway.auth.errors import Unauthenticated
from gateway.credentials import SecretToken, passthrough_principal
from gateway.settings.asked_file import AskedFile
from schema.scopes import ALL_SCOPES

if TYPE_CHECKING:
    from gateway.auth.jwt_authenticator import JwtAuthenticator


class Authenticator(Protocol):
    """Knows callers by their `Authorization` headers."""

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        """Return who it is.

        Args:
            authorizations: the values of all such headers; of a WebSocket, of the handshake's or
                the one in its `connection_init`.

        Raises:
            Unauthenticated: nobody that is known.
            KeysUnavailable: this cannot be found out now.
        """
        ...

    def files_are_current(self) -> bool:
        """Whether callers are known by what its files say now, if it has any."""
        ...

    async def aclose(self) -> None:
        """Stop what goes on beside the requests; nobody is asked about any more."""
        ...


class AnonymousAuthenticator:
    """Asks nobody who they are: `auth.mode` is `none`, and only this machine reaches the gateway.

    Args:
        principal: whose operations everybody's are.
    """

    def __init__(self, principal: str) -> None:
        self._caller = Caller(principal, ALL_SCOPES, None)

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        """Return the one caller there is."""
        return self._caller

    def files_are_current(self) -> bool:
        """There are none."""
        return True

    async def aclose(self) -> None:
        """Nothing goes on."""


class PassthroughAuthenticator:
    """Takes the token that a caller brings for the upstream, which is who knows it.

    Nothing a token says is believed here, as nobody has verified it: its caller is named by the
    whole of it, and may do what the upstream lets it (ADR 0008).

    Args:
        stranger: the principal of those who bring none; the upstream will say what is missing.
    """

    def __init__(self, anonymous_principal: str) -> None:
        self._anonymous = Caller(anonymous_principal, ALL_SCOPES, None)

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        """Return a caller with its token."""
        if not authorizations:
            return self._anonymous
        token = SecretToken(parse_bearer(authorizations))
        return Caller(passthrough_principal(token), ALL_SCOPES, None, token)

    def files_are_current(self) -> bool:
        """There are none."""
        return True

    async def aclose(self) -> None:
        """Nothing goes on."""


@dataclass(frozen=True, slots=True)
class CredentialAuthenticator:
    """Knows those with a genuine JWT, those with an API key, or both; nobody else.

    Attributes:
        customers: says whom those with a JWT see; None where no file does.
    """

    jwts: "JwtAuthenticator | None"
    api_keys: AskedFile[ApiKeys] | None
    customers: AskedFile[CustomersBySubject] | None

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        """Tell keys from tokens by how they begin."""
        credential = parse_bearer(authorizations)
        if credential.startswith(PREFIX):
            if self.api_keys is None:
                raise Unauthenticated("This gateway takes no API keys: send a JWT")
            return self.api_keys.current().authenticate(credential)
        if self.jwts is None:
            raise Unauthenticated("This gateway takes API keys alone: send one")
        return await self.jwts.authenticate(credential)

    def files_are_current(self) -> bool:
        """Look at both."""
        files = (self.api_keys, self.customers)
        return all(file is None or file.is_current() for file in files)

    async def aclose(self) -> None:
        """Stop fetching signing keys."""
        if self.jwts is not None:
            await self.jwts.aclose()
