"""An issuer's public keys. Source: RFC 7517."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from gateway.settings.auth import ASYMMETRIC


@dataclass(frozen=True, slots=True)
class KeySet:
    """Keys by `kid`; one that has none stands under None."""

    keys: Mapping[str | None, PyJWK]

    def find(self, kid: str | None) -> PyJWK | None:
        """Return the key of an id; for a token without one, the only key there is."""
        if kid is None and len(self.keys) == 1:
            return next(iter(self.keys.values()))
        return self.keys.get(kid)


def parse_key_set(body: bytes) -> KeySet:
    """Read a JWK set, leaving out keys that are not for asymmetric signatures.

    Raises ValueError when there is nothing left.
    """
    document = json.loads(body)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("it is not a JWK set: it has no list of `keys`")
    found = {each.key_id: each for each in map(_key, listed) if each is not None}
    if not found:
        raise ValueError("it has no key that could verify a signature")
    return KeySet(found)


def _key(listed: Any) -> PyJWK | None:
    if not isinstance(listed, dict) or listed.get("use", "sig") != "sig":
        return None
    try:
        key = PyJWK(listed)
    except (PyJWTError, ValueError, TypeError):
        return None  # of a kind that is not known yet, beside others that are
    return key if key.algorithm_name in ASYMMETRIC else None
