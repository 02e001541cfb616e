"""From a document's text to what can be run: parsed, validated and looked over once."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from graphql import (
    ASTValidationRule,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    parse,
    validate,
    visit,
)
from graphql.execution import VariableValues
from strawberry.schema import Schema
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from gateway.engine.plan import Plan
from gateway.engine.variables import Variables

_PLANS_OF_A_DOCUMENT: Final = 16
_CONDITIONS: Final = {GraphQLSkipDirective.name, GraphQLIncludeDirective.name}
_INTROSPECTION: Final = {"__schema", "__type"}


class InvalidDocument(Exception):
    """A text that is no document, or a document that does not fit the schema.

    Attributes:
        errors: what is wrong, as the response has it.
    """

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = list(errors)


class Prepared:
    """A valid document. It keeps its plans.

    Attributes:
        text: the document as it came.
        document: its syntax tree.
    """

    def __init__(self, schema: Schema, text: str, document: DocumentNode) -> None:
        self.text = text
        self.document = document
        self._schema = schema
        self._operations: list[OperationDefinitionNode] = []
        self._fragments: dict[str, FragmentDefinitionNode] = {}
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self._operations.append(definition)
            elif isinstance(definition, FragmentDefinitionNode):
                self._fragments[definition.name.value] = definition
        self._variables = [Variables(schema._schema, o) for o in self._operations]  # noqa: SLF001 - Strawberry has no other name for it
        survey = _Survey()
        visit(document, survey)
        self._is_beyond_plans = survey.is_beyond_plans
        self._conditions = tuple(sorted(survey.conditions))
        self._plan = lru_cache(maxsize=_PLANS_OF_A_DOCUMENT)(self._make_plan)

    def operation(self, name: str | None = None) -> OperationDefinitionNode | None:
        """Return the operation of a name, or the only one; None where that is none or several."""
        if name is None:
            return self._operations[0] if len(self._operations) == 1 else None
        named = (o for o in self._operations if o.name is not None and o.name.value == name)
        return next(named, None)

    def operation_type(self, name: str | None = None) -> OperationType | None:
        """Tell whether running it is a query, a mutation or a subscription."""
        operation = self.operation(name)
        return None if operation is None else operation.operation

    def coerce(
        self, operation: OperationDefinitionNode, given: Mapping[str, Any]
    ) -> VariableValues | list[GraphQLError]:
        """Coerce the variables of one of its operations; the errors where they do not fit."""
        return self._variables[self._operations.index(operation)].coerce(given)

    def is_plannable(self, operation: OperationDefinitionNode) -> bool:
        """Tell whether plans can do all that is in the document."""
        is_subscription = operation.operation is OperationType.SUBSCRIPTION
        return not self._is_beyond_plans and not is_subscription

    def plan(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> Plan | None:
        """Return the plan for coerced variables; None where they make no condition true or false.

        A nullable variable may be null in a condition: graphql-core knows what to say of that.
        """
        truths = tuple((name, variables[name]) for name in self._conditions if name in variables)
        if not all(isinstance(truth, bool) for _, truth in truths):
            return None
        return self._plan(self._operations.index(operation), truths)

    def _make_plan(self, index: int, truths: tuple[tuple[str, bool], ...]) -> Plan:
        return Plan(self._schema, self._fragments, self._operations[index], dict(truths))


class _Survey(Visitor):
    """Finds what plans depend on and what is beyond them."""

    def __init__(self) -> None:
        super().__init__()
        self.conditions: set[str] = set()
        self.is_beyond_plans = False

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Leave introspection to graphql-core."""
        self.is_beyond_plans |= node.name.value in _INTROSPECTION

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        """Note the variables of conditions; leave all other directives to graphql-core."""
        if node.name.value not in _CONDITIONS:
            self.is_beyond_plans = True
            return
        values = [argument.value for argument in node.arguments or ()]
        self.conditions |= {v.name.value for v in values if isinstance(v, VariableNode)}

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> None:
        """Leave fragments with variables of their own, an experiment, to graphql-core."""
        self.is_beyond_plans |= bool(node.variable_definitions)


def prepare(
    schema: Schema,
    text: str,
    rules: Sequence[type[ASTValidationRule]],
    max_tokens: int | None = None,
) -> Prepared:
    """Parse and validate. Raises InvalidDocument."""
    try:
        document = parse(text, max_tokens=max_tokens)
    except GraphQLError as error:
        raise InvalidDocument([error]) from error
    # Strawberry's own two rules come after the others, as in its executor.
    all_rules = [*rules, MaybeNullValidationRule, OneOfInputValidationRule]
    errors = validate(schema._schema, document, all_rules)  # noqa: SLF001 - Strawberry has no other name for it
    if errors:
        raise InvalidDocument(errors)
    return Prepared(schema, text, document)
