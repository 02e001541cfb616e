"""The scopes of callers, as tokens and API keys name them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """The permissions of callers. WRITE and ADMIN include READ, but not each other.

    A person who settles operations does not need the permission to spend money.
    """

    READ = "upgrades:read"
    WRITE = "upgrades:write"
    ADMIN = "upgrades:admin"


ALL_SCOPES: Final = frozenset(Scope)


def expand_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """Return the named scopes and those that they include. Ignores unknown names."""
    named = {Scope(name) for name in names if name in ALL_SCOPES}
    return frozenset({*named, Scope.READ} if named else named)
