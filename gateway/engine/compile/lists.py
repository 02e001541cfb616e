"""Makes what the response has of lists: those of leaves at once, those of objects in one loop.

Section 6.4.3 of the specification, "Value Completion", for list types.
"""

from collections.abc import AsyncIterable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeGuard

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
from gateway.engine.run.pending import discard
from gateway.engine.types import FieldSlot, ItemAppender, ResponsePath, ValueCompleter

if TYPE_CHECKING:
    from gateway.engine.compile.selections import FieldSelections
    from gateway.engine.run.execution import Execution

_READY_LISTS: Final = (list, tuple)

CompleterBuilder = Callable[[GraphQLOutputType, FieldSlot, "FieldSelections"], ValueCompleter]


def build_list_completer(
    type_: GraphQLList[Any],
    spot: FieldSlot,
    selections: "FieldSelections",
    completer: CompleterBuilder,
) -> ValueCompleter:
    """Make the closure for lists, with the maker of closures for their items."""
    item_spot = FieldSlot(spot.field, None, is_non_null=is_non_null_type(type_.of_type))
    complete_item = completer(type_.of_type, item_spot, selections)
    receive = _item_appender(type_.of_type, item_spot, selections, complete_item)
    complete = _list_completer(receive, spot)
    leaf = get_nullable_type(type_.of_type)
    are_usual = leaves.list_check(leaf) if is_leaf_type(leaf) else None
    return complete if are_usual is None else _leaf_list_completer(are_usual, complete)


def _leaf_list_completer(
    are_usual: Callable[[list[Any]], bool], complete: ValueCompleter
) -> ValueCompleter:
    def complete_leaves(
        value: Any, above: ResponsePath | None, key: str | int, run: "Execution"
    ) -> Any:
        if value.__class__ is list and are_usual(value):
            return value.copy()
        return complete(value, above, key, run)

    return complete_leaves


def _list_completer(receive: ItemAppender, spot: FieldSlot) -> ValueCompleter:
    field = spot.field

    def complete_list(
        value: Any, above: ResponsePath | None, key: str | int, run: "Execution"
    ) -> Any:
        if value.__class__ not in _READY_LISTS:
            if _is_async_iterable(value):
                return run.defer(_collect(value), complete_list, above, key, spot)
            if not is_iterable(value):
                raise GraphQLError(
                    "Expected Iterable, but did not find one for field"
                    f" '{field.parent_type}.{field.name}'."
                )
        items = iter(value)
        completed: list[Any] = []
        here = (above, key, spot)
        try:
            receive(items, completed, here, run)
        except Exception:
            _discard_rest(items)
            raise
        if run.unattached:
            run.attach(here, completed)
        return completed

    return complete_list


def _item_appender(
    type_: GraphQLOutputType,
    spot: FieldSlot,
    selections: "FieldSelections",
    complete: ValueCompleter,
) -> ItemAppender:
    """Make the loop over the items of a list."""

    def receive_item(
        item: Any, above: ResponsePath | None, key: str | int, run: "Execution"
    ) -> Any:
        try:
            if optimized_is_awaitable(item):
                return run.defer(item, complete, above, key, spot)
            return complete(item, above, key, run)
        except Exception as error:  # noqa: BLE001 - any error of an item is reported there
            return run.fail(error, above, key, spot)

    def receive(
        items: Iterator[Any], completed: list[Any], here: ResponsePath, run: "Execution"
    ) -> None:
        for index, item in enumerate(items):
            completed.append(receive_item(item, here, index, run))

    nullable = get_nullable_type(type_)
    # Where null may stand an error ends with its item, which only receive_item can see to.
    if spot.is_non_null and isinstance(nullable, GraphQLObjectType):
        return selections.item_appender(nullable, spot, receive_item)
    return receive


def _is_async_iterable(value: Any) -> TypeGuard[AsyncIterable[Any]]:
    return hasattr(value, "__aiter__")


async def _collect(items: AsyncIterable[Any]) -> list[Any]:
    return [item async for item in items]


def _discard_rest(items: Iterator[Any]) -> None:
    """Drop what nobody will await now that an item has nulled the list."""
    try:
        for item in items:
            if optimized_is_awaitable(item):
                discard(item)
    except Exception:  # noqa: BLE001, S110 - the error that ended the list is the one to report
        pass
