"""The one way from a request and its caller to an answer, whatever the protocol.

admit: text of the document → prepared → operation → rules; what does not come through is `Refused`.
answer, stream, events: a context of its own → executed → presented.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, Final, TypeVar

import msgspec
from graphql import GraphQLError, GraphQLSyntaxError, OperationType
from graphql.execution import SubsequentIncrementalExecutionResult

from gateway.auth.caller import Caller
from gateway.edge.answer import Answer, Refused, refusal, refusal_of
from gateway.edge.failures import present
from gateway.edge.incremental import FRAMES, Deliveries
from gateway.edge.request import GraphQLRequest
from gateway.engine import InvalidDocument, SubscriptionRejected
from gateway.engine.prepare import PreparedDocument, PreparedOperation
from gateway.limits.cost.limit import CostExceeded
from gateway.limits.rate_limiter import RateLimitExceeded
from gateway.limits.reloadable import ReloadableLimits
from gateway.limits.requests import RequestCost
from gateway.persisted.documents import Documents
from resolvers.context import RequestContext
from schema.problems import BadInput, Forbidden, Problem
from schema.quoting import quote

T = TypeVar("T")

CheckScopes = Callable[[PreparedOperation, Caller], None]
ContextOf = Callable[[Caller], RequestContext]
Observe = Callable[[tuple[str, str], float], None]

_UNKNOWN: Final = "unknown"


class Admitted(msgspec.Struct, frozen=True):
    """A request that may be executed now."""

    request: GraphQLRequest
    caller: Caller
    document: PreparedDocument
    operation: PreparedOperation
    allowed: RequestCost

    @property
    def only_reads(self) -> bool:
        """Whether it is a query."""
        return self.operation.type is OperationType.QUERY

    @property
    def is_followed(self) -> bool:
        """Whether it is a subscription."""
        return self.operation.type is OperationType.SUBSCRIPTION


class Pipeline:
    """Takes requests from every protocol.

    Args:
        documents: knows the texts that requests name.
        limits: of texts, and of what a request costs; with the engine that keeps them.
        check_scopes: raises Forbidden where a caller may not; that takes nothing from its rates.
        context_of: begins a request.
        observe: is told of every request that comes this far: its type (`unknown` of what is
            refused), its outcome, its seconds; of streams when they end.
        monotonic: a clock, in seconds.
    """

    def __init__(
        self,
        documents: Documents,
        limits: ReloadableLimits,
        check_scopes: CheckScopes,
        context_of: ContextOf,
        *,
        observe: Observe,
        monotonic: Callable[[], float],
    ) -> None:
        self._documents = documents
        self._limits = limits
        self._check_scopes = check_scopes
        self._context_of = context_of
        self._observe = observe
        self._monotonic = monotonic

    def admit(self, request: GraphQLRequest, caller: Caller) -> Admitted:
        """Find out whether a request can be executed. Raises Refused."""
        started_s = self._monotonic()
        try:
            return self._admitted(request, caller)
        except (InvalidDocument, Problem) as reason:
            refused = _refused(reason)
            took_s = self._monotonic() - started_s
            self._observe((_UNKNOWN, refused.answer.outcome), took_s)
            raise refused from reason

    def _admitted(self, request: GraphQLRequest, caller: Caller) -> Admitted:
        documents, limits = self._documents, self._limits.current
        text = documents.text_of(request.query, request.document_id, request.extensions)
        document = limits.engine.prepare(text)
        documents.remember(text, request.extensions)
        operation = document.operation(request.operation_name or None)
        if operation is None:
            raise _no_operation(request.operation_name)
        documents.admit(text, operation.type)
        self._check_scopes(operation, caller)
        allowed = limits.requests.check(operation, request.variables, caller.principal)
        operation.check_incremental(request.variables or {})
        return Admitted(request, caller, document, operation, allowed)

    async def answer(self, admitted: Admitted) -> Answer:
        """Execute a query or a mutation."""
        started_s = self._monotonic()
        outcome = "cancelled"
        try:
            answer = await self._answer(admitted)
            outcome = answer.outcome
            return answer
        finally:
            took_s = self._monotonic() - started_s
            self._observe((admitted.operation.type.value, outcome), took_s)

    async def _answer(self, admitted: Admitted) -> Answer:
        context = self._context_of(admitted.caller)
        try:
            result = await _run(self._limits.current.engine.execute, admitted, context)
        finally:
            self._end(admitted, context)
        return _answer(result.data, result.errors, context, admitted.allowed)

    async def stream(self, admitted: Admitted) -> AsyncGenerator[Answer, None]:
        """Execute a query that is told in parts."""
        async with aclosing(self._parts(admitted)) as answers:
            async for answer in self._observed(admitted, answers):
                yield answer

    async def events(self, admitted: Admitted) -> AsyncGenerator[Answer, None]:
        """Execute a subscription; one answer for each event, and one more where it fails."""
        async with aclosing(self._events(admitted)) as answers:
            async for answer in self._observed(admitted, answers):
                yield answer

    async def _observed(
        self, admitted: Admitted, answers: AsyncGenerator[Answer, None]
    ) -> AsyncGenerator[Answer, None]:
        """Pass answers on, and tell of the last when they end."""
        started_s = self._monotonic()
        outcome = "cancelled"
        try:
            async for answer in answers:
                outcome = answer.outcome
                yield answer
        finally:
            took_s = self._monotonic() - started_s
            self._observe((admitted.operation.type.value, outcome), took_s)

    async def _parts(self, admitted: Admitted) -> AsyncGenerator[Answer, None]:
        context = self._context_of(admitted.caller)
        try:
            results = await _run(self._limits.current.engine.stream, admitted, context)
            deliveries = Deliveries(context.correlation_id)
            async with aclosing(results):
                async for result in results:
                    delivery = deliveries.printed(result) if isinstance(result, FRAMES) else None
                    if isinstance(result, SubsequentIncrementalExecutionResult):
                        yield Answer(was_executed=False, delivery=delivery)
                        continue
                    answer = _answer(result.data, result.errors, context, admitted.allowed)
                    yield msgspec.structs.replace(answer, delivery=delivery)
        finally:
            self._end(admitted, context)

    async def _events(self, admitted: Admitted) -> AsyncGenerator[Answer, None]:
        context = self._context_of(admitted.caller)
        results = _run(self._limits.current.engine.subscribe, admitted, context)
        try:
            async with aclosing(results):
                async for result in results:
                    yield _answer(result.data, result.errors, context, admitted.allowed)
        except SubscriptionRejected as none:
            yield _failed(none.errors, context.correlation_id)
        except Exception as failure:  # noqa: BLE001 - a fault is logged and masked with the others
            error = GraphQLError(str(failure), original_error=failure)
            yield _failed([error], context.correlation_id)
        finally:
            self._end(admitted, context)

    def _end(self, admitted: Admitted, context: RequestContext) -> None:
        """Let nothing of a request go on, and charge what it took.

        What its operation took is none of that: it is the estimate's share of a purchase.
        """
        context.loaders.close()
        self._limits.current.requests.charge(
            admitted.allowed, admitted.caller.principal, context.calls_made()
        )


def _run(run: Callable[..., T], admitted: Admitted, context: RequestContext) -> T:
    """Let the engine run what was admitted, in one of its ways."""
    request = admitted.request
    return run(
        admitted.document,
        context=context,
        variables=request.variables,
        operation_name=request.operation_name or None,
        operation_extensions=request.extensions,
    )


def _answer(
    data: Any,
    errors: Sequence[GraphQLError] | None,
    context: RequestContext,
    allowed: RequestCost,
) -> Answer:
    cost = _cost(allowed.calls, context.calls_made() + context.operation_calls_made())
    if not errors:
        return Answer(data, extensions=cost, headers=allowed.headers)
    # An error of a field has the field's path; without a field nothing was executed.
    was_executed = data is not None or any(error.path is not None for error in errors)
    told = present(errors, context.correlation_id)
    return Answer(data, told, cost, was_executed=was_executed, headers=allowed.headers)


def _cost(estimated: int, actual: int) -> dict[str, Any] | None:
    """Tell the upstream calls that were expected and made; nothing where there were none."""
    if not (estimated or actual):
        return None
    return {"cost": {"estimated": estimated, "actual": actual}}


def _failed(errors: Sequence[GraphQLError], correlation_id: str) -> Answer:
    return Answer(errors=present(errors, correlation_id), was_executed=False)


def _no_operation(name: str | None) -> BadInput:
    if name:
        return BadInput(f"The document has no operation named {quote(name)}.")
    return BadInput(
        "An operation name is needed, for the document does not have exactly one operation;"
        " send it as `operationName`."
    )


def _refused(reason: InvalidDocument | Problem) -> Refused:
    if isinstance(reason, InvalidDocument):
        status = 400 if isinstance(reason.errors[0], GraphQLSyntaxError) else 422
        return Refused(refusal(reason.errors, status))
    if isinstance(reason, RateLimitExceeded):
        return Refused(refusal_of(reason, 429, reason.headers))
    refused = refusal_of(reason, 403 if isinstance(reason, Forbidden) else 422)
    if isinstance(reason, CostExceeded):
        refused = msgspec.structs.replace(refused, extensions=_cost(reason.estimated, 0))
    return Refused(refused)
