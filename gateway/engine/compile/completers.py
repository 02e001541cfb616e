"""Makes what the response has of what a resolver returned: one closure for each type of a field.

Section 6.4.3 of the specification, "Value Completion". What a type can tell beforehand has been
asked when the closure is made. The messages are graphql-core's, which makes most of them itself.
"""

from typing import TYPE_CHECKING, Any, cast

from graphql import (
    GraphQLAbstractType,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLOutputType,
    default_type_resolver,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution import Executor
from graphql.pyutils import Undefined
from strawberry.execution import optimized_is_awaitable
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from gateway.engine.compile.lists import build_list_completer
from gateway.engine.compile.objects import ObjectCompleter
from gateway.engine.run.resolve_info import build_resolve_info
from gateway.engine.types import FieldSlot, ResponsePath, ValueCompleter

if TYPE_CHECKING:
    from gateway.engine.compile.selections import FieldSelections
    from gateway.engine.run.execution import Execution


def build_completer(
    type_: GraphQLOutputType, spot: FieldSlot, selections: "FieldSelections"
) -> ValueCompleter:
    """Make the closure for a type that stands at a spot."""
    if is_non_null_type(type_):
        return _non_null_completer(build_completer(type_.of_type, spot, selections), spot)
    if isinstance(type_, GraphQLObjectType):
        return _nullable_object_completer(selections.object_completer(type_, spot))
    return _nullable_completer(build_present_completer(type_, spot, selections))


def build_present_completer(
    type_: GraphQLOutputType, spot: FieldSlot, selections: "FieldSelections"
) -> ValueCompleter:
    """Make the closure for values of a nullable type that are neither null nor an error."""
    if is_list_type(type_):
        return build_list_completer(type_, spot, selections, build_completer)
    if is_leaf_type(type_):
        return _leaf_completer(type_)
    if is_abstract_type(type_):
        return _abstract_completer(type_, spot, selections)
    return selections.object_completer(cast("GraphQLObjectType", type_), spot).complete


def _non_null_completer(complete: ValueCompleter, spot: FieldSlot) -> ValueCompleter:
    field = spot.field

    def complete_non_null(
        value: Any, above: ResponsePath | None, key: str | int, run: "Execution"
    ) -> Any:
        completed = complete(value, above, key, run)
        if completed is None:
            raise TypeError(
                f"Cannot return null for non-nullable field {field.parent_type}.{field.name}."
            )
        return completed

    return complete_non_null


def _nullable_completer(complete: ValueCompleter) -> ValueCompleter:
    def complete_nullable(
        value: Any, above: ResponsePath | None, key: str | int, run: "Execution"
    ) -> Any:
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            return None
        return complete(value, above, key, run)

    return complete_nullable


def _nullable_object_completer(objects: ObjectCompleter) -> ValueCompleter:
    """Make the closure for what is usually an object of a known class."""
    complete_any, known, may_be_cast = (
        _nullable_completer(objects.complete),
        objects.known_classes,
        objects.may_be_cast,
    )

    def complete_object(
        value: Any, above: ResponsePath | None, key: str | int, run: "Execution"
    ) -> Any:
        if value.__class__ in known and (
            not may_be_cast or getattr(value, TYPE_CAST_ATTRIBUTE, None) is None
        ):
            return objects.function(value, above, key, run)
        return complete_any(value, above, key, run)

    return complete_object


def _leaf_completer(type_: GraphQLLeafType) -> ValueCompleter:
    def complete_leaf(
        value: Any, above: ResponsePath | None, key: str | int, run: "Execution"
    ) -> Any:
        return Executor.complete_leaf_value(type_, value)

    return complete_leaf


def _abstract_completer(
    type_: GraphQLAbstractType, spot: FieldSlot, selections: "FieldSelections"
) -> ValueCompleter:
    field = spot.field
    resolve_type = type_.resolve_type or default_type_resolver

    def complete_as(
        name: Any, value: Any, above: ResponsePath | None, key: str | int, run: "Execution"
    ) -> Any:
        runtime_type = run.plan.checks.ensure_valid_runtime_type(
            name, type_, field.details, build_resolve_info(run, spot, above), value
        )
        return selections.object_completer(runtime_type, spot).complete(value, above, key, run)

    def complete_abstract(
        value: Any, above: ResponsePath | None, key: str | int, run: "Execution"
    ) -> Any:
        name: Any = resolve_type(value, build_resolve_info(run, spot, above), type_)
        if optimized_is_awaitable(name):
            return run.defer(
                name,
                lambda told, above, key, run: complete_as(told, value, above, key, run),
                above,
                key,
                spot,
            )
        return complete_as(name, value, above, key, run)

    return complete_abstract
