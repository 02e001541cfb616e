"""The engine: executes documents on a Strawberry schema."""

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
from gateway.engine.run.execution import Execution
from gateway.engine.run.subscribe import ResultStream, subscribe_results
from gateway.engine.types import ExecutionRequest

# The engine caches documents itself, and documents with directives use the fallback.
_SUPPORTED_EXTENSIONS: Final[set[type[SchemaExtension]]] = {
    ParserCache,
    ValidationCache,
    DirectivesExtension,
}


class Engine:
    """Executes documents: with compiled plans, or with Strawberry if plans do not support them.

    Args:
        schema: the schema.
        rules: the validation rules. Strawberry adds two of its own.
        parse: parses a document; documents for which it raises an error are not validated.
        compile_plans: if false, Strawberry executes every document.
        max_documents: how many documents are kept with their plans; one takes about 0.1 MB. Invalid
            documents are not kept, so they cannot displace valid ones.
        result_type: `record` if results are only encoded, by msgspec; `to_plain` converts them.
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
        """Parse and validate a document, or return it from the cache.

        Raises InvalidDocument, and every error of `parse` that is not a GraphQLError.
        """
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
        """Execute one operation of a document.

        Returns the errors of an invalid document as a result, and Strawberry's incremental result
        for a document with @defer or @stream.
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
        execution = Execution(plan, values, request)
        return ExecutionResult(await execution.execute(), execution.errors or None)

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
        """Execute an operation with several results, through Strawberry.

        Yields a result for each event of a subscription, and graphql-core's incremental results
        for @defer and @stream.
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
        """Execute a subscription and yield a result for each event.

        The first iteration raises SubscriptionRejected if the subscription cannot start.
        """
        request = ExecutionRequest(
            context, root_value, variables or {}, operation_name, operation_extensions
        )
        return subscribe_results(self._schema, document.document, request)

    def _operation_error(self, document: PreparedDocument, name: str | None) -> ExecutionResult:
        """Return graphql-core's error for a missing or unknown operation name."""
        built = Executor.build(unwrap_schema(self._schema), document.document, operation_name=name)
        return ExecutionResult(None, built if isinstance(built, list) else None)

    async def _fallback(
        self, document: PreparedDocument, request: ExecutionRequest
    ) -> ExecutionResult:
        return await self._schema.execute(
            document.text,
            variable_values=request.variables,
            context_value=request.context,
            root_value=request.root_value,
            operation_name=request.operation_name,
            operation_extensions=request.operation_extensions,
        )


def _is_plannable(schema: Schema) -> bool:
    """Whether a schema has no extension and no execution context that could change results."""
    return schema.execution_context_class is StrawberryGraphQLCoreExecutionContext and all(
        type(extension) in _SUPPORTED_EXTENSIONS for extension in schema.get_extensions()
    )
