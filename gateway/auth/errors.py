from typing import Final

from schema.errors import RequestError


class Unauthenticated(RequestError):
    """The request has no valid credential. The text is shown to the client, without the credential.

    Attributes:
        challenge: the `WWW-Authenticate` header (RFC 6750, 3).
    """

    def __init__(self, message: str, *, credential_given: bool = True) -> None:
        super().__init__(message)
        described = (
            f', error="invalid_token", error_description="{message}"' if credential_given else ""
        )
        self.challenge = f'Bearer realm="upgrade-gateway"{described}'


class SigningKeysUnavailable(RequestError):
    """The issuer's signing keys cannot be fetched, so tokens cannot be verified at the moment."""

    retry_after_s: Final = 5
