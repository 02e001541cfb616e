"""Reads the claims of verified tokens. Pure functions."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.auth.errors import Unauthenticated
from schema.scopes import Scope, expand_scopes

Claims = Mapping[str, Any]

# Excludes Infinity, NaN and integers beyond the range of a float, which Python's JSON accepts.
_MAX_TIMESTAMP: Final = 2**40
ALL_CUSTOMERS: Final = "*"
"""In a list of customer ids: all customers."""


def check_validity_period(claims: Claims, now: float, leeway_s: float) -> float:
    """Return when a token expires, in seconds since the epoch, leeway included.

    Raises Unauthenticated before `nbf` and after `exp`. Source: RFC 7519, 4.1.4 and 4.1.5.
    """
    expires_at = _timestamp(claims, "exp") + leeway_s
    if now >= expires_at:
        raise Unauthenticated("The token has expired")
    if "nbf" in claims and now < _timestamp(claims, "nbf") - leeway_s:
        raise Unauthenticated("The token is not valid yet")
    return expires_at


def get_subject(claims: Claims) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise Unauthenticated("The token has no subject (sub)")
    return subject


def parse_scopes(claims: Claims, paths: Iterable[str], prefixes: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes in the claims at `paths`. A scope may begin with one of the prefixes."""
    words = [word for path in paths for word in _split_words(find_claim(claims, path))]
    bare = [word.removeprefix(each) for word in words for each in prefixes]
    return expand_scopes([*words, *bare])


def get_customer_ids(claims: Claims, path: str) -> frozenset[str] | None:
    """Return the customer ids in a claim: none if the claim is missing; None for all customers."""
    return parse_customer_ids(_split_words(find_claim(claims, path)))


def find_claim(claims: Claims, path: str) -> object:
    """Return a claim by its name, or by a dotted path to a nested member; None if it is missing.

    A name may itself contain dots, as a URL does.
    """
    if path in claims:
        return claims[path]
    for end, character in enumerate(path):
        inner = claims.get(path[:end]) if character == "." else None
        if isinstance(inner, Mapping):
            found = find_claim(inner, path[end + 1 :])
            if found is not None:
                return found
    return None


def parse_customer_ids(ids: list[str]) -> frozenset[str] | None:
    """Return the ids in lower case; None if they include `*`, which means all customers."""
    return None if ALL_CUSTOMERS in ids else frozenset(each.lower() for each in ids)


def _timestamp(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= _MAX_TIMESTAMP
    ):
        return float(value)
    raise Unauthenticated(f"The token's {name} is not a number of seconds since the epoch")


def _split_words(value: object) -> list[str]:
    """Split a text at spaces, or take a list of texts. Anything else has no words."""
    if isinstance(value, str):
        return value.split()
    if isinstance(value, list):
        return [each for each in value if isinstance(each, str)]
    return []
