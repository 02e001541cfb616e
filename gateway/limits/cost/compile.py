"""From an operation to its estimate: what costs nothing is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLCompositeType,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    Undefined,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    value_from_ast_untyped,
)

from gateway.limits.cost.estimate import CostEstimate, CostStep, Size
from gateway.limits.cost.fields import CostField, CostFields
from schema.cost import UpstreamCalls, find_upstream_calls

_NOTHING: Final = UpstreamCalls()


def compile_estimate(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
) -> CostEstimate:
    """Compile an operation of a valid document; linear in what it selects."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return CostEstimate((), (), {})
    compiler = _Compiler(CostFields(schema, fragments))
    level = [(root, operation.selection_set, frozenset[tuple[str, bool]]())]
    steps = compiler.steps(level, (_Level(root),))
    return CostEstimate(steps, sorted(compiler.names), _defaults(operation))


@dataclass(frozen=True, slots=True)
class _Level:
    """The objects at one depth.

    Attributes:
        page: how many items their lists have; as declared where they are no page.
        shared: what has been counted for them already.
    """

    type: GraphQLCompositeType
    page: Size | None = None
    shared: set[str] = field(default_factory=set)


class _Compiler:
    """Compiles one operation.

    Attributes:
        names: the variables that steps depend on.
    """

    def __init__(self, selections: CostFields) -> None:
        self._selections = selections
        self.names: set[str] = set()

    def steps(self, level: Any, path: tuple[_Level, ...]) -> tuple[CostStep, ...]:
        """Compile the fields of a level; the path ends with it."""
        found = (self._step(selected, path) for selected in self._selections.merged(level))
        return tuple(step for step in found if step.calls or step.below)

    def _step(self, selected: CostField, path: tuple[_Level, ...]) -> CostStep:
        cost = _cost(selected)
        named = get_named_type(selected.definition.type)
        per = _depth_of(cost.per or (), path)
        conditions = () if frozenset() in selected.conditions else tuple(selected.conditions)
        calls = 0 if self._is_counted(cost, path[per], conditions) else cost.calls
        below = self._below(selected, named, path, self._page(selected, cost))
        if calls or below:
            self.names |= {name for each in conditions for name, _ in each}
        node = selected.nodes[0]
        return CostStep(
            key=(node.alias or node.name).value,
            calls=calls,
            at_most=cost.at_most or cost.calls,
            per=per,
            returns_level=named is path[per].type and bool(cost.per),
            size=_size(selected, cost, path[-1]),
            conditions=conditions,
            below=below,
        )

    def _below(
        self, selected: CostField, named: Any, path: tuple[_Level, ...], page: Size | None
    ) -> tuple[CostStep, ...]:
        if not is_composite_type(named):
            return ()
        always = frozenset[tuple[str, bool]]()
        level = [
            (named, node.selection_set, always) for node in selected.nodes if node.selection_set
        ]
        return self.steps(level, (*path, _Level(named, page)))

    def _is_counted(self, cost: UpstreamCalls, above: _Level, conditions: Sequence[Any]) -> bool:
        """Whether these calls are another field's too; what is conditional is shared with none."""
        if not cost.shared or conditions:
            return False
        is_counted = cost.shared in above.shared
        above.shared.add(cost.shared)
        return is_counted

    def _page(self, selected: CostField, cost: UpstreamCalls) -> Size | None:
        """Return the size of a page as `first` has it; None for what is no page."""
        first = selected.definition.args.get("first")
        if first is None:
            return None
        most = cost.size or None
        default = 1 if first.default_value is Undefined else first.default_value
        given = _argument(selected.nodes[0], "first")
        if isinstance(given, VariableNode):
            self.names.add(given.name.value)
            return _variable(given.name.value, default, most)
        asked = int(given.value) if isinstance(given, IntValueNode) else default
        return _constant(_items(asked, default, most))


def _size(selected: CostField, cost: UpstreamCalls, above: _Level) -> Size:
    """Return how many objects a field answers with, for each it is asked of."""
    if not is_list_type(get_nullable_type(selected.definition.type)):
        return _constant(1)
    return above.page or _constant(cost.size or 1)


def _cost(selected: CostField) -> UpstreamCalls:
    declared = selected.definition.extensions.get("strawberry-definition")
    return find_upstream_calls(getattr(declared, "directives", ())) or _NOTHING


def _depth_of(types: Sequence[str], path: tuple[_Level, ...]) -> int:
    """Return the depth of the nearest level of one of these types; the last one without."""
    nearest = (depth for depth in range(len(path) - 1, -1, -1) if path[depth].type.name in types)
    return next(nearest, len(path) - 1)


def _argument(node: FieldNode, name: str) -> Any:
    return next((a.value for a in node.arguments or () if a.name.value == name), None)


def _items(asked: object, default: int, most: int | None) -> int:
    """Read a `first` as it came; a wrong one will be refused by whoever answers the field."""
    size = asked if isinstance(asked, int) and asked > 0 else default
    return size if most is None else min(size, most)


def _constant(size: int) -> Size:
    return lambda _variables: size


def _variable(name: str, default: int, most: int | None) -> Size:
    return lambda variables: _items(variables.get(name), default, most)


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        each.variable.name.value: value_from_ast_untyped(each.default_value)
        for each in operation.variable_definitions or ()
        if each.default_value is not None
    }
