"""A small identity platform over real HTTP, which verifies how an application authenticates."""

import base64
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Final
from urllib.parse import parse_qsl

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.server import serving

CLIENT_ID: Final = "client-1"
SECRET: Final = "client-secret-value"
FEDERATED_AUDIENCE: Final = "api://AzureADTokenExchange"
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MAX_LIFETIME_S: Final = 600
_MAX_SKEW_S: Final = 300


class IdentityPlatform:
    """Issues `access-1`, `access-2`, … unless a test sets another response.

    Attributes:
        secret: the application's secret; a test may change it.
        certificate: the registered certificate, if any.
        federated_key: verifies tokens of the trusted identity provider, if any.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.url = ""
        self.forms: list[dict[str, str]] = []
        self.lifetime = "3599"
        self.rotates_to: str | None = None
        self.next_answers: list[Response] = []
        self.secret = SECRET
        self.certificate: x509.Certificate | None = None
        self.federated_key: Any = None
        self._now = now
        self._used: set[str] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["IdentityPlatform"]:
        route = Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"])
        async with serving(Starlette(routes=[route])) as self.url:
            yield self

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.forms.append(form)
        if self.next_answers:
            return self.next_answers.pop(0)
        tenant = request.path_params["tenant"]
        if tenant == "unknown":
            return rejecting(400, error="invalid_request", error_description="AADSTS90002: unknown")
        try:
            self._verify(form, f"{self.url}/{tenant}/oauth2/v2.0/token")
        except (AssertionError, jwt.InvalidTokenError, KeyError) as reason:
            return rejecting(401, error="invalid_client", error_description=repr(reason))
        members = {
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "access_token": f"access-{len(self.forms)}",
        }
        if self.rotates_to:
            members["refresh_token"] = self.rotates_to
        return JSONResponse(members)

    def _verify(self, form: dict[str, str], url: str) -> None:
        assert form["client_id"] == CLIENT_ID
        if "client_secret" in form:
            assert form["client_secret"] == self.secret, "another secret"
            assert "client_assertion" not in form
            return
        assert form["client_assertion_type"] == _ASSERTION_TYPE
        assertion = form["client_assertion"]
        if self.federated_key is not None:
            jwt.decode(assertion, self.federated_key, ["RS256"], audience=FEDERATED_AUDIENCE)
            return
        self._verify_certificate(assertion, url)

    def _verify_certificate(self, assertion: str, url: str) -> None:
        """Check everything that CONTRACT-2 1.5 lists."""
        assert self.certificate is not None
        header = jwt.get_unverified_header(assertion)
        name, digest = {
            "PS256": ("x5t#S256", hashes.SHA256()),
            "RS256": ("x5t", hashes.SHA1()),  # noqa: S303 - as the contract says
        }[header["alg"]]
        thumbprint = base64.urlsafe_b64encode(self.certificate.fingerprint(digest))
        assert header == {
            "alg": header["alg"],
            "typ": "JWT",
            name: thumbprint.rstrip(b"=").decode(),
        }
        claims = jwt.decode(
            assertion,
            self.certificate.public_key(),  # type: ignore[arg-type]
            [header["alg"]],
            audience=url,
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )
        assert set(claims) == {"aud", "iss", "sub", "jti", "nbf", "iat", "exp"}
        assert claims["iss"] == claims["sub"] == CLIENT_ID
        assert claims["nbf"] <= self._now() + _MAX_SKEW_S
        assert self._now() < claims["exp"] <= claims["nbf"] + _MAX_LIFETIME_S
        assert claims["jti"] not in self._used
        self._used.add(claims["jti"])


def rejecting(status: int, **members: Any) -> Response:
    return Response(json.dumps(members), status_code=status, media_type="application/json")
