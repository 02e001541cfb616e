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

from gateway.engine.arguments import Arguments
from gateway.engine.info import FieldInfo
from gateway.engine.places import Complete, Details, Place, Spot

if TYPE_CHECKING:
    from gateway.engine.execute import Run
    from gateway.engine.plan import Plan


@dataclass(frozen=True, slots=True)
class Attribute:
    """Read from the source, as Strawberry's default resolver does."""

    name: str

    @property
    def is_plain(self) -> bool:
        """Whether it can be written behind a dot."""
        return self.name.isidentifier() and not keyword.iskeyword(self.name)


@dataclass(frozen=True, slots=True)
class Call:
    """Returned by a resolver that nothing stands in front of.

    Attributes:
        is_method: the source is the first argument.
        source_names: keywords that take the source as well.
        info_name: keyword that takes the info.
    """

    function: Callable[..., Any]
    arguments: Arguments
    is_method: bool
    source_names: tuple[str, ...]
    info_name: str | None

    @property
    def is_async(self) -> bool:
        """Whether it returns a coroutine for certain."""
        return iscoroutinefunction(self.function)


@dataclass(frozen=True, slots=True)
class Resolve:
    """Returned by the field's own resolve function: it has permissions, extensions, a hook."""

    function: Callable[..., Any]
    arguments: Arguments


Origin = Attribute | Call | Resolve


class Field(Spot):
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

    complete: Complete

    def __init__(
        self, plan: "Plan", parent_type: GraphQLObjectType, key: str, details: Details
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

    def admit(self, value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
        """Complete what was returned; what must be awaited is completed when it is there."""
        if optimized_is_awaitable(value):
            return run.later(value, self.complete, above, key, self)
        return self.complete(value, above, key, run)

    def info(self, run: "Run", above: Place | None) -> Info[Any, Any]:
        """Make the info that Strawberry's resolvers get."""
        return self._info_class(FieldInfo(run, self, above), self.strawberry)  # type: ignore[arg-type] # it has all that an info has; `cast` would cost a call for every field


def origin_of(field: Field) -> Origin:
    """Find the shortest way to a field's value that gives what its resolve function gives."""
    strawberry = field.strawberry
    if strawberry is None or not _is_as_converted(field, strawberry):
        return _resolve(field)
    if strawberry.is_basic_field:
        is_getattr = strawberry.default_resolver is getattr
        return Attribute(strawberry.python_name) if is_getattr else _resolve(field)
    resolver = strawberry.base_resolver
    if resolver is None or strawberry.extensions or not callable(resolver.wrapped_func):
        return _resolve(field)
    if resolver.is_async and not iscoroutinefunction(resolver.wrapped_func):
        return _resolve(field)
    source_names = (resolver.parent_parameter, resolver.root_parameter)
    return Call(
        function=resolver.wrapped_func,
        arguments=Arguments(field, convert_for=strawberry),
        is_method=resolver.self_parameter is not None,
        source_names=tuple(dict.fromkeys(p.name for p in source_names if p is not None)),
        info_name=None if resolver.info_parameter is None else resolver.info_parameter.name,
    )


def _resolve(field: Field) -> Resolve:
    function = field.definition.resolve or default_field_resolver
    return Resolve(function, Arguments(field, convert_for=None))


def _is_as_converted(field: Field, strawberry: StrawberryField) -> bool:
    """Whether the resolve function is Strawberry's own, around Strawberry's own field."""
    if field.plan.strawberry_schema.exception_handlers:
        return False
    function = field.definition.resolve
    return (
        getattr(function, "__module__", None) == GraphQLCoreConverter.__module__
        and not strawberry.is_subscription
        and type(strawberry).get_result is StrawberryField.get_result
    )
