"""An issuer's public keys. Source: RFC 7517, RFC 7518."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jwt import PyJWK

KeyName = tuple[str | None, str]
"""`kid` and `alg`: one `kid` may name keys of several kinds, one key may serve several `alg`."""

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
    """Keys by their names; the `kid` of one that has none is None.

    Attributes:
        size: how many keys there are, under however many names.
    """

    keys: Mapping[KeyName, PyJWK]
    size: int

    @classmethod
    def from_jwks(cls, listed: Iterable[Any]) -> "KeySet":
        """Take every key that could verify a signature; whatever else is listed is left out."""
        found = [named for named in map(_parse_key, listed) if named]
        return cls({name: key for named in found for name, key in named.items()}, len(found))

    def find(self, name: KeyName) -> PyJWK | None:
        """Return the key of a name; for a token without `kid`, the only one for its `alg`."""
        kid, algorithm = name
        if kid is None:
            fitting = [key for (_, other), key in self.keys.items() if other == algorithm]
            if len(fitting) == 1:
                return fitting[0]
        return self.keys.get(name)


def parse_jwks(body: bytes) -> KeySet:
    """Read a JWK set. Raises ValueError when no key in it could verify a signature."""
    document = json.loads(body)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("it is not a JWK set: it has no list of `keys`")
    found = KeySet.from_jwks(listed)
    if not found.size:
        raise ValueError("it has no key that could verify a signature")
    return found


def _parse_key(listed: Any) -> Mapping[KeyName, PyJWK]:
    """Read one key under each of its names; none where it is malformed, or of a kind not known."""
    if not isinstance(listed, dict):
        return {}
    kid = listed.get("kid")
    if not isinstance(kid, str | None) or listed.get("use", "sig") != "sig":
        return {}
    try:
        return {(kid, each): PyJWK(listed, algorithm=each) for each in _algorithms(listed)}
    except Exception:  # noqa: BLE001 - a foreign document, which libraries fail on in many ways
        return {}


def _algorithms(listed: Mapping[str, Any]) -> Iterator[str]:
    """Yield the asymmetric signatures that a key may verify: the one it names, or all of its kind.

    Raises whatever a malformed one leads to.
    """
    fitting = (
        _RSA_ALGORITHMS
        if listed["kty"] == "RSA"
        else _CURVE_ALGORITHMS.get(listed.get("crv", ""), ())
    )
    named = listed.get("alg")
    return (each for each in fitting if named is None or each == named)
