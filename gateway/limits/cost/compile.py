"""Compiles an operation to an estimate of its upstream calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLCompositeType,
    GraphQLNamedType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    Undefined,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    value_from_ast_untyped,
)

from gateway.limits.cost.estimate import CostEstimate, CostStep, ListSize
from gateway.limits.cost.fields import UNCONDITIONAL, ConditionalSelections, CostField, CostFields
from schema.directives import UpstreamCalls, find_upstream_calls

# The argument of `_entities`, which returns an object for each.
_REPRESENTATIONS: Final = "representations"
_NO_CALLS: Final = UpstreamCalls()


def compile_estimate(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
) -> CostEstimate:
    """Compile the estimate of an operation, in time linear in its number of selections."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return CostEstimate((), (), {})
    compiler = _Compiler(CostFields(schema, fragments))
    selections = [(root, operation.selection_set, UNCONDITIONAL)]
    steps = compiler.compile(selections, (_Level(root),))
    return CostEstimate(steps, sorted(compiler.variable_names), _default_values(operation))


@dataclass(frozen=True, slots=True)
class _Level:
    """The objects at one depth of the response.

    Attributes:
        page_size: the length of the lists in a page; None if the type is not a page.
        counted: the names of shared calls that are counted already.
    """

    type: GraphQLCompositeType
    page_size: ListSize | None = None
    counted: set[str] = field(default_factory=set)


class _Compiler:
    """Compiles one operation.

    Attributes:
        variable_names: the variables on which the estimate depends.
    """

    def __init__(self, fields: CostFields) -> None:
        self._fields = fields
        self.variable_names: set[str] = set()

    def compile(
        self, selections: ConditionalSelections, path: tuple[_Level, ...]
    ) -> tuple[CostStep, ...]:
        """Compile the fields of the path's last level, except those without upstream calls."""
        steps = (self._compile_field(field, path) for field in self._fields.merge(selections))
        return tuple(step for step in steps if step.calls or step.below)

    def _compile_field(self, field: CostField, path: tuple[_Level, ...]) -> CostStep:
        declared = _declared_calls(field)
        type_ = get_named_type(field.definition.type)
        per = _depth_of(declared.per or (), path)
        conditions = () if UNCONDITIONAL in field.conditions else tuple(field.conditions)
        calls = 0 if self._is_counted(declared, path[per], conditions) else declared.calls
        below = self._compile_below(field, type_, path, self._page_size(field, declared))
        if calls or below:
            self.variable_names |= {name for each in conditions for name, _ in each}
        node = field.nodes[0]
        return CostStep(
            key=(node.alias or node.name).value,
            calls=calls,
            max_calls=declared.at_most or declared.calls,
            per=per,
            returns_level=type_ is path[per].type and bool(declared.per),
            size=self._list_size(field, declared, path[-1]),
            conditions=conditions,
            below=below,
        )

    def _compile_below(
        self,
        field: CostField,
        type_: GraphQLNamedType,
        path: tuple[_Level, ...],
        page_size: ListSize | None,
    ) -> tuple[CostStep, ...]:
        if not is_composite_type(type_):
            return ()
        selections = [
            (type_, node.selection_set, UNCONDITIONAL) for node in field.nodes if node.selection_set
        ]
        return self.compile(selections, (*path, _Level(type_, page_size)))

    def _is_counted(
        self, declared: UpstreamCalls, level: _Level, conditions: Sequence[Any]
    ) -> bool:
        """Whether another field has the same calls. Calls of a conditional field are not shared."""
        if not declared.shared or conditions:
            return False
        is_counted = declared.shared in level.counted
        level.counted.add(declared.shared)
        return is_counted

    def _list_size(self, field: CostField, declared: UpstreamCalls, parent: _Level) -> ListSize:
        """Return how many objects a field returns for each parent."""
        if not is_list_type(get_nullable_type(field.definition.type)):
            return _constant_size(1)
        representations = _argument(field.nodes[0], _REPRESENTATIONS)
        if isinstance(representations, VariableNode):
            self.variable_names.add(representations.name.value)
            return _variable_length(representations.name.value)
        if isinstance(representations, ListValueNode):
            return _constant_size(len(representations.values))
        return parent.page_size or _constant_size(declared.size or 1)

    def _page_size(self, field: CostField, declared: UpstreamCalls) -> ListSize | None:
        """Return the size of a page from the argument `first`; None for a field without it."""
        first = field.definition.args.get("first")
        if first is None:
            return None
        maximum = declared.size or None
        default = 1 if first.default_value is Undefined else first.default_value
        value = _argument(field.nodes[0], "first")
        if isinstance(value, VariableNode):
            self.variable_names.add(value.name.value)
            return _variable_size(value.name.value, default, maximum)
        size = int(value.value) if isinstance(value, IntValueNode) else default
        return _constant_size(_limit_size(size, default, maximum))


def _declared_calls(field: CostField) -> UpstreamCalls:
    definition = field.definition.extensions.get("strawberry-definition")
    return find_upstream_calls(getattr(definition, "directives", ())) or _NO_CALLS


def _depth_of(types: Sequence[str], path: tuple[_Level, ...]) -> int:
    """Return the depth of the nearest level with one of these types, else of the last level."""
    nearest = (depth for depth in range(len(path) - 1, -1, -1) if path[depth].type.name in types)
    return next(nearest, len(path) - 1)


def _argument(node: FieldNode, name: str) -> Any:
    return next((a.value for a in node.arguments or () if a.name.value == name), None)


def _limit_size(value: object, default: int, maximum: int | None) -> int:
    """Return the size for a value of `first`; invalid values are rejected by the field later."""
    size = value if isinstance(value, int) and value > 0 else default
    return size if maximum is None else min(size, maximum)


def _constant_size(size: int) -> ListSize:
    return lambda _variables: size


def _variable_size(name: str, default: int, maximum: int | None) -> ListSize:
    return lambda variables: _limit_size(variables.get(name), default, maximum)


def _variable_length(name: str) -> ListSize:
    def length(variables: Mapping[str, Any]) -> int:
        value = variables.get(name)
        return len(value) if isinstance(value, list | range) else 1

    return length


def _default_values(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }
