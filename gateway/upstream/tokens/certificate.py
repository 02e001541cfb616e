"""A certificate in place of a client secret (CONTRACT 1.5)."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.clock import Clock
from gateway.ids import new_uuid
from gateway.upstream.errors import NoToken
from gateway.upstream.tokens.client_credential import assertion_form, read_bytes

SigningAlgorithm = Literal["PS256", "RS256"]

_SETTING: Final = "partner.certificate_file"
_LIFETIME_S: Final = 300


class ClientCertificate:
    """Authenticates with a certificate: signs an assertion for each token request.

    Args:
        path: a PEM file with an RSA key, without a passphrase, and its certificate.
        algorithm: PS256 identifies the certificate by SHA-256, RS256 by SHA-1.
    """

    def __init__(
        self, path: Path, algorithm: SigningAlgorithm, client_id: str, clock: Clock
    ) -> None:
        self._path = path
        self._algorithm = algorithm
        self._client_id = client_id
        self._clock = clock

    async def build_form(self, token_url: str) -> Mapping[str, str]:
        key, certificate = read_certificate(self._path)
        now = int(self._clock.wall())
        claims = {
            "aud": token_url,
            "iss": self._client_id,
            "sub": self._client_id,
            "jti": new_uuid(),
            "nbf": now,
            "iat": now,
            "exp": now + _LIFETIME_S,
        }
        headers = _thumbprint(certificate, self._algorithm)
        return assertion_form(jwt.encode(claims, key, self._algorithm, headers))


def read_certificate(path: Path) -> tuple[RSAPrivateKey, x509.Certificate]:
    """Return the key and its certificate from a file. Raises NoToken.

    Certificates of issuers in the file are ignored.
    """
    content = read_bytes(path, _SETTING)
    try:
        key = load_pem_private_key(content, password=None)
        certificates = x509.load_pem_x509_certificates(content)
    except (TypeError, ValueError) as error:
        raise _error(path, "must contain a private key without a passphrase") from error
    if not isinstance(key, RSAPrivateKey):
        raise _error(path, "must contain an RSA key")
    for certificate in certificates:
        if certificate.public_key() == key.public_key():
            return key, certificate
    raise _error(path, "must contain the certificate of its key")


def _error(path: Path, expected: str) -> NoToken:
    return NoToken(
        f"{_SETTING} {str(path)!r} {expected}. Write an RSA key and its certificate into it, both"
        " as PEM."
    )


def _thumbprint(certificate: x509.Certificate, algorithm: SigningAlgorithm) -> dict[str, str]:
    if algorithm == "PS256":
        return {"x5t#S256": _encode(certificate.fingerprint(hashes.SHA256()))}
    # It only selects the registered certificate; the signature uses SHA-256.
    return {"x5t": _encode(certificate.fingerprint(hashes.SHA1()))}  # noqa: S303


def _encode(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
