"""One operation, planned for one assignment of the variables in its @skip and @include."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution import Executor, VariableValues
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from strawberry.schema import Schema

from gateway.engine.compile.functions import compile_root
from gateway.engine.compile.result_types import ResultType
from gateway.engine.compile.selections import FieldSelections
from gateway.engine.graphql_internals import unwrap_schema
from gateway.engine.types import MergedFields, ValueCompleter


class PlanCompiler:
    """The functions that run an operation.

    Attributes:
        steps: what runs on the root value, one after the other: all fields of a query at once,
            each field of a mutation for itself.
        shape: how the objects of the response are made.
        rules: an executor of graphql-core that executes nothing: it is asked for its checks.
    """

    def __init__(
        self,
        schema: Schema,
        fragments: Mapping[str, FragmentDefinitionNode],
        operation: OperationDefinitionNode,
        truths: Mapping[str, bool],
        shape: ResultType,
    ) -> None:
        self.result_type = shape
        self.strawberry_schema = schema
        self.schema = unwrap_schema(schema)
        self.operation = operation
        self.fragment_definitions = dict(fragments)
        self._fragments = {name: FragmentDetails(node) for name, node in fragments.items()}
        self._truths = VariableValues(sources={}, coerced=dict(truths))
        self.checks = self._rules()
        self.steps = self._steps()

    def subfields(
        self, type_: GraphQLObjectType, details: MergedFields
    ) -> Mapping[str, MergedFields]:
        """Collect what the selections of merged fields ask of an object type, by response key."""
        return collect_subfields(
            self.schema, self._fragments, self._truths, self.operation, type_, list(details)
        ).grouped_field_set

    def selections(self, details: MergedFields) -> FieldSelections:
        """Return what merged fields ask of their values."""
        return FieldSelections(self, details)

    def _steps(self) -> list[ValueCompleter]:
        operation = self.operation
        root = self.schema.get_root_type(operation.operation)
        if root is None:
            raise LookupError(f"The schema has no {operation.operation.value}.")
        fields: Mapping[str, MergedFields] = collect_fields(
            self.schema, self._fragments, self._truths, root, operation
        ).grouped_field_set
        is_serial = operation.operation is OperationType.MUTATION
        steps = [{key: details} for key, details in fields.items()] if is_serial else [fields]
        return [compile_root(self, root, step) for step in steps]

    def _rules(self) -> Executor[None]:
        return Executor(
            schema=self.schema,
            fragment_definitions=self.fragment_definitions,
            fragments=self._fragments,
            root_value=None,
            context_value=None,
            operation=self.operation,
            variable_values=self._truths,
            field_resolver=_unused,
            type_resolver=_unused,
            subscribe_field_resolver=_unused,
        )


def _unused(*_arguments: Any, **_keywords: Any) -> Any:
    raise AssertionError("Plans run resolvers; the rules only check.")
