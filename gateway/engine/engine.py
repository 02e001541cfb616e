"""The engine: documents in, results out."""

from collections.abc import AsyncGenerator, Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from graphql import ASTValidationRule, DocumentNode, parse, specified_rules
from graphql.execution import Executor
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.extensions.directives import DirectivesExtension
from strawberry.schema import Schema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import ExecutionResult

from gateway.engine.compile.result_types import ResultType, dictionary
from gateway.engine.graphql_internals import unwrap_schema
from gateway.engine.prepare import InvalidDocument, PreparedDocument, prepare_document
from gateway.engine.run.execution import Execution, ExecutionRequest
from gateway.engine.run.subscribe import ResultStream, subscribe_results

# Extensions whose work the engine does itself, or that only concern documents it hands on.
_SUPPORTED_EXTENSIONS: Final[set[type[SchemaExtension]]] = {
    ParserCache,
    ValidationCache,
    DirectivesExtension,
}


class Engine:
    """Executes documents on a schema, through plans where it can, as Strawberry does where not.

    Args:
        schema: the schema.
        rules: what a document must obey, besides Strawberry's own two rules.
        parse: reads a document; what it refuses is not validated.
        compiles: whether plans are made; without, every valid document is handed on.
        max_documents: how many documents are kept with their plans. Invalid ones are not kept,
            so that nobody can push out the others with them. One takes about 0.1 MB.
        shape: `record` where results are only encoded, by msgspec; `plain` reads their data.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        rules: Sequence[type[ASTValidationRule]] = specified_rules,
        parse: Callable[[str], DocumentNode] = parse,
        max_documents: int = 250,
        compile_plans: bool = True,
        result_type: ResultType = dictionary,
    ) -> None:
        self._schema = schema
        self._is_plannable = compile_plans and _is_plannable(schema)
        self._prepare = lru_cache(maxsize=max_documents)(
            lambda text: prepare_document(schema, text, rules, parse, result_type)
        )

    def prepare(self, text: str) -> PreparedDocument:
        """Parse and validate, or remember. Raises InvalidDocument, and what `parse` raises."""
        return self._prepare(text)

    async def execute(
        self,
        document: PreparedDocument | str,
        *,
        context: Any = None,
        root_value: Any = None,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Run one operation of a document.

        An invalid document is a result with its errors. What a schema with incremental delivery
        delivers in parts is returned as Strawberry returns it.
        """
        if isinstance(document, str):
            try:
                document = self.prepare(document)
            except InvalidDocument as invalid:
                return ExecutionResult(None, invalid.errors)
        request = ExecutionRequest(
            context, root_value, variables or {}, operation_name, operation_extensions
        )
        operation = document.operation(operation_name)
        if operation is None:
            return self._operation_error(document, operation_name)
        if not self._is_plannable or not operation.is_plannable:
            return await self._fallback(document, request)
        values = operation.coerce(request.variables)
        if isinstance(values, list):
            return ExecutionResult(None, values)
        plan = operation.plan(values.coerced)
        if plan is None:
            return await self._fallback(document, request)
        run = Execution(plan, values, request)
        return ExecutionResult(await run.execute(), run.errors or None)

    async def stream(
        self,
        document: PreparedDocument,
        *,
        context: Any = None,
        root_value: Any = None,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> AsyncGenerator[Any, None]:
        """Run an operation that is answered in parts, as Strawberry streams it.

        A result for each event of a subscription; graphql-core's own frames for what a schema with
        incremental delivery puts off.
        """
        return await self._schema.stream(
            document.text,
            variable_values=variables,
            context_value=context,
            root_value=root_value,
            operation_name=operation_name,
            operation_extensions=operation_extensions,
        )

    def subscribe(
        self,
        document: PreparedDocument,
        *,
        context: Any = None,
        root_value: Any = None,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ResultStream:
        """Run a subscription: a result for each event.

        Raises NoEvents, when it is first asked for one, where there are none to come.
        """
        request = ExecutionRequest(
            context, root_value, variables or {}, operation_name, operation_extensions
        )
        return subscribe_results(self._schema, document.document, request)

    def _operation_error(self, document: PreparedDocument, name: str | None) -> ExecutionResult:
        """Let graphql-core say what is wrong with the name, or with there being none."""
        built = Executor.build(unwrap_schema(self._schema), document.document, operation_name=name)
        return ExecutionResult(None, built if isinstance(built, list) else None)

    async def _fallback(
        self, document: PreparedDocument, request: ExecutionRequest
    ) -> ExecutionResult:
        """Execute as Strawberry does, with all that the schema has of its own."""
        return await self._schema.execute(
            document.text,
            variable_values=request.variables,
            context_value=request.context,
            root_value=request.root_value,
            operation_name=request.operation_name,
            operation_extensions=request.operation_extensions,
        )


def _is_plannable(schema: Schema) -> bool:
    """Whether nothing of the schema's own stands between a document and its resolvers."""
    return schema.execution_context_class is StrawberryGraphQLCoreExecutionContext and all(
        type(extension) in _SUPPORTED_EXTENSIONS for extension in schema.get_extensions()
    )
