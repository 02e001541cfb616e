"""The fields of a plan, and how the value of each is obtained."""

import keyword
from collections.abc import Callable
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    default_field_resolver,
    is_non_null_type,
)
from strawberry.execution import optimized_is_awaitable
from strawberry.schema import Schema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from gateway.engine.compile.arguments import ResolverArguments
from gateway.engine.graphql_internals import unwrap_schema
from gateway.engine.run.execution import Execution
from gateway.engine.run.resolve_info import LazyResolveInfo
from gateway.engine.types import MergedFields, PlanField, ResponsePath, ValueCompleter


@dataclass(frozen=True, slots=True)
class AttributeRead:
    """Takes a field's value from an attribute of the source object, as by default."""

    name: str

    @property
    def is_plain(self) -> bool:
        """Whether the attribute's name can follow a dot in Python code."""
        return self.name.isidentifier() and not keyword.iskeyword(self.name)


@dataclass(frozen=True, slots=True)
class ResolverCall:
    """Takes a field's value from a direct call of its resolver.

    Attributes:
        is_method: whether the source object is the first positional argument.
        source_names: the keyword arguments that receive the source object too.
        info_name: the keyword argument that receives the info, if any.
    """

    function: Callable[..., Any]
    arguments: ResolverArguments
    is_method: bool
    source_names: tuple[str, ...]
    info_name: str | None

    @property
    def is_async(self) -> bool:
        """Whether the resolver always returns a coroutine."""
        return iscoroutinefunction(self.function)


@dataclass(frozen=True, slots=True)
class ResolveFunction:
    """Takes a field's value from its resolve function.

    This supports permissions, extensions and exception handlers.
    """

    function: Callable[..., Any]
    arguments: ResolverArguments


ValueSource: TypeAlias = AttributeRead | ResolverCall | ResolveFunction


class Field(PlanField):
    """A field that is being compiled.

    Attributes:
        strawberry: Strawberry's definition of the field, if it has one.
        complete: completes the resolved value; set by the code generator.
    """

    __slots__ = ("_info_class", "complete", "schema", "strawberry")

    complete: ValueCompleter

    def __init__(
        self, schema: Schema, parent_type: GraphQLObjectType, key: str, fields: MergedFields
    ) -> None:
        self.schema = schema
        self._info_class = schema.config.info_class
        self.parent_type = parent_type
        self.key = key
        self.details = list(fields)
        self.name = fields[0].node.name.value
        definition = unwrap_schema(schema).get_field(parent_type, self.name)
        if definition is None:
            raise LookupError(f"{parent_type} has no field {self.name}. Validate the document.")
        self.definition: GraphQLField = definition
        origin = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        self.strawberry = origin if isinstance(origin, StrawberryField) else None
        super().__init__(self, parent_type.name, is_non_null=is_non_null_type(definition.type))

    def complete_or_defer(
        self, value: Any, parent: ResponsePath | None, key: str | int, execution: Execution
    ) -> Any:
        """Complete a resolved value, or return a placeholder if it must be awaited."""
        if optimized_is_awaitable(value):
            return execution.defer(value, self.complete, parent, key, self)
        return self.complete(value, parent, key, execution)

    def build_info(self, execution: Execution, parent: ResponsePath | None) -> Info[Any, Any]:
        """Build Strawberry's info for a resolver."""
        return self._info_class(LazyResolveInfo(execution, self, parent), self.strawberry)  # type: ignore[arg-type] # it has all attributes of an info; `cast` would cost a call for every field


def find_value_source(field: Field) -> ValueSource:
    """Return the fastest way to get the value that the field's resolve function would return."""
    strawberry = field.strawberry
    if strawberry is None or not _has_strawberry_resolver(field, strawberry):
        return _resolve_function(field)
    if strawberry.is_basic_field:
        is_getattr = strawberry.default_resolver is getattr
        return AttributeRead(strawberry.python_name) if is_getattr else _resolve_function(field)
    resolver = strawberry.base_resolver
    if resolver is None or strawberry.extensions or not callable(resolver.wrapped_func):
        return _resolve_function(field)
    if resolver.is_async and not iscoroutinefunction(resolver.wrapped_func):
        return _resolve_function(field)
    source_names = (resolver.parent_parameter, resolver.root_parameter)
    return ResolverCall(
        function=resolver.wrapped_func,
        arguments=ResolverArguments(field.schema, field, strawberry, field.build_info),
        is_method=resolver.self_parameter is not None,
        source_names=tuple(dict.fromkeys(p.name for p in source_names if p is not None)),
        info_name=None if resolver.info_parameter is None else resolver.info_parameter.name,
    )


def _resolve_function(field: Field) -> ResolveFunction:
    function = field.definition.resolve or default_field_resolver
    return ResolveFunction(function, ResolverArguments(field.schema, field, None, field.build_info))


def _has_strawberry_resolver(field: Field, strawberry: StrawberryField) -> bool:
    """Whether the resolve function is exactly the one that Strawberry builds by default."""
    if field.schema.exception_handlers:
        return False
    function = field.definition.resolve
    return (
        getattr(function, "__module__", None) == GraphQLCoreConverter.__module__
        and not strawberry.is_subscription
        and type(strawberry).get_result is StrawberryField.get_result
    )
