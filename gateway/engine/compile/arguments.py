"""A field's arguments, coerced and converted as often as they must be and no more."""

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    GraphQLError,
    GraphQLField,
    VariableNode,
    get_argument_values,
    is_non_null_type,
)
from graphql.language import Node
from strawberry.relay import GlobalID
from strawberry.schema import Schema
from strawberry.schema.compat import is_scalar
from strawberry.types.arguments import StrawberryArgument, convert_arguments
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition

from gateway.engine.types import ResponsePath

if TYPE_CHECKING:
    from strawberry.types.field import StrawberryField

    from gateway.engine.compile.fields import Field
    from gateway.engine.run.execution import Execution

_IMMUTABLE: Final = (str, int, float, bool, type(None), Enum)
_MISSING: Final = object()


class ResolverArguments:
    """The keyword arguments that a resolver is called with.

    Attributes:
        constant: the arguments themselves where every call may share them: they contain no
            variable, and nothing that a resolver could change.
    """

    __slots__ = ("_convert_for", "_definition", "_direct_variables", "_field", "_fixed", "constant")

    def __init__(self, field: "Field", convert_for: "StrawberryField | None") -> None:
        self._field = field
        self._definition: GraphQLField = field.definition
        self._convert_for = convert_for
        self._direct_variables: dict[str, tuple[str, bool]] | None = self._find_direct_variables()
        self._fixed: dict[str, Any] | None = None
        self.constant = self._constant()

    def get(self, run: "Execution", above: ResponsePath | None) -> Mapping[str, Any]:
        """Return the arguments of one call. Raises what coercion raises."""
        shared = run.shared_arguments.get(self)
        if shared is not None:
            return shared
        return self._from_variables(run) or self._coerce(run, above)

    def _from_variables(self, run: "Execution") -> Mapping[str, Any] | None:
        """Add variables to what is the same in every request; None where that is not all."""
        if self._fixed is None or self._direct_variables is None:
            return None
        arguments = self._fixed.copy()
        for name, (variable, is_nullable) in self._direct_variables.items():
            value = run.variables.coerced.get(variable, _MISSING)
            if not isinstance(value, _IMMUTABLE) or (value is None and not is_nullable):
                return None
            arguments[name] = value
        run.shared_arguments[self] = arguments
        return arguments

    def _coerce(self, run: "Execution", above: ResponsePath | None) -> Mapping[str, Any]:
        coerced = get_argument_values(self._definition, self._field.nodes[0], run.variables)
        converted = self._convert(coerced, run, above)
        if _is_immutable(coerced) and _is_immutable(converted):
            run.shared_arguments[self] = converted
            if self._direct_variables is not None:
                fixed = converted.items()
                self._fixed = {name: v for name, v in fixed if name not in self._direct_variables}
        return converted

    def _constant(self) -> Mapping[str, Any] | None:
        if not self._definition.args:
            return {}
        if _has_variables(self._field.nodes[0].arguments):
            return None
        try:
            coerced = get_argument_values(self._definition, self._field.nodes[0])
        except GraphQLError:
            return None  # every call raises it again, as an error of its own field
        if not _is_immutable(coerced):
            return None
        converted = self._convert(coerced, None, None)
        return converted if _is_immutable(converted) else None

    def _find_direct_variables(self) -> dict[str, tuple[str, bool]] | None:
        """Map the names that resolvers know to variables that reach them unchanged.

        None where a variable is inside of a value, or is converted on its way.
        """
        passed: dict[str, tuple[str, bool]] = {}
        for node in self._field.nodes[0].arguments or ():
            if not _has_variables(node.value):
                continue
            name = self._name_unless_converted(node.name.value)
            if name is None or not isinstance(node.value, VariableNode):
                return None
            is_nullable = not is_non_null_type(self._definition.args[node.name.value].type)
            passed[name] = (node.value.name.value, is_nullable)
        return passed

    def _name_unless_converted(self, name: str) -> str | None:
        if self._convert_for is None:
            return self._definition.args[name].out_name or name
        schema = self._field.plan.strawberry_schema
        for argument in self._convert_for.arguments:
            if schema.config.name_converter.from_argument(argument) == name:
                return argument.python_name if _is_passed_unchanged(argument, schema) else None
        return None

    def _convert(
        self, coerced: dict[str, Any], run: "Execution | None", above: ResponsePath | None
    ) -> dict[str, Any]:
        """Make Strawberry's input objects of dictionaries, and Python names of GraphQL's."""
        if self._convert_for is None:
            return coerced
        schema = self._field.plan.strawberry_schema
        return convert_arguments(
            coerced,
            self._convert_for.arguments,
            schema.schema_converter.scalar_registry,
            schema.config,
            # Only input types with a `from_input` of their own look at it.
            info=None if run is None else self._field.build_info(run, above),
        )


def _is_passed_unchanged(argument: StrawberryArgument, schema: Schema) -> bool:
    """Whether Strawberry hands the coerced value of an argument on unchanged."""
    type_ = argument.type
    if isinstance(type_, StrawberryMaybe):
        return False
    if isinstance(type_, StrawberryOptional):
        type_ = type_.of_type
    if isinstance(type_, StrawberryEnumDefinition):
        return True
    return type_ is not GlobalID and is_scalar(type_, schema.schema_converter.scalar_registry)


def _has_variables(part: object) -> bool:
    """Look for variables anywhere in a part of the syntax tree."""
    if isinstance(part, VariableNode):
        return True
    if isinstance(part, Node):
        return any(_has_variables(getattr(part, key)) for key in part.keys if key != "loc")
    return isinstance(part, tuple | list) and any(map(_has_variables, part))


def _is_immutable(values: Mapping[str, Any]) -> bool:
    return all(isinstance(value, _IMMUTABLE) for value in values.values())
