"""What callers may do, by the names that tokens and API keys carry."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """Writing and administering both include reading; neither includes the other.

    So who looks after operations need not be able to spend money.
    """

    READ = "upgrades:read"
    WRITE = "upgrades:write"
    ADMIN = "upgrades:admin"


ALL_SCOPES: Final = frozenset(Scope)


def expand_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes that some names stand for, with what they include.

    A name that is none of this gateway's is for somebody else and stands for nothing.
    """
    named = {Scope(name) for name in names if name in ALL_SCOPES}
    return frozenset({*named, Scope.READ} if named else named)
