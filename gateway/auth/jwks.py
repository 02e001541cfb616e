"""JSON Web Key Sets. Source: RFC 7517, RFC 7518."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jwt import PyJWK

KeyName = tuple[str | None, str]
"""`kid` and `alg`. Keys of different types may share a `kid`; one key may have several `alg`."""

_CURVE_ALGORITHMS: Final = {
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "Ed25519": ("EdDSA",),
    "Ed448": ("EdDSA",),
}
_RSA_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")


@dataclass(frozen=True, slots=True)
class KeySet:
    """Verification keys by `kid` and algorithm. The `kid` is None for a key without one.

    Attributes:
        size: the number of different keys; a key that supports several algorithms counts once.
    """

    keys: Mapping[KeyName, PyJWK]
    size: int

    @classmethod
    def from_jwks(cls, listed: Iterable[Any]) -> "KeySet":
        """Build a set of the keys that can verify signatures; all other entries are ignored."""
        found = [named for named in map(_parse_key, listed) if named]
        return cls({name: key for named in found for name, key in named.items()}, len(found))

    def find(self, name: KeyName) -> PyJWK | None:
        """Return the key with this `kid`; without a `kid`, the only key for the algorithm."""
        kid, algorithm = name
        if kid is None:
            fitting = [key for (_, other), key in self.keys.items() if other == algorithm]
            if len(fitting) == 1:
                return fitting[0]
        return self.keys.get(name)


def parse_jwks(body: bytes) -> KeySet:
    """Parse a JWK set. Raises ValueError if it has no key that can verify signatures."""
    document = json.loads(body)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("it is not a JWK set with a list of `keys`")
    found = KeySet.from_jwks(listed)
    if not found.size:
        raise ValueError("it has no key that can verify signatures")
    return found


def _parse_key(listed: Any) -> Mapping[KeyName, PyJWK]:
    """Return one key under each of its names; empty if it is malformed or its type unknown."""
    if not isinstance(listed, dict):
        return {}
    kid = listed.get("kid")
    if not isinstance(kid, str | None) or listed.get("use", "sig") != "sig":
        return {}
    try:
        return {(kid, each): PyJWK(listed, algorithm=each) for each in _algorithms(listed)}
    except Exception:  # noqa: BLE001 - libraries fail in many ways on a malformed key
        return {}


def _algorithms(listed: Mapping[str, Any]) -> Iterator[str]:
    """Yield the `alg` that a key has, or all asymmetric algorithms of its type.

    May raise any exception for a malformed key.
    """
    fitting = (
        _RSA_ALGORITHMS
        if listed["kty"] == "RSA"
        else _CURVE_ALGORITHMS.get(listed.get("crv", ""), ())
    )
    named = listed.get("alg")
    return (each for each in fitting if named is None or each == named)
