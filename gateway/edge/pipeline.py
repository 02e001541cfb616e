"""The stages of every GraphQL request, whatever its protocol.

accept: find the document, prepare it, choose the operation, check scopes and limits.
execute, stream, subscribe: create the request context, run the engine, build responses.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

import msgspec
from graphql import GraphQLError, OperationType
from graphql.execution import SubsequentIncrementalExecutionResult

from gateway.auth.caller import Caller
from gateway.edge.error_codes import format_errors
from gateway.edge.incremental_delivery import FRAME_TYPES, IncrementalDelivery
from gateway.edge.rejection import build_rejection, cost_extension, unknown_operation_error
from gateway.edge.request import GraphQLRequest
from gateway.edge.request_observer import UNREGISTERED, RequestObserver
from gateway.edge.response import GraphQLResponse
from gateway.engine import InvalidDocument, SubscriptionRejected
from gateway.engine.prepare import PreparedDocument, PreparedOperation
from gateway.limits.reloadable import ReloadableLimits
from gateway.limits.requests import RequestCost
from gateway.persisted.documents import DocumentRegistry
from resolvers.context import RequestContext
from schema.errors import RequestError

T = TypeVar("T")

CheckScopes = Callable[[PreparedOperation, Caller], None]
CreateContext = Callable[[Caller], RequestContext]


class AcceptedRequest(msgspec.Struct, frozen=True):
    """A request that has passed all checks and may be executed.

    Attributes:
        name: the name for metrics: that of the operation, if its document is registered.
    """

    request: GraphQLRequest
    caller: Caller
    document: PreparedDocument
    operation: PreparedOperation
    cost: RequestCost
    name: str

    @property
    def is_query(self) -> bool:
        return self.operation.type is OperationType.QUERY

    @property
    def is_subscription(self) -> bool:
        return self.operation.type is OperationType.SUBSCRIPTION


class RequestPipeline:
    """Checks and executes GraphQL requests.

    Args:
        documents: the registered documents and cached persisted queries.
        limits: the current limits, with the engine that validates documents against them.
        check_scopes: raises Forbidden; runs before the rate limits, so that it uses none of them.
        create_context: creates the context of one request.
        observer: observes each request when it ends; the type of a rejected request is `unknown`.
        monotonic: a clock, in seconds.
    """

    def __init__(
        self,
        documents: DocumentRegistry,
        limits: ReloadableLimits,
        check_scopes: CheckScopes,
        create_context: CreateContext,
        *,
        observer: RequestObserver,
        monotonic: Callable[[], float],
    ) -> None:
        self._documents = documents
        self._limits = limits
        self._check_scopes = check_scopes
        self._create_context = create_context
        self.observer = observer
        self._monotonic = monotonic

    def accept(self, request: GraphQLRequest, caller: Caller) -> AcceptedRequest:
        """Check whether a request may be executed. Raises RequestRejected."""
        started_s = self._monotonic()
        documents, limits = self._documents, self._limits.current
        try:
            text = documents.resolve(request.query, request.document_id, request.extensions)
            document = limits.engine.prepare(text)
            if request.extensions:
                documents.remember(text, request.extensions)
            operation = document.operation(request.operation_name or None)
            if operation is None:
                raise unknown_operation_error(request.operation_name)
            documents.check_policy(text, operation.type)
            self._check_scopes(operation, caller)
            cost = limits.requests.check(operation, request.variables, caller.principal)
            if operation.is_incremental:
                operation.check_incremental(request.variables or {})
        except (InvalidDocument, RequestError) as reason:
            rejected = build_rejection(reason)
            duration_s = self._monotonic() - started_s
            self.observer.on_rejected(rejected.response, caller.principal, duration_s)
            raise rejected from reason
        name = operation.name if documents.is_registered_as(text) else UNREGISTERED
        return AcceptedRequest(request, caller, document, operation, cost, name)

    async def execute(self, accepted: AcceptedRequest) -> GraphQLResponse:
        """Execute a query or a mutation."""
        started_s = self._monotonic()
        response = None
        context = self._create_context(accepted.caller)
        self.observer.in_flight += 1
        try:
            result = await _call_engine(self._limits.current.engine.execute, accepted, context)
            response = _build_response(result.data, result.errors, context, accepted.cost)
            return response
        finally:
            self._finish(accepted, context)
            self.observer.on_end(accepted, response, self._monotonic() - started_s)

    async def stream(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        """Execute a query with `@defer` or `@stream`; yield one response for each part."""
        async with aclosing(self._stream(accepted)) as responses:
            async for response in self._observe_stream(accepted, responses):
                yield response

    async def subscribe(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        """Execute a subscription; yield one response for each event, and one if it fails."""
        async with aclosing(self._subscribe(accepted)) as responses:
            async for response in self._observe_stream(accepted, responses):
                yield response

    async def _observe_stream(
        self, accepted: AcceptedRequest, responses: AsyncGenerator[GraphQLResponse, None]
    ) -> AsyncGenerator[GraphQLResponse, None]:
        """Pass responses on and observe the outcome of the last one."""
        started_s = self._monotonic()
        last = None
        self.observer.in_flight += 1
        try:
            async for response in responses:
                last = response
                yield response
        finally:
            self.observer.on_end(accepted, last, self._monotonic() - started_s)

    async def _stream(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        context = self._create_context(accepted.caller)
        try:
            results = await _call_engine(self._limits.current.engine.stream, accepted, context)
            delivery = IncrementalDelivery(context.correlation_id)
            async with aclosing(results):
                async for result in results:
                    frame = (
                        delivery.format_frame(result) if isinstance(result, FRAME_TYPES) else None
                    )
                    if isinstance(result, SubsequentIncrementalExecutionResult):
                        yield GraphQLResponse(was_executed=False, incremental=frame)
                        continue
                    response = _build_response(result.data, result.errors, context, accepted.cost)
                    yield msgspec.structs.replace(response, incremental=frame)
        finally:
            self._finish(accepted, context)

    async def _subscribe(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        context = self._create_context(accepted.caller)
        results = _call_engine(self._limits.current.engine.subscribe, accepted, context)
        try:
            async with aclosing(results):
                async for result in results:
                    yield _build_response(result.data, result.errors, context, accepted.cost)
        except SubscriptionRejected as rejected:
            yield _failed_response(rejected.errors, context.correlation_id)
        except Exception as fault:  # noqa: BLE001 - logged and masked by format_errors
            error = GraphQLError(str(fault), original_error=fault)
            yield _failed_response([error], context.correlation_id)
        finally:
            self._finish(accepted, context)

    def _finish(self, accepted: AcceptedRequest, context: RequestContext) -> None:
        """Stop pending loads and charge the upstream calls to the caller's rate limit.

        Calls of an operation are not charged: the rate limits count it as a mutation.
        """
        context.loaders.close()
        self._limits.current.requests.charge(
            accepted.cost, accepted.caller.principal, context.calls_made()
        )


def _call_engine(method: Callable[..., T], accepted: AcceptedRequest, context: RequestContext) -> T:
    request = accepted.request
    return method(
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
    extensions = cost_extension(cost.calls, calls_made)
    if not errors:
        return GraphQLResponse(data, extensions=extensions, headers=cost.headers)
    # A field's error has a path; errors without one mean that execution did not begin.
    was_executed = data is not None or any(error.path is not None for error in errors)
    formatted = format_errors(errors, context.correlation_id)
    return GraphQLResponse(
        data, formatted, extensions, was_executed=was_executed, headers=cost.headers
    )


def _failed_response(errors: Sequence[GraphQLError], correlation_id: str) -> GraphQLResponse:
    return GraphQLResponse(errors=format_errors(errors, correlation_id), was_executed=False)
