"""API keys, and the file that lists their hashes.

A key has 256 random bits and cannot be guessed from a list, so one SHA-256 protects it as well as
a slow password hash, and takes microseconds to check.
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
_REJECTION: Final = "This gateway does not know the API key"


def format_key(name: str, secret: bytes) -> str:
    """Return an API key, which contains the name. Raises ValueError for an invalid name."""
    if not KEY_NAME.fullmatch(name):
        expected = "up to 63 characters of a-z, 0-9 and '-'"
        raise ValueError(f"{quote(name)} is not a key name; expected {expected}")
    return f"{PREFIX}{name}_{secret.hex()}"


def format_key_entry(name: str, text: str, scopes: Sequence[str], customers: Sequence[str]) -> str:
    """Return the entry for the file of keys; it contains the key's hash, not the key."""
    return "\n".join(
        [
            f"[keys.{name}]",
            f'hash = "sha256:{_digest(text).hex()}"',
            f"scopes = {json.dumps(list(scopes))}",
            f"customers = {json.dumps(list(customers))}",
        ]
    )


class ApiKeys:
    def __init__(self, callers: Mapping[str, tuple[bytes, Caller]]) -> None:
        self._callers = callers

    @property
    def names(self) -> Collection[str]:
        return self._callers.keys()

    def authenticate(self, text: str) -> Caller:
        """Return the key's caller, or raise Unauthenticated.

        A wrong key takes as long as an unknown name, so that timing does not reveal names.
        """
        name = text.removeprefix(PREFIX).rpartition("_")[0]
        expected, caller = self._callers.get(name, (_NO_HASH, None))
        is_genuine = hmac.compare_digest(_digest(text), expected)
        if caller is None or not is_genuine:
            raise Unauthenticated(_REJECTION)
        return caller


def parse_keys(text: str) -> ApiKeys:
    """Parse the file of keys. Raises ValueError, whose text never contains a hash."""
    document = tomllib.loads(text)
    table = document.pop("keys", None)
    if not isinstance(table, dict) or document:
        raise ValueError("expected tables such as [keys.nightly], each with a hash and scopes")
    return ApiKeys({name: _parse_entry(name, entry) for name, entry in table.items()})


def _parse_entry(name: str, entry: Any) -> tuple[bytes, Caller]:
    if not KEY_NAME.fullmatch(name) or not isinstance(entry, dict):
        raise ValueError(f"[keys.{shorten(name)}] must be a table with a name of a-z, 0-9 and '-'")
    if unknown := entry.keys() - {"hash", "scopes", "customers"}:
        found = shorten(str(sorted(unknown)))
        raise ValueError(
            f"[keys.{name}] has unknown members {found}; expected hash, scopes and customers"
        )
    hash_text = _HASH.fullmatch(str(entry.get("hash")))
    if hash_text is None:
        raise ValueError(f"[keys.{name}] needs the hash that 'upgrade-gateway keys new' printed")
    scopes = entry.get("scopes")
    if not isinstance(scopes, list) or not scopes or not ALL_SCOPES.issuperset(map(str, scopes)):
        raise ValueError(
            f"[keys.{name}] needs a list of scopes: any of {', '.join(sorted(ALL_SCOPES))}"
        )
    customers = parse_customer_ids(validate_customer_list(name, entry.get("customers")))
    caller = Caller(key_principal(name), expand_scopes(scopes), customers, expires_at=math.inf)
    return bytes.fromhex(hash_text[1]), caller


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
