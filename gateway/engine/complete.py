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

from gateway.engine.info import info_at
from gateway.engine.lists import list_completer
from gateway.engine.objects import Objects
from gateway.engine.places import Complete, Place, Spot

if TYPE_CHECKING:
    from gateway.engine.execute import Run
    from gateway.engine.selections import Selections


def completer(type_: GraphQLOutputType, spot: Spot, selections: "Selections") -> Complete:
    """Make the closure for a type that stands at a spot."""
    if is_non_null_type(type_):
        return _non_null(completer(type_.of_type, spot, selections), spot)
    if isinstance(type_, GraphQLObjectType):
        return _nullable_object(selections.objects(type_, spot))
    return _nullable(completer_of_present(type_, spot, selections))


def completer_of_present(
    type_: GraphQLOutputType, spot: Spot, selections: "Selections"
) -> Complete:
    """Make the closure for values of a nullable type that are neither null nor an error."""
    if is_list_type(type_):
        return list_completer(type_, spot, selections, completer)
    if is_leaf_type(type_):
        return _leaf(type_)
    if is_abstract_type(type_):
        return _abstract(type_, spot, selections)
    return selections.objects(cast("GraphQLObjectType", type_), spot).complete


def _non_null(complete: Complete, spot: Spot) -> Complete:
    field = spot.field

    def complete_non_null(value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        completed = complete(value, above, key, run)
        if completed is None:
            raise TypeError(
                f"Cannot return null for non-nullable field {field.parent_type}.{field.name}."
            )
        return completed

    return complete_non_null


def _nullable(complete: Complete) -> Complete:
    def complete_nullable(value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            return None
        return complete(value, above, key, run)

    return complete_nullable


def _nullable_object(objects: Objects) -> Complete:
    """Make the closure for what is usually an object of a known class."""
    complete_any, known, may_be_cast = (
        _nullable(objects.complete),
        objects.known,
        objects.may_be_cast,
    )

    def complete_object(value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        if value.__class__ in known and (
            not may_be_cast or getattr(value, TYPE_CAST_ATTRIBUTE, None) is None
        ):
            return objects.function(value, above, key, run)
        return complete_any(value, above, key, run)

    return complete_object


def _leaf(type_: GraphQLLeafType) -> Complete:
    def complete_leaf(value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        return Executor.complete_leaf_value(type_, value)

    return complete_leaf


def _abstract(type_: GraphQLAbstractType, spot: Spot, selections: "Selections") -> Complete:
    field = spot.field
    resolve_type = type_.resolve_type or default_type_resolver

    def complete_as(name: Any, value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        runtime_type = run.plan.rules.ensure_valid_runtime_type(
            name, type_, field.details, info_at(run, spot, above), value
        )
        return selections.objects(runtime_type, spot).complete(value, above, key, run)

    def complete_abstract(value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        name: Any = resolve_type(value, info_at(run, spot, above), type_)
        if optimized_is_awaitable(name):
            return run.later(
                name,
                lambda told, above, key, run: complete_as(told, value, above, key, run),
                above,
                key,
                spot,
            )
        return complete_as(name, value, above, key, run)

    return complete_abstract
