"""One field of a plan: where its value comes from and what becomes of it."""

import keyword
from collections.abc import Callable
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    default_field_resolver,
    is_non_null_type,
)
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from gateway.engine.compile.arguments import ResolverArguments
from gateway.engine.run.resolve_info import LazyResolveInfo
from gateway.engine.types import FieldSlot, MergedFields, ResponsePath, ValueCompleter

if TYPE_CHECKING:
    from gateway.engine.compile.plan import PlanCompiler
    from gateway.engine.run.execution import Execution


@dataclass(frozen=True, slots=True)
class AttributeRead:
    """Read from the source, as Strawberry's default resolver does."""

    name: str

    @property
    def is_plain(self) -> bool:
        """Whether it can be written behind a dot."""
        return self.name.isidentifier() and not keyword.iskeyword(self.name)


@dataclass(frozen=True, slots=True)
class ResolverCall:
    """Returned by a resolver that nothing stands in front of.

    Attributes:
        is_method: the source is the first argument.
        source_names: keywords that take the source as well.
        info_name: keyword that takes the info.
    """

    function: Callable[..., Any]
    arguments: ResolverArguments
    is_method: bool
    source_names: tuple[str, ...]
    info_name: str | None

    @property
    def is_async(self) -> bool:
        """Whether it returns a coroutine for certain."""
        return iscoroutinefunction(self.function)


@dataclass(frozen=True, slots=True)
class ResolveFunction:
    """Returned by the field's own resolve function: it has permissions, extensions, a hook."""

    function: Callable[..., Any]
    arguments: ResolverArguments


ValueSource = AttributeRead | ResolverCall | ResolveFunction


class Field(FieldSlot):
    """A field of one object type in one plan.

    Attributes:
        key: its name in the response.
        name: its name in the schema.
        strawberry: the definition that Strawberry made it of, if any.
        complete: makes what the response has of what the resolver returned.
    """

    __slots__ = (
        "_info_class",
        "complete",
        "definition",
        "details",
        "key",
        "name",
        "parent_type",
        "plan",
        "strawberry",
    )

    complete: ValueCompleter

    def __init__(
        self, plan: "PlanCompiler", parent_type: GraphQLObjectType, key: str, details: MergedFields
    ) -> None:
        self.plan = plan
        self._info_class = plan.strawberry_schema.config.info_class
        self.parent_type = parent_type
        self.key = key
        self.details = list(details)
        self.name = details[0].node.name.value
        definition = plan.schema.get_field(parent_type, self.name)
        if definition is None:
            raise LookupError(f"{parent_type} has no field {self.name}: validate the document.")
        self.definition: GraphQLField = definition
        made_of = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        self.strawberry = made_of if isinstance(made_of, StrawberryField) else None
        super().__init__(self, parent_type.name, is_non_null=is_non_null_type(definition.type))

    def complete_or_defer(
        self, value: Any, above: ResponsePath | None, key: str | int, run: "Execution"
    ) -> Any:
        """Complete what was returned; what must be awaited is completed when it is there."""
        if optimized_is_awaitable(value):
            return run.defer(value, self.complete, above, key, self)
        return self.complete(value, above, key, run)

    def build_info(self, run: "Execution", above: ResponsePath | None) -> Info[Any, Any]:
        """Make the info that Strawberry's resolvers get."""
        return self._info_class(LazyResolveInfo(run, self, above), self.strawberry)  # type: ignore[arg-type] # it has all that an info has; `cast` would cost a call for every field


def find_value_source(field: Field) -> ValueSource:
    """Find the shortest way to a field's value that gives what its resolve function gives."""
    strawberry = field.strawberry
    if strawberry is None or not _has_strawberry_resolver(field, strawberry):
        return _resolve(field)
    if strawberry.is_basic_field:
        is_getattr = strawberry.default_resolver is getattr
        return AttributeRead(strawberry.python_name) if is_getattr else _resolve(field)
    resolver = strawberry.base_resolver
    if resolver is None or strawberry.extensions or not callable(resolver.wrapped_func):
        return _resolve(field)
    if resolver.is_async and not iscoroutinefunction(resolver.wrapped_func):
        return _resolve(field)
    source_names = (resolver.parent_parameter, resolver.root_parameter)
    return ResolverCall(
        function=resolver.wrapped_func,
        arguments=ResolverArguments(field, convert_for=strawberry),
        is_method=resolver.self_parameter is not None,
        source_names=tuple(dict.fromkeys(p.name for p in source_names if p is not None)),
        info_name=None if resolver.info_parameter is None else resolver.info_parameter.name,
    )


def _resolve(field: Field) -> ResolveFunction:
    function = field.definition.resolve or default_field_resolver
    return ResolveFunction(function, ResolverArguments(field, convert_for=None))


def _has_strawberry_resolver(field: Field, strawberry: StrawberryField) -> bool:
    """Whether the resolve function is Strawberry's own, around Strawberry's own field."""
    if field.plan.strawberry_schema.exception_handlers:
        return False
    function = field.definition.resolve
    return (
        getattr(function, "__module__", None) == GraphQLCoreConverter.__module__
        and not strawberry.is_subscription
        and type(strawberry).get_result is StrawberryField.get_result
    )
