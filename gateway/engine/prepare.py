"""From a document's text to what can be run: parsed, validated and looked over once."""

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

from gateway.engine.compile.plan import PlanCompiler
from gateway.engine.compile.result_types import ResultType, dictionary
from gateway.engine.graphql_internals import unwrap_schema
from gateway.engine.incremental import check_incremental
from gateway.engine.variables import VariableCoercion

_MAX_PLANS_PER_OPERATION: Final = 16
_MAX_ERRORS: Final = 20  # nobody reads more, and each may be searched a suggestion for
_CONDITIONS: Final = {GraphQLSkipDirective.name, GraphQLIncludeDirective.name}
_INCREMENTAL: Final = {GraphQLDeferDirective.name, GraphQLStreamDirective.name}
_INTROSPECTION: Final = {"__schema", "__type"}


class InvalidDocument(Exception):
    """A text that is no document, or a document that does not fit the schema.

    Attributes:
        errors: what is wrong, as the response has it.
    """

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = list(errors)


class PreparedOperation:
    """One operation of a valid document. It keeps its plans.

    Attributes:
        type: whether it is a query, a mutation or a subscription.
        node: its syntax tree.
        fragments: those of its document, by name.
        is_plannable: whether plans can do all that is in it.
        root_fields: names of its root fields, those in fragments and under conditions included.
        is_incremental: whether its document puts parts of the answer off.
    """

    def __init__(
        self,
        schema: Schema,
        node: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        survey: "_FeatureScan",
        shape: ResultType,
    ) -> None:
        self.type = node.operation
        self.node = node
        self.fragments = fragments
        self.root_fields = _root_field_names(node.selection_set, fragments)
        self.is_plannable = (
            self.type is not OperationType.SUBSCRIPTION and not survey.needs_fallback
        )
        self.is_incremental = survey.is_incremental
        self._conditions = sorted(survey.conditions)
        self._variables = VariableCoercion(unwrap_schema(schema), node)
        self._plan = lru_cache(maxsize=_MAX_PLANS_PER_OPERATION)(
            lambda truths: PlanCompiler(schema, fragments, node, dict(truths), shape)
        )

    def coerce(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """Coerce its variables; the errors where they do not fit."""
        return self._variables.coerce(given)

    def check_incremental(self, given: Mapping[str, Any]) -> None:
        """Check @defer and @stream under its variables. Raises InvalidDocument.

        Variables that cannot be coerced are left to the execution, which says so.
        """
        values = self.coerce(given) if self.is_incremental else []
        if isinstance(values, list):
            return
        try:
            check_incremental(self.node, self.fragments, values)
        except GraphQLError as error:
            raise InvalidDocument([error]) from error

    def plan(self, variables: Mapping[str, Any]) -> PlanCompiler | None:
        """Return the plan for coerced variables; None where they make no condition true or false.

        A nullable variable may be null in a condition: graphql-core knows what to say of that.
        """
        if not self._conditions:
            return self._plan(())
        truths = tuple((name, variables[name]) for name in self._conditions if name in variables)
        if not all(isinstance(truth, bool) for _, truth in truths):
            return None
        return self._plan(truths)


class PreparedDocument:
    """A valid document.

    Attributes:
        text: the document as it came.
        document: its syntax tree.
    """

    def __init__(
        self, schema: Schema, text: str, document: DocumentNode, shape: ResultType
    ) -> None:
        self.text = text
        self.document = document
        definitions = document.definitions
        fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
        survey = _FeatureScan()
        visit(document, survey)
        self._operations = {
            node.name.value if node.name else None: PreparedOperation(
                schema, node, fragments, survey, shape
            )
            for node in definitions
            if isinstance(node, OperationDefinitionNode)
        }

        operations = list(self._operations.values())
        self._only = operations[0] if len(operations) == 1 else None

    def operation(self, name: str | None = None) -> PreparedOperation | None:
        """Return the operation of a name, or the only one; None where that is none or several."""
        if name is not None:
            return self._operations.get(name)
        return self._only


def _root_field_names(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> frozenset[str]:
    """Name the fields of a selection set, going into each fragment once."""
    names: set[str] = set()
    entered: set[str] = set()
    left = [selections]
    while left:
        for each in left.pop().selections:
            if isinstance(each, FieldNode):
                names.add(each.name.value)
            elif isinstance(each, InlineFragmentNode):
                left.append(each.selection_set)
            elif isinstance(each, FragmentSpreadNode) and each.name.value not in entered:
                entered.add(each.name.value)
                left.append(fragments[each.name.value].selection_set)
    return frozenset(names)


class _FeatureScan(Visitor):
    """Finds what plans depend on and what is beyond them."""

    def __init__(self) -> None:
        super().__init__()
        self.conditions: set[str] = set()
        self.needs_fallback = False
        self.is_incremental = False

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Leave introspection to graphql-core."""
        self.needs_fallback |= node.name.value in _INTROSPECTION

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        """Note the variables of conditions; leave all other directives to graphql-core."""
        if node.name.value not in _CONDITIONS:
            self.needs_fallback = True
            self.is_incremental |= node.name.value in _INCREMENTAL
            return
        values = [argument.value for argument in node.arguments or ()]
        self.conditions |= {v.name.value for v in values if isinstance(v, VariableNode)}

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> None:
        """Leave fragments with variables of their own, an experiment, to graphql-core."""
        self.needs_fallback |= bool(node.variable_definitions)


def prepare_document(
    schema: Schema,
    text: str,
    rules: Sequence[type[ASTValidationRule]],
    parse: Callable[[str], DocumentNode],
    shape: ResultType = dictionary,
) -> PreparedDocument:
    """Parse and validate. Raises InvalidDocument, and what `parse` raises besides GraphQLError."""
    try:
        document = parse(text)
    except GraphQLError as error:
        raise InvalidDocument([error]) from error
    # Strawberry's own two rules come after the others, as in its executor.
    all_rules = [*rules, MaybeNullValidationRule, OneOfInputValidationRule]
    hides_suggestions = schema.config.disable_field_suggestions
    errors = validate(
        unwrap_schema(schema),
        document,
        all_rules,
        max_errors=_MAX_ERRORS,
        hide_suggestions=hides_suggestions,
    )
    if errors:
        raise InvalidDocument(errors)
    return PreparedDocument(schema, text, document, shape)
