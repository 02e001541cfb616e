"""Builds the functions that complete lists: leaves all at once, objects in one loop.

Source: https://spec.graphql.org/draft/#sec-Value-Completion
"""

from collections.abc import AsyncIterable, Callable, Iterator
from typing import Any, Final, TypeAlias, TypeGuard

from graphql import (
    GraphQLError,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.pyutils import is_iterable
from strawberry.execution import optimized_is_awaitable

from gateway.engine.compile import leaves
from gateway.engine.compile.selections import FieldSelections
from gateway.engine.run.execution import Execution
from gateway.engine.run.pending import discard
from gateway.engine.types import FieldSlot, ItemAppender, ResponsePath, ValueCompleter

_READY_LISTS: Final = (list, tuple)

CompleterBuilder: TypeAlias = Callable[
    [GraphQLOutputType, FieldSlot, FieldSelections], ValueCompleter
]


def build_list_completer(
    type_: GraphQLList[Any],
    slot: FieldSlot,
    selections: FieldSelections,
    build_completer: CompleterBuilder,
) -> ValueCompleter:
    """Build the completer of a list type; `build_completer` builds that of its items."""
    item_slot = FieldSlot(slot.field, None, is_non_null=is_non_null_type(type_.of_type))
    complete_item = build_completer(type_.of_type, item_slot, selections)
    append_items = _item_appender(type_.of_type, item_slot, selections, complete_item)
    complete = _list_completer(append_items, slot)
    leaf = get_nullable_type(type_.of_type)
    need_no_coercion = leaves.list_check(leaf) if is_leaf_type(leaf) else None
    return (
        complete if need_no_coercion is None else _leaf_list_completer(need_no_coercion, complete)
    )


def _leaf_list_completer(
    need_no_coercion: Callable[[list[Any]], bool], complete: ValueCompleter
) -> ValueCompleter:
    def complete_leaves(
        value: Any, parent: ResponsePath | None, key: str | int, execution: Execution
    ) -> Any:
        if value.__class__ is list and need_no_coercion(value):
            return value.copy()
        return complete(value, parent, key, execution)

    return complete_leaves


def _list_completer(append_items: ItemAppender, slot: FieldSlot) -> ValueCompleter:
    field = slot.field

    def complete_list(
        value: Any, parent: ResponsePath | None, key: str | int, execution: Execution
    ) -> Any:
        if value.__class__ not in _READY_LISTS:
            if _is_async_iterable(value):
                return execution.defer(_collect(value), complete_list, parent, key, slot)
            if not is_iterable(value):
                raise GraphQLError(
                    "Expected Iterable, but did not find one for field"
                    f" '{field.parent_type}.{field.name}'."
                )
        items = iter(value)
        completed: list[Any] = []
        path = (parent, key, slot)
        try:
            append_items(items, completed, path, execution)
        except Exception:
            _discard_rest(items)
            raise
        if execution.unattached:
            execution.attach(path, completed)
        return completed

    return complete_list


def _item_appender(
    type_: GraphQLOutputType,
    slot: FieldSlot,
    selections: FieldSelections,
    complete: ValueCompleter,
) -> ItemAppender:
    def complete_item(
        item: Any, parent: ResponsePath | None, key: str | int, execution: Execution
    ) -> Any:
        try:
            if optimized_is_awaitable(item):
                return execution.defer(item, complete, parent, key, slot)
            return complete(item, parent, key, execution)
        except Exception as error:  # noqa: BLE001 - any error of an item is reported there
            return execution.fail(error, parent, key, slot)

    def append_items(
        items: Iterator[Any], completed: list[Any], path: ResponsePath, execution: Execution
    ) -> None:
        for index, item in enumerate(items):
            completed.append(complete_item(item, path, index, execution))

    nullable = get_nullable_type(type_)
    # The compiled loop cannot replace an item by null, so it serves only items that are non-null.
    if slot.is_non_null and isinstance(nullable, GraphQLObjectType):
        return selections.item_appender(nullable, slot, complete_item)
    return append_items


def _is_async_iterable(value: Any) -> TypeGuard[AsyncIterable[Any]]:
    return hasattr(value, "__aiter__")


async def _collect(items: AsyncIterable[Any]) -> list[Any]:
    return [item async for item in items]


def _discard_rest(items: Iterator[Any]) -> None:
    """Discard the awaitables that follow the item whose error nulled the list."""
    try:
        for item in items:
            if optimized_is_awaitable(item):
                discard(item)
    except Exception:  # noqa: BLE001, S110 - the error that ended the list is the one to report
        pass
