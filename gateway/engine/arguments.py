"""A field's arguments, coerced and converted as often as they must be and no more."""

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from graphql import FieldNode, GraphQLError, GraphQLField, VariableNode, get_argument_values
from graphql.language import Node
from strawberry.types.arguments import convert_arguments

from gateway.engine.info import FieldInfo
from gateway.engine.places import Place

if TYPE_CHECKING:
    from strawberry.types.field import StrawberryField

    from gateway.engine.execute import Run
    from gateway.engine.fields import Field

_IMMUTABLE: Final = (str, int, float, bool, type(None), Enum)


class Arguments:
    """The keyword arguments that a resolver is called with.

    Attributes:
        constant: the arguments themselves where every call may share them: they contain no
            variable, and nothing that a resolver could change.
    """

    __slots__ = ("_convert_for", "_definition", "_field", "_has_variables", "constant")

    def __init__(self, field: "Field", convert_for: "StrawberryField | None") -> None:
        self._field = field
        self._definition: GraphQLField = field.definition
        self._convert_for = convert_for
        self._has_variables = _has_variables(field.nodes[0].arguments)
        self.constant = self._constant()

    def of(self, run: "Run", above: Place | None) -> Mapping[str, Any]:
        """Return the arguments of one call. Raises what coercion raises."""
        shared = run.shared_arguments.get(self)
        if shared is not None:
            return shared
        coerced = get_argument_values(self._definition, self._node, run.variables)
        converted = self._converted(coerced, run, above)
        if _is_immutable(coerced) and _is_immutable(converted):
            run.shared_arguments[self] = converted
        return converted

    @property
    def _node(self) -> FieldNode:
        return self._field.nodes[0]

    def _constant(self) -> Mapping[str, Any] | None:
        if not self._definition.args:
            return {}
        if self._has_variables:
            return None
        try:
            coerced = get_argument_values(self._definition, self._node)
        except GraphQLError:
            return None  # every call raises it again, as an error of its own field
        if not _is_immutable(coerced):
            return None
        converted = self._converted(coerced, None, None)
        return converted if _is_immutable(converted) else None

    def _converted(
        self, coerced: dict[str, Any], run: "Run | None", above: Place | None
    ) -> Mapping[str, Any]:
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
            info=None if run is None else self._field.info(run, above),
        )


def _has_variables(part: object) -> bool:
    """Look for variables anywhere in a part of the syntax tree."""
    if isinstance(part, VariableNode):
        return True
    if isinstance(part, Node):
        return any(_has_variables(getattr(part, key)) for key in part.keys if key != "loc")
    return isinstance(part, tuple | list) and any(map(_has_variables, part))


def _is_immutable(values: Mapping[str, Any]) -> bool:
    return all(isinstance(value, _IMMUTABLE) for value in values.values())
