"""An OIDC issuer over HTTP, with key rotation."""

import asyncio
import json
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.types import Receive, Scope, Send

from gateway.clock import SystemClock

AUDIENCE: Final = "api://upgrade-gateway"


class SigningKey:
    """A key pair of an issuer."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self.private = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> dict[str, Any]:
        """As a JWK set lists it."""
        jwk = jwt.algorithms.ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**jwk, "kid": self.kid, "use": "sig", "alg": "ES256"}


class OidcIssuer:
    """Serve it, then set `url`.

    Attributes:
        fetches: how often its keys were asked for.
        is_down: whether it answers 503.
        asked: set when its keys are asked for.
        others: what its set lists beside its keys.
        gate: while it is closed no answer is given.
    """

    def __init__(self) -> None:
        self.url = ""
        self.keys = [SigningKey("key-1")]
        self.fetches = 0
        self.is_down = False
        self.metadata: dict[str, Any] = {}
        self.extra_keys: list[object] = []
        self.keys_requested = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    def rotate(self) -> None:
        """Sign with a new key, and withdraw the old."""
        self.keys = [SigningKey(f"key-{int(self.keys[0].kid[4:]) + 1}")]

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a valid token; a change to None leaves a claim out."""
        now = int(SystemClock.wall())
        claims = {"iss": self.url, "aud": AUDIENCE, "sub": "somebody", "exp": now + 600}
        claims |= {"nbf": now, "scope": "upgrades:read", **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, **changes: Any) -> str:
        """A token signed with the newest key."""
        key = self.keys[0]
        return jwt.encode(self.claims(**changes), key.private, "ES256", {"kid": key.kid})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        if scope["path"].endswith("/openid-configuration"):
            content = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **self.metadata}
        else:
            self.fetches += 1
            self.keys_requested.set()
            await self.gate.wait()
            content = {"keys": [*self.extra_keys, *(key.public for key in self.keys)]}
        status = 503 if self.is_down else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(content).encode()})
