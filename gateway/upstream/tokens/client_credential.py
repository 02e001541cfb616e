"""How the gateway's application authenticates at the token endpoint (CONTRACT 1.2, 1.5, 1.6).

Files are read for each token request, so a credential that is replaced there is used next.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from gateway.credentials import SecretToken
from gateway.upstream.errors import NoToken

_MAX_BYTES: Final = 64 * 1024
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class ClientCredential(Protocol):
    """Authenticates the application in a token request."""

    async def build_form(self, token_url: str) -> Mapping[str, str]:
        """Return the form fields that authenticate a request to this URL.

        Raises:
            NoToken: the credential cannot be read or used; the message says what to do.
            IssuerUnavailable: the credential cannot be obtained at the moment.
        """
        ...


class ClientSecret:
    """Authenticates with a secret from the settings."""

    def __init__(self, secret: SecretToken) -> None:
        self._secret = secret

    async def build_form(self, token_url: str) -> Mapping[str, str]:
        return {"client_secret": self._secret.reveal()}


class ClientSecretFile:
    """Authenticates with a secret in a file, which is read for every token request."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def build_form(self, token_url: str) -> Mapping[str, str]:
        return {"client_secret": read_credential_file(self._path, "partner.client_secret_file")}


class FederatedToken:
    """Authenticates with a JWT in a file. A trusted identity provider renews the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def build_form(self, token_url: str) -> Mapping[str, str]:
        return assertion_form(read_credential_file(self._path, "partner.federated_token_file"))


def assertion_form(jwt: str) -> Mapping[str, str]:
    """Return the form fields for an assertion, which replaces the client secret."""
    return {"client_assertion_type": _ASSERTION_TYPE, "client_assertion": jwt}


def read_credential_file(path: Path, setting: str) -> str:
    """Return the only line of a file. The NoToken that it raises names the setting and the file."""
    text = read_bytes(path, setting).decode("utf-8-sig", errors="replace").strip()
    if not text or not text.isprintable():
        raise NoToken(f"{setting} {str(path)!r} must contain one line of text and nothing else.")
    return text


def read_bytes(path: Path, setting: str) -> bytes:
    """Read a small file. The NoToken that it raises names the setting and the file."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise NoToken(
            f"{setting} {str(path)!r} cannot be read ({error.strerror}). Create it, readable by"
            " the gateway's user."
        ) from error
    if len(content) > _MAX_BYTES:
        raise NoToken(f"{setting} {str(path)!r} is larger than {_MAX_BYTES // 1024} KiB.")
    return content
