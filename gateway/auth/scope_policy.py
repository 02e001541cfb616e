"""Checks that a caller has the scopes that an operation requires."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from graphql import OperationType

from gateway.auth.caller import Caller
from gateway.engine.prepare import PreparedOperation
from schema.errors import Forbidden
from schema.scopes import Scope

RootScopes = Mapping[OperationType, Mapping[str, Scope]]

_INTROSPECTION: Final = frozenset({"__schema", "__type", "_service"})
_CACHE_SIZE: Final = 1_000


class ScopePolicy:
    """The scopes that operations require. They are computed once per document.

    Args:
        roots: the scope of every root field.
        introspection: the scope that introspection requires; None if every caller may introspect.
    """

    def __init__(self, roots: RootScopes, *, introspection: Scope | None) -> None:
        self._roots = roots
        self._introspection = introspection
        self._required_scopes = lru_cache(_CACHE_SIZE)(self._scopes_of)

    def check(self, operation: PreparedOperation, caller: Caller) -> None:
        """Raise Forbidden if the caller lacks a scope; the error names it."""
        _require(self._required_scopes(operation.type, operation.root_fields), caller)

    def check_introspection(self, caller: Caller) -> None:
        """Raise Forbidden unless the caller may see the schema, by introspection or as SDL."""
        _require(self._scopes_of(OperationType.QUERY, _INTROSPECTION), caller)

    def _scopes_of(self, type: OperationType, fields: frozenset[str]) -> frozenset[Scope]:
        """Return the scopes of root fields. Raises KeyError for an unknown one."""
        found = {self._scope_of(type, field) for field in fields}
        return frozenset(scope for scope in found if scope is not None)

    def _scope_of(self, type: OperationType, field: str) -> Scope | None:
        if field == "__typename":
            return None
        return self._introspection if field in _INTROSPECTION else self._roots[type][field]


def _require(needed: frozenset[Scope], caller: Caller) -> None:
    missing = needed - caller.scopes
    if missing:
        raise Forbidden(
            f"The request requires the scope {min(missing).value}, which you do not have."
        )
