"""Executes an accepted request and responds in the form that the client accepts."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, TypeAlias

from graphql import OperationType

from gateway.asgi import Header
from gateway.auth.caller import Caller
from gateway.edge.cancellation.credential_monitor import RevocationWaiter
from gateway.edge.cancellation.disconnects import cancel_on_disconnect
from gateway.edge.http.batching import BatchRequestHandler
from gateway.edge.http.content_negotiation import AcceptedTypes
from gateway.edge.http.etag import conditional_response, etag_of, is_catalog_only
from gateway.edge.http.http_response import EmptyResponse, HttpResponse
from gateway.edge.http.incoming_request import IncomingRequest
from gateway.edge.http.multipart import MultipartStream
from gateway.edge.http.response_encoder import ResponseEncoder
from gateway.edge.http.sse import EventStream, StreamConfig, encode_events, single
from gateway.edge.pipeline import AcceptedRequest, RequestPipeline
from gateway.edge.request import GraphQLRequest
from gateway.edge.response import GraphQLResponse, HttpError
from gateway.edge.streaming import StreamExecutor
from schema.errors import InvalidInput

_ALLOW_POST: Final[Header] = (b"allow", b"POST")
_MUTATION_BY_GET: Final = "Mutations are not executed over GET. Send this request by POST."
_JSON_REQUIRED: Final = (
    "The Accept header does not allow the response. Accept application/graphql-response+json or"
    " application/json."
)
_EVENT_STREAM_REQUIRED: Final = (
    "The response to a subscription is a stream. Accept text/event-stream, or use WebSocket."
)
_MULTIPART_REQUIRED: Final = (
    "The response to @defer or @stream has several parts. Accept multipart/mixed."
)

AnyHttpResponse: TypeAlias = HttpResponse | MultipartStream | EmptyResponse | EventStream


class HttpExecutor:
    """Executes requests: one response, several parts, or a stream of events."""

    def __init__(
        self,
        pipeline: RequestPipeline,
        streaming: StreamExecutor,
        batches: BatchRequestHandler,
        encoder: ResponseEncoder,
        config: StreamConfig,
    ) -> None:
        self._pipeline = pipeline
        self._streaming = streaming
        self._batches = batches
        self._encoder = encoder
        self._config = config

    def accept(
        self, incoming: IncomingRequest, request: GraphQLRequest, caller: Caller
    ) -> AcceptedRequest:
        """Check whether the request may be executed. Raises HttpError and RequestRejected."""
        accepted = self._pipeline.accept(request, caller)
        is_mutation = accepted.operation.type is OperationType.MUTATION
        if is_mutation and incoming.head.method != "POST":
            raise HttpError(405, InvalidInput(_MUTATION_BY_GET), (_ALLOW_POST,))
        return accepted

    async def execute(
        self, incoming: IncomingRequest, accepted: AcceptedRequest
    ) -> AnyHttpResponse:
        if _uses_event_stream(incoming.head.accepted, accepted):
            events = self._event_stream(incoming, self._streaming.execute(accepted))
            wait_revoked = self._revocation_waiter(incoming, accepted)
            return replace(events, is_endless=accepted.is_subscription, wait_revoked=wait_revoked)
        if accepted.operation.is_incremental:
            return await self._execute_incremental(incoming, accepted)
        if accepted.is_subscription:
            raise HttpError(406, InvalidInput(_EVENT_STREAM_REQUIRED))
        return await self._execute_single(incoming, accepted)

    async def execute_batch(
        self, incoming: IncomingRequest, requests: Sequence[GraphQLRequest], caller: Caller
    ) -> HttpResponse:
        if incoming.head.accepted.response_type is None:
            raise HttpError(406, InvalidInput(_JSON_REQUIRED))
        work = self._batches.execute(requests, caller, self._pipeline)
        contents = await cancel_on_disconnect(incoming.receive, work, incoming.fast_responder)
        return await self._encoder.encode_json(
            incoming, 200, incoming.head.accepted.response_type, contents
        )

    async def respond_with(
        self, incoming: IncomingRequest, response: GraphQLResponse
    ) -> AnyHttpResponse:
        """Encode the response to a rejected request: as an event if the client expects a stream."""
        if incoming.head.accepted.prefers_event_stream:
            return self._event_stream(incoming, single(response))
        return await self._encoder.encode(incoming, response)

    async def _execute_single(
        self, incoming: IncomingRequest, accepted: AcceptedRequest
    ) -> HttpResponse | EmptyResponse:
        if incoming.head.accepted.response_type is None:
            raise HttpError(406, InvalidInput(_JSON_REQUIRED))
        work = self._pipeline.execute(accepted)
        if accepted.is_query:  # a mutation completes even if its client disconnects
            work = cancel_on_disconnect(incoming.receive, work, incoming.fast_responder)
        response = await work
        encoded = await self._encoder.encode(incoming, response)
        if incoming.head.method == "POST" or response.errors:
            return encoded
        if not is_catalog_only(accepted.operation.root_fields):
            return encoded
        known_etags = incoming.head.headers.get(b"if-none-match", b"")
        return conditional_response(encoded, etag_of(response.data), known_etags)

    async def _execute_incremental(
        self, incoming: IncomingRequest, accepted: AcceptedRequest
    ) -> HttpResponse | MultipartStream:
        if not incoming.head.accepted.multipart:
            raise HttpError(406, InvalidInput(_MULTIPART_REQUIRED))
        responses = self._pipeline.stream(accepted)
        work = anext(responses)
        if accepted.is_query:
            first = await cancel_on_disconnect(incoming.receive, work)
        else:
            first = await work
        if first.was_executed:
            return MultipartStream(first, responses, incoming.receive)
        return await self._encoder.encode(incoming, first)

    def _event_stream(
        self, incoming: IncomingRequest, responses: AsyncGenerator[GraphQLResponse, None]
    ) -> EventStream:
        last_event_id = incoming.head.headers.get(b"last-event-id", b"").decode("latin-1")
        return EventStream(encode_events(responses, last_event_id), incoming.receive, self._config)

    def _revocation_waiter(
        self, incoming: IncomingRequest, accepted: AcceptedRequest
    ) -> RevocationWaiter | None:
        if not accepted.is_subscription:
            return None
        authorizations = incoming.head.authorizations
        return partial(
            self._config.credential_monitor.wait_revoked, accepted.caller, authorizations
        )


def _uses_event_stream(types: AcceptedTypes, accepted: AcceptedRequest) -> bool:
    """Whether the client prefers events, or accepts them for a subscription."""
    if accepted.is_subscription:
        return types.event_stream
    return types.prefers_event_stream
