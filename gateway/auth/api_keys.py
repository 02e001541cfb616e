"""API keys: what services send, and what is kept of it.

A key has 256 random bits, so one SHA-256 keeps it as well as a slow hash would: there is no
list of likely keys to try, and checking one costs microseconds.
"""

import hashlib
import hmac
import json
import math
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from gateway.auth.caller import Caller
from gateway.auth.claims import parse_customer_ids
from gateway.auth.customers_file import validate_customer_list
from gateway.auth.errors import Unauthenticated
from gateway.settings.principals import KEY_NAME, key_principal
from schema.quoting import quote, shorten
from schema.scopes import ALL_SCOPES, expand_scopes

PREFIX: Final = "ugk_"
_HASH: Final = re.compile(r"sha256:([0-9a-f]{64})")
_NO_HASH: Final = bytes(32)
_REJECTION: Final = "The API key is not one of this gateway's"


def format_key(name: str, secret: bytes) -> str:
    """Return the key that a service sends, which names itself. Raises ValueError for a bad name."""
    if not KEY_NAME.fullmatch(name):
        expected = "a name of a-z, 0-9 and '-', up to 63 of them"
        raise ValueError(f"expected {expected}, not {quote(name)}")
    return f"{PREFIX}{name}_{secret.hex()}"


def format_key_entry(name: str, text: str, scopes: Sequence[str], customers: Sequence[str]) -> str:
    """Return what the file of keys says of a key, which is not the key."""
    return "\n".join(
        [
            f"[keys.{name}]",
            f'hash = "sha256:{_digest(text).hex()}"',
            f"scopes = {json.dumps(list(scopes))}",
            f"customers = {json.dumps(list(customers))}",
        ]
    )


class ApiKeys:
    """Callers by their keys."""

    def __init__(self, callers: Mapping[str, tuple[bytes, Caller]]) -> None:
        self._callers = callers

    @property
    def names(self) -> Collection[str]:
        """The names of all keys."""
        return self._callers.keys()

    def authenticate(self, text: str) -> Caller:
        """Return whose key this is, in the same time for a wrong key as for a wrong name.

        Raises Unauthenticated.
        """
        name = text.removeprefix(PREFIX).rpartition("_")[0]
        kept, caller = self._callers.get(name, (_NO_HASH, None))
        is_genuine = hmac.compare_digest(_digest(text), kept)
        if caller is None or not is_genuine:
            raise Unauthenticated(_REJECTION)
        return caller


def parse_keys(text: str) -> ApiKeys:
    """Read the file of keys. Raises ValueError saying what is wrong, without the hash."""
    document = tomllib.loads(text)
    table = document.pop("keys", None)
    if not isinstance(table, dict) or document:
        raise ValueError("expected tables such as [keys.nightly], each with a hash and scopes")
    return ApiKeys({name: _parse_entry(name, entry) for name, entry in table.items()})


def _parse_entry(name: str, entry: Any) -> tuple[bytes, Caller]:
    if not KEY_NAME.fullmatch(name) or not isinstance(entry, dict):
        raise ValueError(f"[keys.{shorten(name)}] is not a table with a name of a-z, 0-9 and '-'")
    if unknown := entry.keys() - {"hash", "scopes", "customers"}:
        found = shorten(str(sorted(unknown)))
        raise ValueError(f"[keys.{name}] has {found}; known are hash, scopes, customers")
    kept = _HASH.fullmatch(str(entry.get("hash")))
    if kept is None:
        raise ValueError(f"[keys.{name}] needs the hash that 'upgrade-gateway keys new' printed")
    scopes = entry.get("scopes")
    if not isinstance(scopes, list) or not scopes or not ALL_SCOPES.issuperset(map(str, scopes)):
        raise ValueError(f"[keys.{name}] needs scopes out of {', '.join(sorted(ALL_SCOPES))}")
    customers = parse_customer_ids(validate_customer_list(name, entry.get("customers")))
    caller = Caller(key_principal(name), expand_scopes(scopes), customers, expires_at=math.inf)
    return bytes.fromhex(kept[1]), caller


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
