"""The info that resolvers receive; each part is computed when a resolver reads it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLResolveInfoHelpers,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.pyutils import Path, gather_with_cancel
from strawberry.execution import optimized_is_awaitable

from gateway.engine.run.execution import Execution
from gateway.engine.types import FieldSlot, PlanField, ResponsePath, graphql_path


class LazyResolveInfo:
    """Has the attributes of graphql-core's GraphQLResolveInfo, with Strawberry's additions."""

    __slots__ = ("_execution", "_field", "_parent", "context")

    def __init__(self, execution: Execution, field: PlanField, parent: ResponsePath | None) -> None:
        self._execution = execution
        self._field = field
        self._parent = parent
        self.context = execution.request.context

    @property
    def field_name(self) -> str:
        return self._field.name

    @property
    def field_nodes(self) -> list[FieldNode]:
        return self._field.nodes

    @property
    def return_type(self) -> GraphQLOutputType:
        return self._field.definition.type

    @property
    def parent_type(self) -> GraphQLObjectType:
        return self._field.parent_type

    @property
    def path(self) -> Path:
        return Path(graphql_path(self._parent), self._field.key, self._field.typename)

    @property
    def schema(self) -> GraphQLSchema:
        return self._execution.plan.schema

    @property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        return self._execution.plan.fragments

    @property
    def root_value(self) -> Any:
        return self._execution.request.root_value

    @property
    def operation(self) -> OperationDefinitionNode:
        return self._execution.plan.operation

    @property
    def variable_values(self) -> dict[str, Any]:
        return self._execution.variables.coerced

    @property
    def is_awaitable(self) -> Callable[[Any], bool]:
        return optimized_is_awaitable

    @property
    def abort_signal(self) -> None:
        """Always None, because a request is aborted by cancelling its task."""
        return None

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        return GraphQLResolveInfoHelpers(gather=_gather, track=self._execution.track)

    @property
    def operation_extensions(self) -> dict[str, Any] | None:
        """The `extensions` of the request."""
        return self._execution.request.operation_extensions


def build_resolve_info(
    execution: Execution, slot: FieldSlot, parent: ResponsePath | None
) -> GraphQLResolveInfo[Any]:
    """Build the info for the field of a slot; `parent` is the path of the object around it."""
    field = slot.field
    if slot is not field:  # an item: go up from its lists to the field
        while parent is not None and parent[2] is not field:
            parent = parent[0]
        parent = None if parent is None else parent[0]
    return cast("GraphQLResolveInfo[Any]", LazyResolveInfo(execution, field, parent))


def _gather(awaitables: Sequence[Awaitable[Any]]) -> Awaitable[list[Any]]:
    return gather_with_cancel(*awaitables)
