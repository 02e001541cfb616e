"""Where in the response a value belongs.

A place is a linked tuple: the place above it, the key or index there, and the spot of the plan
that it fills. Making one costs 40 ns, so every object of a response can have one; the paths of
errors and of `info.path` are made of it when somebody asks.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from graphql import FieldNode
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import Path

if TYPE_CHECKING:
    from gateway.engine.compile.fields import Field
    from gateway.engine.run.execution import Execution

ResponsePath = tuple["ResponsePath | None", str | int, "FieldSlot"]


class FieldSlot:
    """A field of a plan or an item of its lists: what every value there has in common.

    Attributes:
        field: the field it belongs to, which is itself unless it is an item.
        nodes: the selections that asked for the field, merged.
        typename: the object type around a field; None around an item.
        is_non_null: whether null may not stand here.
    """

    __slots__ = ("field", "is_non_null", "nodes", "typename")

    def __init__(self, field: "Field", typename: str | None, *, is_non_null: bool) -> None:
        self.field = field
        self.nodes: list[FieldNode] = [details.node for details in field.details]
        self.typename = typename
        self.is_non_null = is_non_null


MergedFields = Sequence[FieldDetails]

# What makes the response's value of what a resolver returned, the object around it, its key there.
ValueCompleter = Callable[[Any, ResponsePath | None, str | int, "Execution"], Any]

# What appends what the response has of a list's items, which stand below a place.
ItemAppender = Callable[[Iterator[Any], list[Any], ResponsePath, "Execution"], None]


def path_keys(place: ResponsePath | None) -> list[str | int]:
    """List the keys from the root down, as an error's path has them."""
    keys: list[str | int] = []
    while place is not None:
        keys.append(place[1])
        place = place[0]
    keys.reverse()
    return keys


def graphql_path(place: ResponsePath | None) -> Path | None:
    """Link the same path that graphql-core would have made on its way down."""
    above: list[ResponsePath] = []
    while place is not None:
        above.append(place)
        place = place[0]
    path: Path | None = None
    for _, key, spot in reversed(above):
        path = Path(path, key, spot.typename)
    return path
