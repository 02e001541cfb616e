"""Compiles an operation to a plan: a function for each object type, and one for each list of them.

The function for a list, for `offers { name billing category { rank } upgrades }`, where `billing`
is an enum and `upgrades` has an asynchronous resolver:

    def append_Offer(items, completed, parent, execution):
        append = completed.append
        for source in items:
            if source.__class__ is C0 or source.__class__ in K0:
                path = (parent, len(completed), SLOT)
                try:
                    v1 = source.name
                    if v1.__class__ is not str and v1 is not None:
                        v1 = F1.complete_or_defer(v1, path, 'name', execution)
                except Exception as error:
                    v1 = execution.fail(error, path, 'name', F1)
                try:
                    v2 = source.billing
                    if v2.__class__ is E2:
                        v2 = N2[v2._name_]
                    elif v2 is not None:
                        v2 = F2.complete_or_defer(v2, path, 'billing', execution)
                except Exception as error:
                    v2 = execution.fail(error, path, 'billing', F2)
                ...                         # likewise `category`, which creates a Record3 of v4
                try:
                    v5 = execution.defer(R5(source, info=F5.build_info(execution, path)), ...)
                except Exception as error:
                    v5 = execution.fail(error, path, 'upgrades', F5)
                result = Record6(v1, v2, v3, v5)
                if execution.unattached:
                    execution.attach(path, result, v3)
                append(result)
            else:
                append(complete_item(source, parent, len(completed), execution))

The usual value of a field takes one line; `complete_or_defer` completes all other values.
"""

from collections.abc import Mapping
from typing import Any, cast

from graphql import (
    FragmentDefinitionNode,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution import Executor, VariableValues
from strawberry.schema import Schema

from gateway.engine.compile.codegen import CodeGenerator, indented
from gateway.engine.compile.objects import ObjectCompleter
from gateway.engine.compile.result_types import ResultType, dictionary
from gateway.engine.graphql_internals import (
    FragmentDetails,
    collect_fields,
    collect_subfields,
    unwrap_schema,
)
from gateway.engine.types import FieldSlot, ItemAppender, MergedFields, Plan, ValueCompleter


def compile_plan(
    schema: Schema,
    fragments: Mapping[str, FragmentDefinitionNode],
    operation: OperationDefinitionNode,
    condition_values: Mapping[str, bool],
    result_type: ResultType,
) -> Plan:
    """Compile an operation for one assignment of the variables in its @skip and @include."""
    return PlanCompiler(schema, fragments, operation, condition_values, result_type).compile()


class PlanCompiler:
    """Compiles one operation, and later its selections on each object type that occurs."""

    def __init__(
        self,
        schema: Schema,
        fragments: Mapping[str, FragmentDefinitionNode],
        operation: OperationDefinitionNode,
        condition_values: Mapping[str, bool],
        result_type: ResultType,
    ) -> None:
        self._strawberry_schema = schema
        self._schema = unwrap_schema(schema)
        self._operation = operation
        self._result_type = result_type
        self._fragments = {name: FragmentDetails(node) for name, node in fragments.items()}
        self._condition_values = VariableValues(sources={}, coerced=dict(condition_values))

    def compile(self) -> Plan:
        operation = self._operation
        root = self._schema.get_root_type(operation.operation)
        if root is None:
            raise LookupError(f"The schema has no {operation.operation.value}.")
        fields: Mapping[str, MergedFields] = collect_fields(
            self._schema, self._fragments, self._condition_values, root, operation
        ).grouped_field_set
        is_serial = operation.operation is OperationType.MUTATION
        steps = [{key: merged} for key, merged in fields.items()] if is_serial else [fields]
        return Plan(
            self._schema,
            operation,
            {name: details.definition for name, details in self._fragments.items()},
            [self._compile_root(root, step) for step in steps],
            self._build_checks(),
        )

    def subfields(
        self, type_: GraphQLObjectType, fields: MergedFields
    ) -> Mapping[str, MergedFields]:
        """Collect what merged fields select on an object type, by response key."""
        return collect_subfields(
            self._schema,
            self._fragments,
            self._condition_values,
            self._operation,
            type_,
            list(fields),
        ).grouped_field_set

    def _compile_root(
        self, type_: GraphQLObjectType, fields: Mapping[str, MergedFields]
    ) -> ValueCompleter:
        """Compile the fields of the root, whose result is always a dictionary."""
        generator = CodeGenerator(self._strawberry_schema, self, dictionary)
        lines = [*generator.object_lines(type_, fields, "None"), "return result"]
        return _define_completer(generator, type_, lines)

    def compile_object(
        self, type_: GraphQLObjectType, fields: Mapping[str, MergedFields], slot: FieldSlot
    ) -> ValueCompleter:
        """Compile the function that completes objects of one type in a slot."""
        generator = CodeGenerator(self._strawberry_schema, self, self._result_type)
        generator.names["SLOT"] = slot
        lines = [*generator.object_lines(type_, fields, "(parent, key, SLOT)"), "return result"]
        return _define_completer(generator, type_, lines)

    def compile_items(
        self,
        objects: ObjectCompleter,
        fields: Mapping[str, MergedFields],
        complete_item: ValueCompleter,
    ) -> ItemAppender:
        """Compile the function that completes a list of objects in a loop.

        `complete_item` completes the items that are not known to be of the type.
        """
        generator = CodeGenerator(self._strawberry_schema, self, self._result_type)
        generator.names |= {"SLOT": objects.slot, "complete_item": complete_item}
        path = "(parent, len(completed), SLOT)"
        lines = [
            "append = completed.append",
            "for source in items:",
            f"    if {generator.type_condition('source', objects, 0)}:",
            *indented(generator.object_lines(objects.type, fields, path), 2),
            "        append(result)",
            "    else:",
            "        append(complete_item(source, parent, len(completed), execution))",
        ]
        arguments = "items, completed, parent, execution"
        return cast("ItemAppender", generator.define("append", objects.type, arguments, lines))

    def _build_checks(self) -> Executor[None]:
        return Executor(
            schema=self._schema,
            fragment_definitions={n: each.definition for n, each in self._fragments.items()},
            fragments=self._fragments,
            root_value=None,
            context_value=None,
            operation=self._operation,
            variable_values=self._condition_values,
            field_resolver=_unused,
            type_resolver=_unused,
            subscribe_field_resolver=_unused,
        )


def _define_completer(
    generator: CodeGenerator, type_: GraphQLObjectType, lines: list[str]
) -> ValueCompleter:
    arguments = "source, parent, key, execution"
    return cast("ValueCompleter", generator.define("complete", type_, arguments, lines))


def _unused(*_arguments: Any, **_keywords: Any) -> Any:
    raise AssertionError("A plan calls resolvers directly. Its executor only runs checks.")
