"""Makes what the response has of what a resolver returned: one closure for each type of a field.

Section 6.4.3 of the specification, "Value Completion". What a type can tell beforehand has been
asked when the closure is made. The messages are graphql-core's, which makes most of them itself.
"""

from collections.abc import AsyncIterable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeGuard, cast

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLLeafType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    default_type_resolver,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution import Executor
from graphql.pyutils import Undefined, is_iterable
from strawberry.execution import optimized_is_awaitable
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from gateway.engine.info import info_at
from gateway.engine.pending import discard
from gateway.engine.places import Complete, Place, Spot

if TYPE_CHECKING:
    from gateway.engine.compile import Selections
    from gateway.engine.execute import Run

_READY_LISTS: Final = (list, tuple)


def completer(type_: GraphQLOutputType, spot: Spot, selections: "Selections") -> Complete:
    """Make the closure for a type that stands at a spot."""
    if is_non_null_type(type_):
        return _non_null(_nullable(completer_of_present(type_.of_type, spot, selections)), spot)
    return _nullable(completer_of_present(type_, spot, selections))


def completer_of_present(
    type_: GraphQLOutputType, spot: Spot, selections: "Selections"
) -> Complete:
    """Make the closure for values of a nullable type that are neither null nor an error."""
    if is_list_type(type_):
        return _list(type_, spot, selections)
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


def _leaf(type_: GraphQLLeafType) -> Complete:
    def complete_leaf(value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        return Executor.complete_leaf_value(type_, value)

    return complete_leaf


def _list(type_: GraphQLList[Any], spot: Spot, selections: "Selections") -> Complete:
    field = spot.field
    receive = _items(
        type_.of_type, Spot(field, None, is_non_null=is_non_null_type(type_.of_type)), selections
    )

    def complete_list(value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        if value.__class__ not in _READY_LISTS:
            if _is_async_iterable(value):
                return run.later(_collected(value), complete_list, above, key, spot)
            if not is_iterable(value):
                raise GraphQLError(
                    "Expected Iterable, but did not find one for field"
                    f" '{field.parent_type}.{field.name}'."
                )
        items = iter(value)
        completed: list[Any] = []
        try:
            receive(items, completed, (above, key, spot), run)
        except Exception:
            _discard_rest(items)
            raise
        if run.unplaced:
            run.place(completed)
        return completed

    return complete_list


Receive = Callable[[Iterator[Any], list[Any], Place, "Run"], None]


def _items(type_: GraphQLOutputType, spot: Spot, selections: "Selections") -> Receive:
    """Make the loop over the items of a list."""
    nullable = type_.of_type if is_non_null_type(type_) else type_
    if spot.is_non_null and isinstance(nullable, GraphQLObjectType):
        return _objects_of_a_list(nullable, spot, selections)
    complete = completer(type_, spot, selections)

    def receive(items: Iterator[Any], completed: list[Any], here: Place, run: "Run") -> None:
        for index, item in enumerate(items):
            completed.append(_received(item, complete, here, index, run, spot))

    return receive


def _objects_of_a_list(type_: GraphQLObjectType, spot: Spot, selections: "Selections") -> Receive:
    """Make the loop for the usual case: objects, one after the other, of a known class."""
    objects = selections.objects(type_, spot)
    complete = _non_null(_nullable(objects.complete), spot)
    known, may_be_cast = objects.known, objects.may_be_cast

    def receive(items: Iterator[Any], completed: list[Any], here: Place, run: "Run") -> None:
        append = completed.append
        run_selections = objects.function
        for index, item in enumerate(items):
            if item.__class__ in known and (
                not may_be_cast or getattr(item, TYPE_CAST_ATTRIBUTE, None) is None
            ):
                append(run_selections(item, here, index, run))
            else:
                append(_received(item, complete, here, index, run, spot))

    return receive


def _received(
    item: Any, complete: Complete, here: Place, index: int, run: "Run", spot: Spot
) -> Any:
    try:
        if optimized_is_awaitable(item):
            return run.later(item, complete, here, index, spot)
        return complete(item, here, index, run)
    except Exception as error:  # noqa: BLE001 - any error of an item is reported there
        return run.fail(error, here, index, spot)


def _is_async_iterable(value: Any) -> TypeGuard[AsyncIterable[Any]]:
    return hasattr(value, "__aiter__")


async def _collected(items: AsyncIterable[Any]) -> list[Any]:
    return [item async for item in items]


def _discard_rest(items: Iterator[Any]) -> None:
    """Drop what nobody will await now that an item has nulled the list."""
    try:
        for item in items:
            if optimized_is_awaitable(item):
                discard(item)
    except Exception:  # noqa: BLE001, S110 - the error that ended the list is the one to report
        pass


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
