"""The one way from a request and its caller to an answer, whatever the protocol.

admit: text of the document → prepared → operation. What does not come through is `Refused`.
answer, stream: a context of its own → executed → presented.
"""

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, OperationType

from gateway.auth.caller import Caller
from gateway.edge.failures import present
from gateway.edge.request import GraphQLRequest
from gateway.engine import Engine, InvalidDocument
from gateway.engine.prepare import Operation, Prepared
from resolvers.context import RequestContext
from schema.problems import BadInput

ContextOf = Callable[[Caller], RequestContext]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client is told.

    Attributes:
        errors: presented already.
        was_executed: whether execution began, so that the answer has `data`, if only null.
    """

    data: Any = None
    errors: Sequence[GraphQLError] = ()
    extensions: dict[str, Any] | None = None
    was_executed: bool = True

    def content(self) -> dict[str, Any]:
        """Return the response as GraphQL describes it."""
        content: dict[str, Any] = {}
        if self.errors:
            content["errors"] = [error.formatted for error in self.errors]
        if self.was_executed:
            content["data"] = self.data
        if self.extensions:
            content["extensions"] = self.extensions
        return content


class Refused(Exception):
    """A request that is not executed.

    Attributes:
        answer: what to tell its client.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__("; ".join(error.message for error in answer.errors))
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may be executed now."""

    request: GraphQLRequest
    caller: Caller
    document: Prepared
    operation: Operation

    @property
    def only_reads(self) -> bool:
        """Whether it is a query."""
        return self.operation.type is OperationType.QUERY


class Pipeline:
    """Takes requests from every protocol."""

    def __init__(self, engine: Engine, context_of: ContextOf) -> None:
        self._engine = engine
        self._context_of = context_of

    def admit(self, request: GraphQLRequest, caller: Caller) -> Admitted:
        """Find out whether a request can be executed. Raises Refused."""
        try:
            document = self._engine.prepare(_text_of(request))
        except InvalidDocument as invalid:
            raise _refused(invalid.errors) from invalid
        except BadInput as problem:
            raise _refused([_error_of(problem)]) from problem
        operation = document.operation(request.operation_name or None)
        if operation is None:
            raise _refused([_error_of(_no_operation(request.operation_name))])
        return Admitted(request, caller, document, operation)

    async def answer(self, admitted: Admitted) -> Answer:
        """Execute a query or a mutation."""
        context = self._context_of(admitted.caller)
        request = admitted.request
        try:
            result = await self._engine.execute(
                admitted.document,
                context=context,
                variables=request.variables,
                operation_name=request.operation_name or None,
                operation_extensions=request.extensions,
            )
        finally:
            context.loaders.cancel()
        return _answer(result.data, result.errors, context.correlation_id)

    async def stream(self, admitted: Admitted) -> AsyncIterator[Answer]:
        """Execute a subscription; one answer for each event."""
        context = self._context_of(admitted.caller)
        request = admitted.request
        try:
            results = await self._engine.stream(
                admitted.document,
                context=context,
                variables=request.variables,
                operation_name=request.operation_name or None,
                operation_extensions=request.extensions,
            )
            async with aclosing(results):
                async for result in results:
                    yield _answer(result.data, result.errors, context.correlation_id)
        finally:
            context.loaders.cancel()


def _answer(data: Any, errors: Sequence[GraphQLError] | None, correlation_id: str) -> Answer:
    if not errors:
        return Answer(data)
    # An error of a field has the field's path; without a field nothing was executed.
    was_executed = data is not None or any(error.path is not None for error in errors)
    return Answer(data, present(errors, correlation_id), was_executed=was_executed)


def _text_of(request: GraphQLRequest) -> str:
    if not request.query:
        raise BadInput('No GraphQL document came; send it as `query`, e.g. "{ __typename }".')
    return request.query


def _no_operation(name: str | None) -> BadInput:
    if name:
        return BadInput(f"The document has no operation named {name!r}.")
    return BadInput(
        "An operation name is needed, for the document does not have exactly one operation;"
        " send it as `operationName`."
    )


def _error_of(problem: Exception) -> GraphQLError:
    return GraphQLError(str(problem), original_error=problem)


def _refused(errors: Sequence[GraphQLError]) -> Refused:
    return Refused(Answer(None, present(errors, str(uuid.uuid4())), was_executed=False))
