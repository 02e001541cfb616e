"""The arguments of a resolver; they are coerced as rarely as possible.

Arguments without variables are coerced when the plan is compiled, other immutable ones once an
execution, and only the rest for every call.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

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
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from gateway.engine.run.execution import Execution
from gateway.engine.types import PlanField, ResponsePath

_IMMUTABLE: Final = (str, int, float, bool, type(None), Enum)
_MISSING: Final = object()


class ResolverArguments:
    """Computes the keyword arguments of a resolver.

    Args:
        schema: the schema, whose scalars and names apply.
        field: the field.
        convert_for: the definition for which Strawberry converts coerced values to its own input
            types; None for a resolve function, which does that itself.
        build_info: builds the info for input types with a `from_input` of their own.

    Attributes:
        constant: the arguments, if they contain no variable and are immutable; else None.
    """

    __slots__ = (
        "_build_info",
        "_convert_for",
        "_definition",
        "_direct_variables",
        "_field",
        "_fixed",
        "_schema",
        "constant",
    )

    def __init__(
        self,
        schema: Schema,
        field: PlanField,
        convert_for: StrawberryField | None,
        build_info: Callable[[Execution, ResponsePath | None], Info[Any, Any]],
    ) -> None:
        self._schema = schema
        self._field = field
        self._definition: GraphQLField = field.definition
        self._convert_for = convert_for
        self._build_info = build_info
        self._direct_variables = self._find_direct_variables()
        self._fixed: dict[str, Any] | None = None
        self.constant = self._find_constant()

    def get(self, execution: Execution, parent: ResponsePath | None) -> Mapping[str, Any]:
        """Return the keyword arguments of one call. Raises GraphQLError if one is invalid."""
        shared = execution.shared_arguments.get(self)
        if shared is not None:
            return shared
        return self._from_variables(execution) or self._coerce(execution, parent)

    def _from_variables(self, execution: Execution) -> Mapping[str, Any] | None:
        """Insert variables that need no conversion; None if others are needed too."""
        if self._fixed is None or self._direct_variables is None:
            return None
        arguments = self._fixed.copy()
        for name, (variable, is_nullable) in self._direct_variables.items():
            value = execution.variables.coerced.get(variable, _MISSING)
            if not isinstance(value, _IMMUTABLE) or (value is None and not is_nullable):
                return None
            arguments[name] = value
        execution.shared_arguments[self] = arguments
        return arguments

    def _coerce(self, execution: Execution, parent: ResponsePath | None) -> Mapping[str, Any]:
        coerced = get_argument_values(self._definition, self._field.nodes[0], execution.variables)
        converted = self._convert(coerced, execution, parent)
        if _is_immutable(coerced) and _is_immutable(converted):
            execution.shared_arguments[self] = converted
            if self._direct_variables is not None:
                direct = self._direct_variables
                self._fixed = {name: v for name, v in converted.items() if name not in direct}
        return converted

    def _find_constant(self) -> Mapping[str, Any] | None:
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
        """Map the resolver's argument names to (variable, whether the argument is nullable).

        None if a variable is part of a larger value or is converted.
        """
        direct: dict[str, tuple[str, bool]] = {}
        for node in self._field.nodes[0].arguments or ():
            if not _has_variables(node.value):
                continue
            name = self._name_unless_converted(node.name.value)
            if name is None or not isinstance(node.value, VariableNode):
                return None
            is_nullable = not is_non_null_type(self._definition.args[node.name.value].type)
            direct[name] = (node.value.name.value, is_nullable)
        return direct

    def _name_unless_converted(self, name: str) -> str | None:
        """Return the resolver's name of an argument; None if its value is converted."""
        if self._convert_for is None:
            return self._definition.args[name].out_name or name
        for argument in self._convert_for.arguments:
            if self._schema.config.name_converter.from_argument(argument) == name:
                is_unchanged = _is_passed_unchanged(argument, self._schema)
                return argument.python_name if is_unchanged else None
        return None

    def _convert(
        self, coerced: dict[str, Any], execution: Execution | None, parent: ResponsePath | None
    ) -> dict[str, Any]:
        """Convert dictionaries to Strawberry's input objects, and names to Python's."""
        if self._convert_for is None:
            return coerced
        return convert_arguments(
            coerced,
            self._convert_for.arguments,
            self._schema.schema_converter.scalar_registry,
            self._schema.config,
            info=None if execution is None else self._build_info(execution, parent),
        )


def _is_passed_unchanged(argument: StrawberryArgument, schema: Schema) -> bool:
    """Whether Strawberry passes the coerced value of an argument to the resolver unchanged."""
    type_ = argument.type
    if isinstance(type_, StrawberryMaybe):
        return False
    if isinstance(type_, StrawberryOptional):
        type_ = type_.of_type
    if isinstance(type_, StrawberryEnumDefinition):
        return True
    return type_ is not GlobalID and is_scalar(type_, schema.schema_converter.scalar_registry)


def _has_variables(part: object) -> bool:
    """Whether a part of the syntax tree contains a variable at any level."""
    if isinstance(part, VariableNode):
        return True
    if isinstance(part, Node):
        return any(_has_variables(getattr(part, key)) for key in part.keys if key != "loc")
    return isinstance(part, tuple | list) and any(map(_has_variables, part))


def _is_immutable(values: Mapping[str, Any]) -> bool:
    return all(isinstance(value, _IMMUTABLE) for value in values.values())
