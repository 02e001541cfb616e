"""Prepares documents: parses and validates them, and decides how they can be executed."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from graphql import (
    ASTValidationRule,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLDeferDirective,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    GraphQLStreamDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    Visitor,
    validate,
    visit,
)
from graphql.execution import VariableValues
from strawberry.schema import Schema
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from gateway.engine.compile.plan import compile_plan
from gateway.engine.compile.result_types import ResultType, dictionary
from gateway.engine.graphql_internals import unwrap_schema
from gateway.engine.incremental import check_incremental
from gateway.engine.types import Plan
from gateway.engine.variables import VariableCoercion

_MAX_PLANS_PER_OPERATION: Final = 16
# Nobody reads more errors, and for each one graphql-core may search for a suggestion.
_MAX_ERRORS: Final = 20
_CONDITIONS: Final = {GraphQLSkipDirective.name, GraphQLIncludeDirective.name}
_INCREMENTAL: Final = {GraphQLDeferDirective.name, GraphQLStreamDirective.name}
_INTROSPECTION: Final = {"__schema", "__type"}


class InvalidDocument(Exception):
    """The text is not a GraphQL document, or is not valid for the schema.

    Attributes:
        errors: the `errors` of the response.
    """

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = list(errors)


class PreparedOperation:
    """One operation of a valid document, with its compiled plans.

    Attributes:
        name: `anonymous` if it has none.
        type_name: `query`, `mutation` or `subscription`.
        node: its syntax tree.
        fragments: the fragments of its document, by name.
        is_plannable: whether compiled plans support every feature that the operation uses.
        root_fields: the names of its root fields, including those in fragments and under @skip or
            @include.
        is_incremental: whether its document uses @defer or @stream.
        derived: values that other modules compute from the operation once, each under its own key.
    """

    def __init__(
        self,
        schema: Schema,
        node: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        features: "_FeatureScan",
        result_type: ResultType,
    ) -> None:
        self.type = node.operation
        self.type_name: str = node.operation.value
        self.name = node.name.value if node.name else "anonymous"
        self.node = node
        self.fragments = fragments
        self.root_fields = _root_field_names(node.selection_set, fragments)
        self.is_plannable = (
            self.type is not OperationType.SUBSCRIPTION and not features.needs_fallback
        )
        self.is_incremental = features.is_incremental
        self.derived: dict[object, Any] = {}
        self._conditions = sorted(features.conditions)
        self._variables = VariableCoercion(unwrap_schema(schema), node)
        self._plan = lru_cache(maxsize=_MAX_PLANS_PER_OPERATION)(
            lambda condition_values: compile_plan(
                schema, fragments, node, dict(condition_values), result_type
            )
        )

    def coerce(self, variables: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """Return the coerced variables, or the errors."""
        return self._variables.coerce(variables)

    def check_incremental(self, variables: Mapping[str, Any]) -> None:
        """Raise InvalidDocument if an argument of @defer or @stream is invalid.

        Variables that cannot be coerced are ignored here; execution reports them.
        """
        values = self.coerce(variables)
        if isinstance(values, list):
            return
        try:
            check_incremental(self.node, self.fragments, values)
        except GraphQLError as error:
            raise InvalidDocument([error]) from error

    def plan(self, variables: Mapping[str, Any]) -> Plan | None:
        """Return the plan for coerced variables. There is one for each combination of conditions.

        Returns None if the condition of a @skip or @include is null; graphql-core reports that
        error.
        """
        if not self._conditions:
            return self._plan(())
        values = tuple((name, variables[name]) for name in self._conditions if name in variables)
        if not all(isinstance(value, bool) for _, value in values):
            return None
        return self._plan(values)


class PreparedDocument:
    """A valid document.

    Attributes:
        document: its syntax tree.
    """

    def __init__(
        self, schema: Schema, text: str, document: DocumentNode, result_type: ResultType
    ) -> None:
        self.text = text
        self.document = document
        definitions = document.definitions
        fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
        features = _FeatureScan()
        visit(document, features)
        self._operations = {
            node.name.value if node.name else None: PreparedOperation(
                schema, node, fragments, features, result_type
            )
            for node in definitions
            if isinstance(node, OperationDefinitionNode)
        }

        operations = list(self._operations.values())
        self._only = operations[0] if len(operations) == 1 else None

    def operation(self, name: str | None = None) -> PreparedOperation | None:
        """Return the operation with this name; without a name, the only one.

        Returns None if there is no such operation, or several and no name.
        """
        if name is not None:
            return self._operations.get(name)
        return self._only


def _root_field_names(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> frozenset[str]:
    names: set[str] = set()
    visited: set[str] = set()
    remaining = [selections]
    while remaining:
        for node in remaining.pop().selections:
            if isinstance(node, FieldNode):
                names.add(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                remaining.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                remaining.append(fragments[node.name.value].selection_set)
    return frozenset(names)


class _FeatureScan(Visitor):
    """Finds what a document uses that plans depend on or do not support."""

    def __init__(self) -> None:
        super().__init__()
        self.conditions: set[str] = set()
        self.needs_fallback = False
        self.is_incremental = False

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.needs_fallback |= node.name.value in _INTROSPECTION

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        if node.name.value not in _CONDITIONS:
            self.needs_fallback = True
            self.is_incremental |= node.name.value in _INCREMENTAL
            return
        values = [argument.value for argument in node.arguments or ()]
        self.conditions |= {v.name.value for v in values if isinstance(v, VariableNode)}

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> None:
        # Fragments with variables of their own are an experiment of graphql-core.
        self.needs_fallback |= bool(node.variable_definitions)


def prepare_document(
    schema: Schema,
    text: str,
    rules: Sequence[type[ASTValidationRule]],
    parse: Callable[[str], DocumentNode],
    result_type: ResultType = dictionary,
) -> PreparedDocument:
    """Parse and validate a document.

    Raises InvalidDocument, and every error of `parse` that is not a GraphQLError.
    """
    try:
        document = parse(text)
    except GraphQLError as error:
        raise InvalidDocument([error]) from error
    # Strawberry's own two rules come last, as in its executor.
    all_rules = [*rules, MaybeNullValidationRule, OneOfInputValidationRule]
    errors = validate(
        unwrap_schema(schema),
        document,
        all_rules,
        max_errors=_MAX_ERRORS,
        hide_suggestions=schema.config.disable_field_suggestions,
    )
    if errors:
        raise InvalidDocument(errors)
    return PreparedDocument(schema, text, document, result_type)
