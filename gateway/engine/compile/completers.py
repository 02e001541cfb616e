"""Builds the function that completes the values of a type.

Source: https://spec.graphql.org/draft/#sec-Value-Completion. Error messages are graphql-core's.
"""

from typing import Any, cast

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
from gateway.engine.compile.selections import FieldSelections
from gateway.engine.run.execution import Execution
from gateway.engine.run.resolve_info import build_resolve_info
from gateway.engine.types import FieldSlot, ResponsePath, ValueCompleter


def build_completer(
    type_: GraphQLOutputType, slot: FieldSlot, selections: FieldSelections
) -> ValueCompleter:
    """Build the function that completes the values of a type, including null and errors."""
    if is_non_null_type(type_):
        return _non_null_completer(build_completer(type_.of_type, slot, selections), slot)
    if isinstance(type_, GraphQLObjectType):
        return _nullable_object_completer(selections.object_completer(type_, slot))
    return _nullable_completer(build_present_completer(type_, slot, selections))


def build_present_completer(
    type_: GraphQLOutputType, slot: FieldSlot, selections: FieldSelections
) -> ValueCompleter:
    """Build the completer of a nullable type for values that are neither null nor an error."""
    if is_list_type(type_):
        return build_list_completer(type_, slot, selections, build_completer)
    if is_leaf_type(type_):
        return _leaf_completer(type_)
    if is_abstract_type(type_):
        return _abstract_completer(type_, slot, selections)
    return selections.object_completer(cast("GraphQLObjectType", type_), slot).complete


def _non_null_completer(complete: ValueCompleter, slot: FieldSlot) -> ValueCompleter:
    field = slot.field

    def complete_non_null(
        value: Any, parent: ResponsePath | None, key: str | int, execution: Execution
    ) -> Any:
        completed = complete(value, parent, key, execution)
        if completed is None:
            raise TypeError(
                f"Cannot return null for non-nullable field {field.parent_type}.{field.name}."
            )
        return completed

    return complete_non_null


def _nullable_completer(complete: ValueCompleter) -> ValueCompleter:
    def complete_nullable(
        value: Any, parent: ResponsePath | None, key: str | int, execution: Execution
    ) -> Any:
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            return None
        return complete(value, parent, key, execution)

    return complete_nullable


def _nullable_object_completer(objects: ObjectCompleter) -> ValueCompleter:
    """Build a completer that skips all checks for objects of a known class."""
    complete_any = _nullable_completer(objects.complete)
    known_classes, may_be_cast = objects.known_classes, objects.may_be_cast

    def complete_object(
        value: Any, parent: ResponsePath | None, key: str | int, execution: Execution
    ) -> Any:
        if value.__class__ in known_classes and (
            not may_be_cast or getattr(value, TYPE_CAST_ATTRIBUTE, None) is None
        ):
            return objects.function(value, parent, key, execution)
        return complete_any(value, parent, key, execution)

    return complete_object


def _leaf_completer(type_: GraphQLLeafType) -> ValueCompleter:
    def complete_leaf(
        value: Any, parent: ResponsePath | None, key: str | int, execution: Execution
    ) -> Any:
        return Executor.complete_leaf_value(type_, value)

    return complete_leaf


def _abstract_completer(
    type_: GraphQLAbstractType, slot: FieldSlot, selections: FieldSelections
) -> ValueCompleter:
    field = slot.field
    resolve_type = type_.resolve_type or default_type_resolver

    def complete_as(
        name: Any, value: Any, parent: ResponsePath | None, key: str | int, execution: Execution
    ) -> Any:
        runtime_type = execution.plan.checks.ensure_valid_runtime_type(
            name, type_, field.details, build_resolve_info(execution, slot, parent), value
        )
        completer = selections.object_completer(runtime_type, slot)
        return completer.complete(value, parent, key, execution)

    def complete_abstract(
        value: Any, parent: ResponsePath | None, key: str | int, execution: Execution
    ) -> Any:
        name: Any = resolve_type(value, build_resolve_info(execution, slot, parent), type_)
        if optimized_is_awaitable(name):
            return execution.defer(
                name,
                lambda name, parent, key, execution: complete_as(
                    name, value, parent, key, execution
                ),
                parent,
                key,
                slot,
            )
        return complete_as(name, value, parent, key, execution)

    return complete_abstract
