"""What a verified token says of its bearer. Pure: claims in, decisions out."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.auth.errors import Unauthenticated
from schema.scopes import Scope, expand_scopes

Claims = Mapping[str, Any]

# JSON has numbers that no float can hold, and Python reads Infinity and NaN; none is less.
_MAX_TIMESTAMP: Final = 2**40
ALL_CUSTOMERS: Final = "*"
"""Stands for all customers where ids are listed."""


def check_validity_period(claims: Claims, now: float, leeway_s: float) -> float:
    """Return the instant until which a token is good, in seconds since the epoch.

    Raises Unauthenticated before `nbf` and after `exp`. Source: RFC 7519, 4.1.4 and 4.1.5.
    """
    expires_at = _timestamp(claims, "exp") + leeway_s
    if now >= expires_at:
        raise Unauthenticated("The token has expired")
    if "nbf" in claims and now < _timestamp(claims, "nbf") - leeway_s:
        raise Unauthenticated("The token is not valid yet")
    return expires_at


def get_subject(claims: Claims) -> str:
    """Return whom the issuer says it is."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise Unauthenticated("The token does not say whose it is (sub)")
    return subject


def parse_scopes(claims: Claims, paths: Iterable[str], prefixes: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes that some claims name, with or without one of the prefixes."""
    words = [word for path in paths for word in _split_words(find_claim(claims, path))]
    bare = [word.removeprefix(each) for word in words for each in prefixes]
    return expand_scopes([*words, *bare])


def get_customer_ids(claims: Claims, path: str) -> frozenset[str] | None:
    """Return the customers that a claim names; none where it is missing, None for all."""
    return parse_customer_ids(_split_words(find_claim(claims, path)))


def find_claim(claims: Claims, path: str) -> object:
    """Return a claim by its name, or a member by the names on the way to it, joined with dots.

    None if there is none. A name may have dots itself, as those that are URLs do.
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
    """Return ids as they are compared; None where all are meant."""
    return None if ALL_CUSTOMERS in ids else frozenset(each.lower() for each in ids)


def _timestamp(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= _MAX_TIMESTAMP
    ):
        return float(value)
    raise Unauthenticated(f"The token does not say in seconds when it is valid ({name})")


def _split_words(value: object) -> list[str]:
    """Read text with spaces, or a list of texts; anything else holds nothing."""
    if isinstance(value, str):
        return value.split()
    if isinstance(value, list):
        return [each for each in value if isinstance(each, str)]
    return []
