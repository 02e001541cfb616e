"""What a resolver may know of its field, found out only when it asks."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

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

from gateway.engine.types import FieldSlot, ResponsePath, graphql_path

if TYPE_CHECKING:
    from gateway.engine.compile.fields import Field
    from gateway.engine.run.execution import Execution


class LazyResolveInfo:
    """Has the attributes of graphql-core's GraphQLResolveInfo, as Strawberry extends it."""

    __slots__ = ("_above", "_field", "_run", "context")

    def __init__(self, run: "Execution", field: "Field", above: ResponsePath | None) -> None:
        self._run = run
        self._field = field
        self._above = above
        self.context = run.request.context

    @property
    def field_name(self) -> str:
        """The field's name in the schema."""
        return self._field.name

    @property
    def field_nodes(self) -> list[FieldNode]:
        """The selections that asked for the field, merged."""
        return self._field.nodes

    @property
    def return_type(self) -> GraphQLOutputType:
        """The field's type in the schema."""
        return self._field.definition.type

    @property
    def parent_type(self) -> GraphQLObjectType:
        """The object type around the field."""
        return self._field.parent_type

    @property
    def path(self) -> Path:
        """Where the field is in the response."""
        return Path(graphql_path(self._above), self._field.key, self._field.typename)

    @property
    def schema(self) -> GraphQLSchema:
        """The schema that is executed."""
        return self._field.plan.schema

    @property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """The document's fragments by name."""
        return self._field.plan.fragment_definitions

    @property
    def root_value(self) -> Any:
        """What the root fields are resolved on."""
        return self._run.request.root_value

    @property
    def operation(self) -> OperationDefinitionNode:
        """The operation that is executed."""
        return self._field.plan.operation

    @property
    def variable_values(self) -> dict[str, Any]:
        """The operation's variables, coerced."""
        return self._run.variables.coerced

    @property
    def is_awaitable(self) -> Callable[[Any], bool]:
        """The test for what must be awaited."""
        return optimized_is_awaitable

    @property
    def abort_signal(self) -> None:
        """None: a request is ended by cancelling its task."""
        return None

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """Helpers for resolvers that await several things at once."""
        return GraphQLResolveInfoHelpers(gather=_gather, track=self._run.track)

    @property
    def operation_extensions(self) -> dict[str, Any] | None:
        """The `extensions` that came with the request."""
        return self._run.request.operation_extensions


def build_resolve_info(
    run: "Execution", spot: FieldSlot, above: ResponsePath | None
) -> GraphQLResolveInfo[Any]:
    """Make the info of a field for something that stands at its spot, or in its lists."""
    field = spot.field
    if spot is not field:
        while above is not None and above[2] is not field:
            above = above[0]
        above = None if above is None else above[0]
    return cast("GraphQLResolveInfo[Any]", LazyResolveInfo(run, field, above))


def _gather(awaitables: Sequence[Awaitable[Any]]) -> Awaitable[list[Any]]:
    return gather_with_cancel(*awaitables)
