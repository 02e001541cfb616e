"""May this caller run this operation? Found out once for a document, compared for each request."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from graphql import OperationType

from gateway.auth.caller import Caller
from gateway.engine.prepare import PreparedOperation
from schema.errors import Forbidden
from schema.scopes import Scope

RootScopes = Mapping[OperationType, Mapping[str, Scope]]

_INTROSPECTION: Final = frozenset({"__schema", "__type"})
_CACHE_SIZE: Final = 1_000


class ScopePolicy:
    """Compares what root fields ask for with what a caller has.

    Args:
        roots: the scope of every root field.
        introspection: what asking for the graph itself needs; None: to be known.
    """

    def __init__(self, roots: RootScopes, *, introspection: Scope | None) -> None:
        self._roots = roots
        self._introspection = introspection
        self._required_scopes = lru_cache(_CACHE_SIZE)(self._scopes_of)

    def check(self, operation: PreparedOperation, caller: Caller) -> None:
        """Raise Forbidden naming a scope that the caller lacks."""
        _require(self._required_scopes(operation.type, operation.root_fields), caller)

    def check_introspection(self, caller: Caller) -> None:
        """Raise Forbidden likewise for who wants to see the graph itself, in whatever form."""
        _require(self._scopes_of(OperationType.QUERY, _INTROSPECTION), caller)

    def _scopes_of(self, type: OperationType, fields: frozenset[str]) -> frozenset[Scope]:
        """Look each field up; one that is not there fails, as it would have no scope."""
        found = {self._scope_of(type, field) for field in fields}
        return frozenset(scope for scope in found if scope is not None)

    def _scope_of(self, type: OperationType, field: str) -> Scope | None:
        if field == "__typename":
            return None
        return self._introspection if field in _INTROSPECTION else self._roots[type][field]


def _require(needed: frozenset[Scope], caller: Caller) -> None:
    missing = needed - caller.scopes
    if missing:
        raise Forbidden(f"This needs the scope {min(missing).value}, which you do not have.")
