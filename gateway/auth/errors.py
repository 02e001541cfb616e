"""What is said to somebody who is not known."""

from typing import Final

from schema.errors import RequestError


class Unauthenticated(RequestError):
    """No credential came, or none that is accepted; the text is shown and holds nothing of it.

    Attributes:
        challenge: what to answer as `WWW-Authenticate` (RFC 6750, 3).
    """

    def __init__(self, message: str, *, credential_given: bool = True) -> None:
        super().__init__(message)
        described = (
            f', error="invalid_token", error_description="{message}"' if credential_given else ""
        )
        self.challenge = f'Bearer realm="upgrade-gateway"{described}'


class SigningKeysUnavailable(RequestError):
    """The issuer's signing keys cannot be had, so nobody can tell who this is; ask again later.

    Attributes:
        retry_after_s: how much later.
    """

    retry_after_s: Final = 5
