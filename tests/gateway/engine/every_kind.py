"""A schema with every kind of type, whose data has nulls and errors in every position.

The number of a `Thing` decides its data, so that every execution of a document has the same data.
At some numbers a value is null, of the wrong type, an exception or an awaitable.
"""

import asyncio
import dataclasses
import enum
from collections.abc import AsyncIterator, Awaitable, Generator, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from uuid import UUID

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

T = TypeVar("T")


class ResolverError(Exception):
    """An error of a resolver, with `extensions` like a GraphQLError."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.extensions = {"code": "REFUSED"}


@strawberry.enum
class Colour(enum.Enum):
    RED = "r"
    GREEN = strawberry.enum_value("g", name="VERT")
    BLUE = 3


@strawberry.enum
class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Even(BasePermission):
    message = "Odd numbers are not permitted."

    def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:
        return source is None or source.number % 2 == 0


class EvenLater(BasePermission):
    message = "Odd numbers are not permitted, as checked later."

    async def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:
        await asyncio.sleep(0)
        return source is None or source.number % 2 == 0


class Shout(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return str(next_(source, info, **kwargs)).upper()


@strawberry.input
class Point:
    x: int
    y: int = 7
    colour: Colour | None = None
    tags: list[str] = strawberry.field(default_factory=list)


@strawberry.input
class Polygon:
    points: list[Point]
    label: str | None = strawberry.UNSET
    near: strawberry.Maybe[str]


@strawberry.interface
class Numbered:
    number: int

    @strawberry.field
    def doubled(self) -> int:
        return self.number * 2


@strawberry.interface
class Coloured:
    colour: Colour | None


@strawberry.type
class Leaf(Numbered, Coloured):
    colour: Colour | None = None
    name: str | None = None


@strawberry.type
class Stone(Numbered):
    weight: float | None = None


@strawberry.type
class Cloud:
    """Has no interfaces, so Strawberry gives it no `is_type_of`."""

    name: str
    height: float = 1.5


LeafOrCloud = Annotated[Leaf | Cloud, strawberry.union("LeafOrCloud")]


async def later(value: T | Exception, turns: int = 1) -> T:
    """Return a value, or raise it if it is an exception, after some turns of the event loop."""
    for _ in range(turns):
        await asyncio.sleep(0)
    if isinstance(value, Exception):
        raise value
    return value


class LaterAwaitable:
    """An awaitable that, unlike a coroutine, may stay unawaited."""

    def __init__(self, value: Any, turns: int = 1) -> None:
        self._arguments = value, turns

    def __await__(self) -> Generator[Any, None, Any]:
        return later(*self._arguments).__await__()


def _every(number: int, period: int, odd: Any, usual: T) -> T:
    """Return `odd` for one of `period` numbers, `usual` for the others."""
    chosen: T = odd if number % period == period - 1 else usual
    return chosen


@strawberry.type
class Scalars:
    string: str
    string_or_null: str | None
    integer: int
    integer_or_null: int | None
    number: float
    number_or_null: float | None
    truth: bool
    truth_or_null: bool | None
    id: strawberry.ID
    id_or_null: strawberry.ID | None
    day: date | None
    moment: datetime | None
    clock: time | None
    price: Decimal | None
    uuid: UUID | None
    json: JSON | None
    colour: Colour
    colour_or_null: Colour | None
    size: Size | None
    strings: list[str]
    strings_or_nulls: list[str | None] | None
    colours: list[Colour] | None
    matrix: list[list[int | None]] | None
    cube: list[list[list[int]] | None] | None


class NotAString:
    def __str__(self) -> str:
        return "odd"


def scalars(number: int) -> Scalars:
    """Create scalars, some of the wrong Python type, some that cannot be coerced."""
    wrong = [
        1,
        "1",
        1.5,
        True,
        None,
        [],
        {},
        NotAString(),
        ValueError("as a value"),
        float("nan"),
        2**40,
    ]
    odd = wrong[number % len(wrong)]
    members = dataclasses.fields(Scalars)
    usual: dict[str, Any] = {
        "string": "s",
        "string_or_null": None,
        "integer": 1,
        "integer_or_null": 2**31 - 1,
        "number": 1.5,
        "number_or_null": 3,
        "truth": True,
        "truth_or_null": False,
        "id": "id",
        "id_or_null": 7,
        "day": date(2026, 1, 31),
        "moment": datetime(2026, 1, 31, 12),  # noqa: DTZ001 - a time without a zone is a case
        "clock": time(12),
        "price": Decimal("1.50"),
        "uuid": UUID(int=number),
        "json": {"a": [1, None]},
        "colour": Colour.GREEN,
        "colour_or_null": "r",
        "size": Size.LARGE,
        "strings": ["a", "b"],
        "strings_or_nulls": ["a", None],
        "colours": [Colour.RED, Colour.BLUE],
        "matrix": [[1, None], []],
        "cube": [[[1], [2, 3]], None],
    }
    for place in range(number % 3):
        usual[members[(number * 5 + place * 7) % len(members)].name] = odd
    if number % 7 == 3:
        usual["strings"] = (text for text in ("lazily", "generated"))
        usual["matrix"] = ((1, 2), LaterAwaitable([3], number % 3))
        usual["string_or_null"] = LaterAwaitable("from an attribute")
        usual["strings_or_nulls"] = [
            LaterAwaitable("a"),
            None,
            LaterAwaitable(ResolverError("item"), 2),
            "b",
        ]
    return Scalars(**usual)


@strawberry.type
class Thing(Numbered, Coloured):
    colour: Colour | None = Colour.RED

    @strawberry.field
    def scalars(self) -> Scalars | None:
        return _every(self.number, 5, None, scalars(self.number))

    @strawberry.field
    async def scalars_later(self) -> Scalars:
        return await later(_every(self.number, 5, None, scalars(self.number)), self.number % 3)

    @strawberry.field
    def child(self, step: int = 1) -> "Thing | None":
        return _every(self.number, 4, None, Thing(number=self.number + step))

    @strawberry.field
    def sure_child(self, step: int = 3) -> "Thing":
        return _every(self.number, 9, None, Thing(number=self.number + step))

    @strawberry.field
    async def child_later(self, step: int = 1) -> "Thing | None":
        value = _every(self.number, 6, ResolverError("no child"), Thing(number=self.number + step))
        return await later(value, self.number % 4)

    @strawberry.field
    async def sure_child_later(self, step: int = 2) -> "Thing":
        value = _every(
            self.number, 7, ResolverError("no sure child"), Thing(number=self.number + step)
        )
        return await later(value, (self.number + step) % 3)

    @strawberry.field
    def children(self, count: int = 2) -> "list[Thing]":
        return [Thing(number=self.number + index) for index in range(count)]

    @strawberry.field
    def children_or_nulls(self, count: int = 3) -> "list[Thing | None] | None":
        return [
            _every(self.number + index, 5, None, Thing(number=self.number + index))
            for index in range(count)
        ]

    @strawberry.field
    async def children_later(self, count: int = 2) -> "list[Thing] | None":
        children = [
            _every(self.number + index, 8, None, Thing(number=self.number + index + 1))
            for index in range(count)
        ]
        return await later(children, self.number % 3)

    @strawberry.field
    def awaited_children(self, count: int = 3) -> "list[Thing | None]":
        return [
            later(_every(number, 5, ResolverError("item"), Thing(number=number)), number % 3)  # type: ignore[misc]
            for number in range(self.number, self.number + count)
        ]

    @strawberry.field
    def lazy_children(self) -> "list[Thing]":
        def lazily() -> Iterator[Thing]:
            yield Thing(number=self.number + 1)
            if self.number % 4 == 2:
                raise ResolverError("in the middle")
            yield Thing(number=self.number + 2)

        return lazily()  # type: ignore[return-value]

    @strawberry.field
    def no_list(self) -> list[str] | None:
        return _every(self.number, 2, "a string", 7)  # type: ignore[return-value]

    @strawberry.field
    def numbered(self) -> Numbered | None:
        return [Leaf(number=1, name="leaf"), Stone(number=2), self, None][self.number % 4]

    @strawberry.field
    async def all_numbered(self) -> list[Numbered]:
        return await later([Leaf(number=1), Stone(number=2, weight=0.5), self])

    @strawberry.field
    def coloured(self) -> Coloured:
        return _every(self.number, 3, Stone(number=1), Leaf(number=4, colour=Colour.BLUE))

    @strawberry.field
    def either(self) -> LeafOrCloud | None:
        return [Leaf(number=3), Cloud(name="c"), Stone(number=1), "neither"][self.number % 4]  # type: ignore[return-value]

    @strawberry.field
    async def both(self) -> list[LeafOrCloud]:
        return await later([Cloud(name="c"), Leaf(number=3)], 2)

    @strawberry.field
    def cloud(self) -> Cloud | None:
        return _every(self.number, 3, Cloud(name=None), Cloud(name="c"))  # type: ignore[arg-type]

    @strawberry.field
    def cast(self) -> Leaf | None:
        leaf = Leaf(number=5)
        return strawberry.cast(Stone if self.number % 2 else Leaf, leaf)

    @strawberry.field
    def fails(self) -> str | None:
        raise ResolverError("always")

    @strawberry.field
    def surely_fails(self) -> str:
        return _every(self.number, 3, ResolverError("returned"), "well")

    @strawberry.field
    async def fails_later(self) -> str | None:
        return await later(ResolverError("always, later"), self.number % 3)

    @strawberry.field
    async def surely_fails_later(self) -> str:
        return await later(_every(self.number, 3, ResolverError("sometimes, later"), "well"))

    @strawberry.field
    async def at_once(self) -> int:
        return self.number

    @strawberry.field
    def an_awaitable(self) -> str | None:
        awaitable: Awaitable[str] = later(_every(self.number, 3, ValueError("awaited"), "well"))
        return awaitable  # type: ignore[return-value]

    @strawberry.field
    def a_future(self) -> str | None:
        future = asyncio.get_running_loop().create_future()
        future.set_result("future")
        return future  # type: ignore[return-value]

    @strawberry.field
    def a_stream(self) -> list[int]:
        async def stream() -> AsyncIterator[int]:
            yield 1
            await asyncio.sleep(0)
            yield 2

        return stream()  # type: ignore[return-value]

    @strawberry.field(permission_classes=[Even])
    def permitted(self) -> int | None:
        return self.number

    @strawberry.field(permission_classes=[EvenLater])
    async def permitted_later(self, of: int = 1) -> "Thing | None":
        return Thing(number=self.number + of)

    @strawberry.field(extensions=[Shout()])
    def shouted(self, word: str = "word") -> str:
        return f"{word} {self.number}"

    @strawberry.field
    def echo(  # noqa: PLR0917 - one argument of each kind
        self,
        text: str | None = "default",
        number: float = 0.5,
        colour: Colour = Colour.RED,
        colours: list[Colour] | None = None,
        point: Point | None = None,
        shape: Polygon | None = None,
        json: JSON | None = None,
        day: date | None = None,
        ids: list[strawberry.ID] | None = None,
    ) -> str:
        return repr((text, number, colour, colours, point, shape, json, day, ids))

    @strawberry.field
    def where(self, info: strawberry.Info, depth: int = 0) -> str:
        return repr(
            (
                info.path,
                info.field_name,
                info.python_name,
                info.variable_values,
                info.selected_fields,
                info.context,
                info.root_value,
                info.input_extensions,
                info.query,
                info.operation.name and info.operation.name.value,
                str(info.return_type),
                info.get_argument_definition("depth") is not None,
                info.schema.query.__name__,
                [node.loc for node in info._raw_info.field_nodes],
                info._raw_info.parent_type,
                info._raw_info.return_type,
                sorted(info._raw_info.fragments),
            )
        )

    @strawberry.field
    def with_parent(self, parent: strawberry.Parent["Thing"]) -> int:
        return parent.number


@strawberry.field
def thing_of_root(root: Any, number: int = 1) -> Thing:
    return Thing(number=number)


@strawberry.type
class Query:
    number = strawberry.field(resolver=lambda: 4, graphql_type=int)
    of_root: Thing = thing_of_root  # type: ignore[assignment]

    @strawberry.field
    def thing(self, number: int = 0) -> Thing | None:
        return Thing(number=number)

    @strawberry.field
    async def thing_later(self, number: int = 1) -> Thing | None:
        return await later(Thing(number=number))

    @strawberry.field
    def sure_thing(self, number: int = 2) -> Thing:
        return Thing(number=number)

    @strawberry.field
    async def things(self, count: int = 2, start: int = 0) -> list[Thing] | None:
        return [Thing(number=start + index) for index in range(count)]

    @strawberry.field
    def numbered(self) -> list[Numbered | None]:
        return [Leaf(number=1), None, Stone(number=2), Thing(number=3)]


@strawberry.type
class Mutation:
    """Each field logs its start and end in the context."""

    @strawberry.mutation
    async def change(self, info: strawberry.Info, number: int = 1) -> Thing | None:
        info.context["log"].append(f"begin {number}")
        await later(None, 2)
        info.context["log"].append(f"end {number}")
        return await later(_every(number, 4, ResolverError("no change"), Thing(number=number)))

    @strawberry.mutation
    async def sure_change(self, info: strawberry.Info, number: int = 2) -> Thing:
        info.context["log"].append(f"sure {number}")
        return await later(_every(number, 4, ResolverError("no sure change"), Thing(number=number)))

    @strawberry.mutation
    def change_at_once(self, info: strawberry.Info, number: int = 3) -> Thing | None:
        info.context["log"].append(f"at once {number}")
        return Thing(number=number)


class QuietSchema(strawberry.Schema):
    """Does not log errors, of which the data has many."""

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        pass


def every_kind_schema() -> QuietSchema:
    return QuietSchema(Query, Mutation, types=[Leaf, Stone], config=StrawberryConfig())
