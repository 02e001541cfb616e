"""Types that compiled plans and their execution share."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.execution import Executor
from graphql.pyutils import Path

from gateway.engine.graphql_internals import FieldDetails

MergedFields: TypeAlias = Sequence[FieldDetails]
"""The fields of one response key that are merged; all have the same name and arguments."""

ResponsePath: TypeAlias = tuple["ResponsePath | None", str | int, "FieldSlot"]
"""The path of a value in the response: its parent's path, its key or index, and its slot.

Creating one takes 40 ns, so every object of a response can have one.
"""

# The last argument of the next two is an Execution. It is typed as Any here because `run` imports
# this module.
ValueCompleter: TypeAlias = Callable[[Any, ResponsePath | None, str | int, Any], Any]
"""Returns the response's value for (resolved value, parent's path, key there, execution)."""

ItemAppender: TypeAlias = Callable[[Iterator[Any], list[Any], ResponsePath, Any], None]
"""Completes items and appends them: (items, list of the response, path of the list, execution)."""


class FieldSlot:
    """A position in a plan that response values fill: a field, or an item of a field's list.

    Attributes:
        field: the field itself, or the field that the item belongs to.
        nodes: the merged selections of the field.
        typename: the object type that has the field; None for an item.
        is_non_null: whether the value must not be null.
    """

    __slots__ = ("field", "is_non_null", "nodes", "typename")

    def __init__(self, field: "PlanField", typename: str | None, *, is_non_null: bool) -> None:
        self.field = field
        self.nodes: list[FieldNode] = [details.node for details in field.details]
        self.typename = typename
        self.is_non_null = is_non_null


class PlanField(FieldSlot):
    """A field of one object type in one plan.

    Attributes:
        key: its key in the response.
        name: its name in the schema.
    """

    __slots__ = ("definition", "details", "key", "name", "parent_type")

    key: str
    name: str
    parent_type: GraphQLObjectType
    definition: GraphQLField
    details: list[FieldDetails]


class ExecutionRequest(NamedTuple):
    """The input of one execution, without its document."""

    context: Any
    root_value: Any
    variables: dict[str, Any]
    operation_name: str | None
    operation_extensions: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled operation.

    Attributes:
        steps: run one after the other on the root value. A query has one step with all root
            fields; a mutation has one step for each root field.
        checks: an executor of graphql-core whose checks are used; it executes nothing.
    """

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    steps: Sequence[ValueCompleter]
    checks: Executor[None]


def path_keys(path: ResponsePath | None) -> list[str | int]:
    """Return the keys from the root to the value, as in the `path` of an error."""
    keys: list[str | int] = []
    while path is not None:
        keys.append(path[1])
        path = path[0]
    keys.reverse()
    return keys


def graphql_path(path: ResponsePath | None) -> Path | None:
    """Convert to graphql-core's Path."""
    from_value: list[ResponsePath] = []
    while path is not None:
        from_value.append(path)
        path = path[0]
    converted: Path | None = None
    for _, key, slot in reversed(from_value):
        converted = Path(converted, key, slot.typename)
    return converted
