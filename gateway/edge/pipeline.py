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
from gateway.edge.error_codes import format_errors
from gateway.edge.incremental_delivery import FRAME_TYPES, IncrementalDelivery
from gateway.edge.request import GraphQLRequest
from gateway.edge.response import (
    GraphQLResponse,
    RequestRejected,
    error_list_response,
    error_response,
)
from gateway.engine import InvalidDocument, SubscriptionRejected
from gateway.engine.prepare import PreparedDocument, PreparedOperation
from gateway.limits.cost.limit import CostExceeded
from gateway.limits.rate_limiter import RateLimitExceeded
from gateway.limits.reloadable import ReloadableLimits
from gateway.limits.requests import RequestCost
from gateway.persisted.documents import DocumentRegistry
from resolvers.context import RequestContext
from schema.errors import Forbidden, InvalidInput, RequestError
from schema.quoting import quote

T = TypeVar("T")

CheckScopes = Callable[[PreparedOperation, Caller], None]
CreateContext = Callable[[Caller], RequestContext]
Observe = Callable[[tuple[str, str], float], None]

_UNKNOWN: Final = "unknown"


class AcceptedRequest(msgspec.Struct, frozen=True):
    """A request that may be executed now."""

    request: GraphQLRequest
    caller: Caller
    document: PreparedDocument
    operation: PreparedOperation
    cost: RequestCost

    @property
    def is_query(self) -> bool:
        """Whether it is a query."""
        return self.operation.type is OperationType.QUERY

    @property
    def is_subscription(self) -> bool:
        """Whether it is a subscription."""
        return self.operation.type is OperationType.SUBSCRIPTION


class RequestPipeline:
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
        documents: DocumentRegistry,
        limits: ReloadableLimits,
        check_scopes: CheckScopes,
        create_context: CreateContext,
        *,
        observe: Observe,
        monotonic: Callable[[], float],
    ) -> None:
        self._documents = documents
        self._limits = limits
        self._check_scopes = check_scopes
        self._create_context = create_context
        self._observe = observe
        self._monotonic = monotonic

    def accept(self, request: GraphQLRequest, caller: Caller) -> AcceptedRequest:
        """Find out whether a request can be executed. Raises Refused."""
        started_s = self._monotonic()
        try:
            return self._accept(request, caller)
        except (InvalidDocument, RequestError) as reason:
            refused = _rejection(reason)
            took_s = self._monotonic() - started_s
            self._observe((_UNKNOWN, refused.response.outcome), took_s)
            raise refused from reason

    def _accept(self, request: GraphQLRequest, caller: Caller) -> AcceptedRequest:
        documents, limits = self._documents, self._limits.current
        text = documents.resolve(request.query, request.document_id, request.extensions)
        document = limits.engine.prepare(text)
        documents.remember(text, request.extensions)
        operation = document.operation(request.operation_name or None)
        if operation is None:
            raise _no_operation_error(request.operation_name)
        documents.check_policy(text, operation.type)
        self._check_scopes(operation, caller)
        cost = limits.requests.check(operation, request.variables, caller.principal)
        operation.check_incremental(request.variables or {})
        return AcceptedRequest(request, caller, document, operation, cost)

    async def execute(self, accepted: AcceptedRequest) -> GraphQLResponse:
        """Execute a query or a mutation."""
        started_s = self._monotonic()
        outcome = "cancelled"
        try:
            response = await self._execute(accepted)
            outcome = response.outcome
            return response
        finally:
            took_s = self._monotonic() - started_s
            self._observe((accepted.operation.type.value, outcome), took_s)

    async def _execute(self, accepted: AcceptedRequest) -> GraphQLResponse:
        context = self._create_context(accepted.caller)
        try:
            result = await _call_engine(self._limits.current.engine.execute, accepted, context)
        finally:
            self._finish(accepted, context)
        return _build_response(result.data, result.errors, context, accepted.cost)

    async def stream(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        """Execute a query that is told in parts."""
        async with aclosing(self._stream(accepted)) as responses:
            async for response in self._observe_stream(accepted, responses):
                yield response

    async def subscribe(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        """Execute a subscription; one answer for each event, and one more where it fails."""
        async with aclosing(self._subscribe(accepted)) as responses:
            async for response in self._observe_stream(accepted, responses):
                yield response

    async def _observe_stream(
        self, accepted: AcceptedRequest, responses: AsyncGenerator[GraphQLResponse, None]
    ) -> AsyncGenerator[GraphQLResponse, None]:
        """Pass answers on, and tell of the last when they end."""
        started_s = self._monotonic()
        outcome = "cancelled"
        try:
            async for response in responses:
                outcome = response.outcome
                yield response
        finally:
            took_s = self._monotonic() - started_s
            self._observe((accepted.operation.type.value, outcome), took_s)

    async def _stream(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        context = self._create_context(accepted.caller)
        try:
            results = await _call_engine(self._limits.current.engine.stream, accepted, context)
            incremental_delivery = IncrementalDelivery(context.correlation_id)
            async with aclosing(results):
                async for result in results:
                    incremental = (
                        incremental_delivery.format_frame(result)
                        if isinstance(result, FRAME_TYPES)
                        else None
                    )
                    if isinstance(result, SubsequentIncrementalExecutionResult):
                        yield GraphQLResponse(was_executed=False, incremental=incremental)
                        continue
                    response = _build_response(result.data, result.errors, context, accepted.cost)
                    yield msgspec.structs.replace(response, incremental=incremental)
        finally:
            self._finish(accepted, context)

    async def _subscribe(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        context = self._create_context(accepted.caller)
        results = _call_engine(self._limits.current.engine.subscribe, accepted, context)
        try:
            async with aclosing(results):
                async for result in results:
                    yield _build_response(result.data, result.errors, context, accepted.cost)
        except SubscriptionRejected as none:
            yield _failed_response(none.errors, context.correlation_id)
        except Exception as failure:  # noqa: BLE001 - a fault is logged and masked with the others
            error = GraphQLError(str(failure), original_error=failure)
            yield _failed_response([error], context.correlation_id)
        finally:
            self._finish(accepted, context)

    def _finish(self, accepted: AcceptedRequest, context: RequestContext) -> None:
        """Let nothing of a request go on, and charge what it took.

        What its operation took is none of that: it is the estimate's share of a purchase.
        """
        context.loaders.close()
        self._limits.current.requests.charge(
            accepted.cost, accepted.caller.principal, context.calls_made()
        )


def _call_engine(run: Callable[..., T], accepted: AcceptedRequest, context: RequestContext) -> T:
    """Let the engine run what was admitted, in one of its ways."""
    request = accepted.request
    return run(
        accepted.document,
        context=context,
        variables=request.variables,
        operation_name=request.operation_name or None,
        operation_extensions=request.extensions,
    )


def _build_response(
    data: Any,
    errors: Sequence[GraphQLError] | None,
    context: RequestContext,
    cost: RequestCost,
) -> GraphQLResponse:
    calls_made = context.calls_made() + context.operation_calls_made()
    extensions = _cost_extension(cost.calls, calls_made)
    if not errors:
        return GraphQLResponse(data, extensions=extensions, headers=cost.headers)
    # An error of a field has the field's path; without a field nothing was executed.
    was_executed = data is not None or any(error.path is not None for error in errors)
    told = format_errors(errors, context.correlation_id)
    return GraphQLResponse(data, told, extensions, was_executed=was_executed, headers=cost.headers)


def _cost_extension(estimated: int, actual: int) -> dict[str, Any] | None:
    """Tell the upstream calls that were expected and made; nothing where there were none."""
    if not (estimated or actual):
        return None
    return {"cost": {"estimated": estimated, "actual": actual}}


def _failed_response(errors: Sequence[GraphQLError], correlation_id: str) -> GraphQLResponse:
    return GraphQLResponse(errors=format_errors(errors, correlation_id), was_executed=False)


def _no_operation_error(name: str | None) -> InvalidInput:
    if name:
        return InvalidInput(f"The document has no operation named {quote(name)}.")
    return InvalidInput(
        "An operation name is needed, for the document does not have exactly one operation;"
        " send it as `operationName`."
    )


def _rejection(reason: InvalidDocument | RequestError) -> RequestRejected:
    if isinstance(reason, InvalidDocument):
        status = 400 if isinstance(reason.errors[0], GraphQLSyntaxError) else 422
        return RequestRejected(error_list_response(reason.errors, status))
    if isinstance(reason, RateLimitExceeded):
        return RequestRejected(error_response(reason, 429, reason.headers))
    refused = error_response(reason, 403 if isinstance(reason, Forbidden) else 422)
    if isinstance(reason, CostExceeded):
        refused = msgspec.structs.replace(refused, extensions=_cost_extension(reason.estimated, 0))
    return RequestRejected(refused)
