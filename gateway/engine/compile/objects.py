"""The objects of one type at one spot of a plan, and how they are known to be of that type."""

from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType
from graphql.execution.executor import invalid_return_type_error
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from gateway.engine.run.resolve_info import build_resolve_info
from gateway.engine.types import FieldSlot, ResponsePath, ValueCompleter

if TYPE_CHECKING:
    from gateway.engine.run.execution import Execution


class ObjectCompleter:
    """The objects of one type at one spot.

    Attributes:
        type: the type.
        spot: where the objects stand.
        known: classes whose instances were found to be objects of the type.
        may_be_cast: whether an instance may say for itself what type it is of.
        function: runs the selections on one object; compiled when the first comes.
    """

    __slots__ = ("_is_type_of", "function", "known_classes", "may_be_cast", "slot", "type")

    def __init__(self, type_: GraphQLObjectType, spot: FieldSlot, function: ValueCompleter) -> None:
        self.type = type_
        self.slot = spot
        self._is_type_of = type_.is_type_of
        self.may_be_cast = type_.is_type_of is not None
        self.known_classes = _origin_classes(type_)
        self.function = function

    def complete(
        self, value: Any, above: ResponsePath | None, key: str | int, run: "Execution"
    ) -> Any:
        """Run the selections on a value that is an object of the type."""
        if self._is_type_of is not None:
            verdict: Any = self._is_type_of(value, build_resolve_info(run, self.slot, above))
            if optimized_is_awaitable(verdict):
                return run.defer(
                    verdict, self._complete_after_type_check(value), above, key, self.slot
                )
            self._require_type(verdict, value)
        if self._is_decided_by_class(value):
            self.known_classes.add(value.__class__)
        return self.function(value, above, key, run)

    def _complete_after_type_check(self, value: Any) -> ValueCompleter:
        def complete_told(
            verdict: bool, above: ResponsePath | None, key: str | int, run: "Execution"
        ) -> Any:
            self._require_type(verdict, value)
            return self.function(value, above, key, run)

        return complete_told

    def _require_type(self, verdict: Any, value: Any) -> None:
        if not verdict:
            raise invalid_return_type_error(self.type, value, self.slot.field.details)

    def _is_decided_by_class(self, value: Any) -> bool:
        """Whether the value's class alone says that it is an object of the type."""
        if hasattr(value, "__await__") or not _has_default_type_check(self.type):
            return False
        return not self.may_be_cast or getattr(value, TYPE_CAST_ATTRIBUTE, None) is None


def _origin_classes(type_: GraphQLObjectType) -> set[type]:
    """Name the class that Strawberry made the type of, whose instances are objects of the type."""
    definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryObjectDefinition) or not _has_default_type_check(type_):
        return set()
    is_ordinary = not issubclass(definition.origin, Exception)
    is_ordinary &= not hasattr(definition.origin, "__await__")
    return {definition.origin} if is_ordinary else set()


def _has_default_type_check(type_: GraphQLObjectType) -> bool:
    """Whether there is no test of the type's own; Strawberry's looks at class and cast alone."""
    if type_.is_type_of is None:
        return True
    definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return (
        isinstance(definition, StrawberryObjectDefinition)
        and definition.is_type_of is None
        and getattr(type_.is_type_of, "__module__", None) == GraphQLCoreConverter.__module__
    )
