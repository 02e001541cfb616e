"""Completes values of one object type, and remembers which classes are known to be of the type."""

from typing import Any

from graphql import GraphQLObjectType
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from gateway.engine.graphql_internals import invalid_return_type_error
from gateway.engine.run.execution import Execution
from gateway.engine.run.resolve_info import build_resolve_info
from gateway.engine.types import FieldSlot, ResponsePath, ValueCompleter


class ObjectCompleter:
    """Completes the objects of one type at one position of a plan.

    Attributes:
        known_classes: classes whose instances were found to be of the type.
        may_be_cast: whether an instance can carry its type itself (`strawberry.cast`).
        function: executes the selections on one object; compiled when the first object arrives.
    """

    __slots__ = ("_is_type_of", "function", "known_classes", "may_be_cast", "slot", "type")

    def __init__(self, type_: GraphQLObjectType, slot: FieldSlot, function: ValueCompleter) -> None:
        self.type = type_
        self.slot = slot
        self._is_type_of = type_.is_type_of
        self.may_be_cast = type_.is_type_of is not None
        self.known_classes = _origin_classes(type_)
        self.function = function

    def complete(
        self, value: Any, parent: ResponsePath | None, key: str | int, execution: Execution
    ) -> Any:
        """Check the type of a value and execute the selections on it."""
        if self._is_type_of is not None:
            is_type: Any = self._is_type_of(value, build_resolve_info(execution, self.slot, parent))
            if optimized_is_awaitable(is_type):
                complete = self._complete_after_type_check(value)
                return execution.defer(is_type, complete, parent, key, self.slot)
            self._require_type(is_type, value)
        if self._is_decided_by_class(value):
            self.known_classes.add(value.__class__)
        return self.function(value, parent, key, execution)

    def _complete_after_type_check(self, value: Any) -> ValueCompleter:
        def complete_checked(
            is_type: bool, parent: ResponsePath | None, key: str | int, execution: Execution
        ) -> Any:
            self._require_type(is_type, value)
            return self.function(value, parent, key, execution)

        return complete_checked

    def _require_type(self, is_type: Any, value: Any) -> None:
        if not is_type:
            raise invalid_return_type_error(self.type, value, self.slot.field.details)

    def _is_decided_by_class(self, value: Any) -> bool:
        """Whether every instance of the value's class is of the type."""
        if hasattr(value, "__await__") or not _has_default_type_check(self.type):
            return False
        return not self.may_be_cast or getattr(value, TYPE_CAST_ATTRIBUTE, None) is None


def _origin_classes(type_: GraphQLObjectType) -> set[type]:
    """Return the class that Strawberry built the type from, unless its instances are special."""
    definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryObjectDefinition) or not _has_default_type_check(type_):
        return set()
    is_ordinary = not issubclass(definition.origin, Exception)
    is_ordinary &= not hasattr(definition.origin, "__await__")
    return {definition.origin} if is_ordinary else set()


def _has_default_type_check(type_: GraphQLObjectType) -> bool:
    """Whether a type has no `is_type_of` but Strawberry's, which checks only class and cast."""
    if type_.is_type_of is None:
        return True
    definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return (
        isinstance(definition, StrawberryObjectDefinition)
        and definition.is_type_of is None
        and getattr(type_.is_type_of, "__module__", None) == GraphQLCoreConverter.__module__
    )
