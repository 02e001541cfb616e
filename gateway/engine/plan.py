"""One operation, planned for one assignment of the variables in its @skip and @include."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution import Executor, VariableValues
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from strawberry.schema import Schema

from gateway.engine.compile import compile_root
from gateway.engine.places import Complete, Details
from gateway.engine.selections import Selections
from gateway.engine.shapes import Shape


def graphql_schema(schema: Schema) -> GraphQLSchema:
    """Return the schema of graphql-core inside; Strawberry has no public name for it."""
    return schema._schema  # noqa: SLF001 - see above


class Plan:
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
        shape: Shape,
    ) -> None:
        self.shape = shape
        self.strawberry_schema = schema
        self.schema = graphql_schema(schema)
        self.operation = operation
        self.fragment_definitions = dict(fragments)
        self._fragments = {name: FragmentDetails(node) for name, node in fragments.items()}
        self._truths = VariableValues(sources={}, coerced=dict(truths))
        self.rules = self._rules()
        self.steps = self._steps()

    def subfields(self, type_: GraphQLObjectType, details: Details) -> Mapping[str, Details]:
        """Collect what the selections of merged fields ask of an object type, by response key."""
        return collect_subfields(
            self.schema, self._fragments, self._truths, self.operation, type_, list(details)
        ).grouped_field_set

    def selections(self, details: Details) -> Selections:
        """Return what merged fields ask of their values."""
        return Selections(self, details)

    def _steps(self) -> list[Complete]:
        operation = self.operation
        root = self.schema.get_root_type(operation.operation)
        if root is None:
            raise LookupError(f"The schema has no {operation.operation.value}.")
        fields: Mapping[str, Details] = collect_fields(
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
