"""Makes what the response has of what a resolver returned: one closure for each type of a field.

Section 6.4.3 of the specification, "Value Completion". What a type can tell beforehand has been
asked when the closure is made. The messages are graphql-core's, which makes most of them itself.
"""

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeGuard

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
from graphql.execution.executor import invalid_return_type_error
from graphql.pyutils import Undefined, is_iterable
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from gateway.engine.info import FieldInfo
from gateway.engine.pending import discard
from gateway.engine.places import Place, Spot

if TYPE_CHECKING:
    from gateway.engine.compile import Selections
    from gateway.engine.execute import Run

Complete = Callable[[Any, "Place | None", "str | int", "Run"], Any]

_READY_LISTS: Final = (list, tuple)


def completer(type_: GraphQLOutputType, spot: Spot, selections: "Selections") -> Complete:
    """Make the closure for a type that stands at a spot."""
    if is_non_null_type(type_):
        return _non_null(_nullable(type_.of_type, spot, selections), spot)
    return _nullable(type_, spot, selections)


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


def _nullable(type_: GraphQLOutputType, spot: Spot, selections: "Selections") -> Complete:
    complete = _present(type_, spot, selections)

    def complete_nullable(value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            return None
        return complete(value, above, key, run)

    return complete_nullable


def _present(type_: GraphQLOutputType, spot: Spot, selections: "Selections") -> Complete:
    if is_list_type(type_):
        return _list(type_, spot, selections)
    if is_leaf_type(type_):
        return _leaf(type_)
    if is_abstract_type(type_):
        return _abstract(type_, spot, selections)
    assert isinstance(type_, GraphQLObjectType)
    return selections.objects(type_, spot).complete


def _leaf(type_: GraphQLLeafType) -> Complete:
    def complete_leaf(value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        return Executor.complete_leaf_value(type_, value)

    return complete_leaf


def _list(type_: GraphQLList[Any], spot: Spot, selections: "Selections") -> Complete:
    field = spot.field
    receive = _items(type_.of_type, Spot(field, None, is_non_null=is_non_null_type(type_.of_type)), selections)

    def complete_list(
        value: Any, above: Place | None, key: str | int, run: "Run"
    ) -> Any:
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


def _objects_of_a_list(
    type_: GraphQLObjectType, spot: Spot, selections: "Selections"
) -> Receive:
    """Make the loop for the usual case: objects, one after the other, of a known class."""
    objects = selections.objects(type_, spot)
    complete = _non_null(_nullable(type_, spot, selections), spot)
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
                run_selections = objects.function

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


class Objects:
    """The objects of one type at one spot.

    Attributes:
        known: classes whose instances were found to be objects of the type.
        may_be_cast: whether an instance may say for itself what type it is of.
        function: runs the selections on one object; compiled when the first comes.
    """

    __slots__ = ("_is_type_of", "_spot", "_type", "function", "known", "may_be_cast")

    def __init__(self, type_: GraphQLObjectType, spot: Spot, function: Complete) -> None:
        self._type = type_
        self._spot = spot
        self._is_type_of = type_.is_type_of
        self.may_be_cast = type_.is_type_of is not None
        self.known = _known_beforehand(type_)
        self.function = function

    def complete(self, value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        """Run the selections on a value that is an object of the type."""
        if self._is_type_of is not None:
            info = FieldInfo(run, self._spot.field, _above_field(above, self._spot))
            verdict = self._is_type_of(value, info)  # type: ignore[arg-type] # has the same attributes
            if optimized_is_awaitable(verdict):
                return run.later(verdict, self._told(value), above, key, self._spot)
            self._check(verdict, value)
        if self._may_know(value):
            self.known.add(value.__class__)
        return self.function(value, above, key, run)

    def _told(self, value: Any) -> Complete:
        def complete_told(verdict: bool, above: Place | None, key: str | int, run: "Run") -> Any:
            self._check(verdict, value)
            return self.function(value, above, key, run)

        return complete_told

    def _check(self, verdict: Any, value: Any) -> None:
        if not verdict:
            raise invalid_return_type_error(self._type, value, self._spot.field.details)

    def _may_know(self, value: Any) -> bool:
        """Whether the value's class alone says that it is an object of the type."""
        if hasattr(value, "__await__") or not _tells_by_class(self._type):
            return False
        return not self.may_be_cast or getattr(value, TYPE_CAST_ATTRIBUTE, None) is None


def _known_beforehand(type_: GraphQLObjectType) -> set[type]:
    """Name the class that Strawberry made the type of, whose instances are objects of the type."""
    definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryObjectDefinition) or not _tells_by_class(type_):
        return set()
    is_ordinary = not issubclass(definition.origin, Exception)
    is_ordinary &= not hasattr(definition.origin, "__await__")
    return {definition.origin} if is_ordinary else set()


def _tells_by_class(type_: GraphQLObjectType) -> bool:
    """Whether there is no test of the type's own; Strawberry's looks at class and cast alone."""
    if type_.is_type_of is None:
        return True
    definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return (
        isinstance(definition, StrawberryObjectDefinition)
        and definition.is_type_of is None
        and getattr(type_.is_type_of, "__module__", None) == GraphQLCoreConverter.__module__
    )


def _abstract(type_: GraphQLAbstractType, spot: Spot, selections: "Selections") -> Complete:
    field = spot.field
    resolve_type = type_.resolve_type or default_type_resolver

    def complete_as(
        name: Any, value: Any, above: Place | None, key: str | int, run: "Run"
    ) -> Any:
        info = FieldInfo(run, field, _above_field(above, spot))
        runtime_type = run.plan.rules.ensure_valid_runtime_type(
            name, type_, field.details, info, value
        )
        return selections.objects(runtime_type, spot).complete(value, above, key, run)

    def complete_abstract(value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        info = FieldInfo(run, field, _above_field(above, spot))
        name = resolve_type(value, info, type_)
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


def _above_field(above: Place | None, spot: Spot) -> Place | None:
    """Climb from an item out of its lists to the object around the field."""
    field = spot.field
    if spot is field:
        return above
    while above is not None and above[2] is not field:
        above = above[0]
    return None if above is None else above[0]
