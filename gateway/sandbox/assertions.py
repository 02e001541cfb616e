"""Verifies the assertions that replace a client secret (CONTRACT 1.5, 1.6, G31)."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.sandbox.errors import OAuthError
from gateway.sandbox.options import AssertionOptions

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_THUMBPRINTS: Final[Mapping[str, tuple[str, str]]] = {
    "PS256": ("x5t#S256", "sha256"),
    "RS256": ("x5t", "sha1"),
}
_MAX_SKEW_S: Final = 300


@dataclass(slots=True)
class AssertionVerifier:
    """Verifies the assertions that applications send instead of a client secret."""

    options: AssertionOptions
    _used: dict[str, float] = field(default_factory=dict)
    """The expiry of each `jti` that was used and is still valid."""

    def verify(
        self, form: Mapping[str, str], client_id: str, token_urls: tuple[str, ...], now_s: float
    ) -> None:
        """Raise OAuthError `invalid_client` unless the assertion of the form is valid."""
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise _invalid_error("client_assertion_type is not jwt-bearer")
        assertion = form["client_assertion"]
        try:
            header = jwt.get_unverified_header(assertion)
            issuer = _decode(assertion, None, header).get("iss")
            if str(issuer).lower() == client_id.lower():
                self._verify_certificate(assertion, header, client_id, token_urls, now_s)
            else:
                self._verify_federated(assertion, header, now_s)
        except (jwt.PyJWTError, ValueError) as error:
            raise _invalid_error(str(error)) from error

    def _verify_certificate(
        self,
        assertion: str,
        header: Mapping[str, Any],
        client_id: str,
        token_urls: tuple[str, ...],
        now_s: float,
    ) -> None:
        claims = _decode(assertion, self._find_certificate(header).public_key(), header)
        _check_times(claims, now_s)
        if str(claims.get("sub")).lower() != client_id.lower():
            raise _invalid_error("sub is not the client id")
        if str(claims.get("aud")).lower() not in {url.lower() for url in token_urls}:
            raise _invalid_error("aud is not the URL of the token endpoint")
        self._use_once(str(claims.get("jti") or ""), claims["exp"], now_s)

    def _find_certificate(self, header: Mapping[str, Any]) -> x509.Certificate:
        if header.get("alg") not in _THUMBPRINTS:
            raise _invalid_error("alg is neither PS256 nor RS256")
        name, algorithm = _THUMBPRINTS[header["alg"]]
        for pem in self.options.certificates:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            if header.get(name) == _compute_thumbprint(certificate, algorithm):
                return certificate
        raise _invalid_error(f"{name} is not that of a registered certificate")

    def _verify_federated(self, assertion: str, header: Mapping[str, Any], now_s: float) -> None:
        claims = _decode(assertion, None, header)
        audiences = claims.get("aud")
        for each in self.options.federated:
            is_audience = each.audience in (
                audiences if isinstance(audiences, list) else [audiences]
            )
            if (each.issuer, each.subject) == (
                claims.get("iss"),
                claims.get("sub"),
            ) and is_audience:
                _check_times(_decode(assertion, each.public_key, header), now_s)
                return
        raise _invalid_error("no federated credential has this issuer, subject and audience")

    def _use_once(self, jti: str, expires_s: float, now_s: float) -> None:
        self._used = {used: until for used, until in self._used.items() if until > now_s}
        if not jti or jti in self._used:
            raise _invalid_error("jti is missing or was used before")
        self._used[jti] = expires_s


def _decode(assertion: str, key: Any, header: Mapping[str, Any]) -> dict[str, Any]:
    """Decode the claims; without a key, do not verify them. Times are checked by the clock."""
    checks = ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
    options: Any = {f"verify_{name}": False for name in checks}
    options["verify_signature"] = key is not None
    algorithms = [each for each in _THUMBPRINTS if each == header.get("alg")]
    claims: dict[str, Any] = jwt.decode(
        assertion, key or "", algorithms=algorithms, options=options
    )
    return claims


def _check_times(claims: Mapping[str, Any], now_s: float) -> None:
    not_before, expires = claims.get("nbf", now_s), claims.get("exp")
    if not isinstance(not_before, int | float) or not_before > now_s + _MAX_SKEW_S:
        raise _invalid_error("nbf is in the future")
    if not isinstance(expires, int | float) or expires <= now_s:
        raise _invalid_error("exp is missing or has passed")


def _compute_thumbprint(certificate: x509.Certificate, algorithm: str) -> str:
    digest = hashlib.new(algorithm, certificate.public_bytes(Encoding.DER)).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _invalid_error(text: str) -> OAuthError:
    return OAuthError(401, "invalid_client", 700027, f"The client assertion is invalid: {text}.")
