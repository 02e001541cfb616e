"""GraphQL over HTTP: POST, and GET for queries.

Nothing here is done for each request that can be done once: headers are read from one dictionary,
what they mean is remembered, and answers leave as bytes with headers made beforehand.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeAlias

import msgspec
from graphql import OperationType
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from gateway.asgi import Header, get_fast_responder
from gateway.auth.authenticators import Authenticator
from gateway.auth.caller import Caller
from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.edge.browsers import cors
from gateway.edge.browsers.origins import AllowedOrigins
from gateway.edge.cancellation.credential_monitor import RevocationWaiter
from gateway.edge.cancellation.disconnects import cancel_on_disconnect
from gateway.edge.cancellation.draining import ShuttingDown
from gateway.edge.headers import read_authorizations, read_headers
from gateway.edge.http.batching import BatchRequestHandler
from gateway.edge.http.body import BodyReader
from gateway.edge.http.compression import ResponseCompressor
from gateway.edge.http.content_negotiation import AcceptedTypes, ContentNegotiator, MediaType
from gateway.edge.http.etag import conditional_response, etag_of, is_catalog_only
from gateway.edge.http.http_response import EmptyResponse, HttpResponse
from gateway.edge.http.incoming_request import IncomingRequest
from gateway.edge.http.multipart import MultipartStream
from gateway.edge.http.sse import EventStream, StreamConfig, encode_events, single
from gateway.edge.http.sse_single_connection import SseSingleConnection
from gateway.edge.http.statuses import StatusRules
from gateway.edge.http_error import HttpError
from gateway.edge.pipeline import AcceptedRequest, RequestPipeline
from gateway.edge.request import (
    GraphQLRequest,
    NotAGraphQLRequest,
    RequestOrBatch,
    UnreadableRequest,
    parse_body,
    parse_query_string,
)
from gateway.edge.response import GraphQLResponse, RequestRejected, error_response
from gateway.edge.streaming import StreamExecutor
from gateway.persisted.documents import NO_DOCUMENT
from schema.errors import InvalidInput

_ALLOW_ALL: Final[Header] = (b"allow", cors.METHODS)
_ALLOW_POST: Final[Header] = (b"allow", b"POST")
_CHANGING_GET: Final = "Only queries are run over GET; send this by POST."
_UNACCEPTABLE: Final = (
    "Answers are application/graphql-response+json or application/json; accept one of them."
)
_STREAMED: Final = (
    "A subscription is answered as a stream of events; accept text/event-stream, or ask by"
    " WebSocket."
)
_ONE_BY_ONE: Final = "An array came; send requests one by one to a stream."
_IN_PARTS: Final = "What @defer or @stream put off comes in parts; accept multipart/mixed."
# By GET an answer depends on these; by POST nobody keeps it.
_GET_HEADERS: Final[tuple[Header, ...]] = (
    (b"cache-control", b"no-store"),
    (b"vary", b"accept, accept-encoding, authorization"),
)


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """How HTTP requests are taken, and answered."""

    origins: AllowedOrigins
    preflight: cors.Preflight
    bodies: BodyReader
    batches: BatchRequestHandler
    statuses: StatusRules
    compression: ResponseCompressor
    streams: StreamConfig


AnyHttpResponse: TypeAlias = HttpResponse | MultipartStream | EmptyResponse | EventStream


class GraphQLOverHTTP:
    """An ASGI app for one address."""

    def __init__(
        self,
        pipeline: RequestPipeline,
        streaming: StreamExecutor,
        single_connection: SseSingleConnection,
        authenticator: Authenticator,
        config: HttpConfig,
    ) -> None:
        self._pipeline = pipeline
        self._streaming = streaming
        self._single_connection = single_connection
        self._authenticator = authenticator
        self._config = config
        self._negotiator = ContentNegotiator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; one whose client has left needs no answer."""
        try:
            headers = read_headers(scope)
            self._config.origins.require_allowed(headers)
        except HttpError as refusal:
            await self._encode_error(refusal, MediaType.JSON).send(send)
            return
        page = self._config.origins.find_allowed_cross_origin(headers)
        if scope["method"] == "OPTIONS":
            await EmptyResponse(204, self._config.preflight.build_headers(page)).send(send)
            return
        accepted = self._negotiator.negotiate(headers.get(b"accept", b"*/*"))
        with contextlib.suppress(ClientDisconnect):
            direct = get_fast_responder(scope)
            reply = await self._handle_until_shutdown(
                IncomingRequest(scope, receive, headers, accepted, direct)
            )
            if page is not None:
                reply = reply.with_headers(cors.response_headers(page))
            await (
                reply.send(send, direct) if isinstance(reply, HttpResponse) else reply.send(send)
            )

    async def _handle_until_shutdown(self, incoming: IncomingRequest) -> AnyHttpResponse:
        """Answer, unless the end of the gateway comes first."""
        try:
            return await self._handle(incoming)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or not self._config.streams.draining.has_begun:
                raise
            task.uncancel()  # by the server, whose patience ended
            later = (b"retry-after", str(ShuttingDown.retry_after_s).encode())
            refusal = HttpError(503, ShuttingDown(), (later,))
            return self._encode_error(refusal, incoming.accepted.response_type or MediaType.JSON)

    async def _handle(self, incoming: IncomingRequest) -> AnyHttpResponse:
        """Answer, or tell why not."""
        media_type = incoming.accepted.response_type or MediaType.JSON
        try:
            return await self._dispatch(incoming)
        except RequestRejected as refused:
            if incoming.accepted.prefers_event_stream:
                return self._event_stream(incoming, single(refused.response))
            return await self._encode_response(incoming, refused.response)
        except HttpError as refusal:
            return self._encode_error(refusal, media_type)
        except NotAGraphQLRequest as wrong:
            status = self._config.statuses.not_a_graphql_request
            return self._encode_error(HttpError(status, InvalidInput(str(wrong))), media_type)
        except UnreadableRequest as malformed:
            return self._encode_error(HttpError(400, InvalidInput(str(malformed))), media_type)

    def _encode_error(self, refusal: HttpError, media_type: MediaType) -> HttpResponse:
        status, told_as = self._config.statuses.for_error(refusal.status, media_type)
        answer = error_response(refusal.problem)
        return HttpResponse(status, told_as, msgspec.json.encode(answer.to_dict()), refusal.headers)

    async def _dispatch(self, incoming: IncomingRequest) -> AnyHttpResponse:
        caller = await self._authenticate(read_authorizations(incoming.scope))
        if self._single_connection.matches(incoming):
            admit = partial(self._accept_streamed, incoming, caller)
            return await self._single_connection.handle(incoming, caller, admit)
        requests = await self._parse(incoming, caller)
        if isinstance(requests, list):
            return await self._respond_to_batch(incoming, requests, caller)
        accepted = self._accept(incoming, requests, caller)
        if _uses_event_stream(incoming.accepted, accepted):
            events = self._event_stream(incoming, self._streaming.execute(accepted))
            wait_revoked = self._revocation_waiter(incoming, accepted)
            return replace(events, is_endless=accepted.is_subscription, wait_revoked=wait_revoked)
        if accepted.operation.is_incremental:
            return await self._respond_in_parts(incoming, accepted)
        if accepted.is_subscription:
            raise HttpError(406, InvalidInput(_STREAMED))
        return await self._respond_once(incoming, accepted)

    async def _respond_once(
        self, incoming: IncomingRequest, accepted: AcceptedRequest
    ) -> HttpResponse | EmptyResponse:
        if incoming.accepted.response_type is None:
            raise HttpError(406, InvalidInput(_UNACCEPTABLE))
        work = self._pipeline.execute(accepted)
        # What changes something goes on when its client has left.
        if accepted.is_query:
            work = cancel_on_disconnect(incoming.receive, work, incoming.fast_responder)
        answer = await work
        reply = await self._encode_response(incoming, answer)
        if incoming.scope["method"] == "POST" or answer.errors:
            return reply
        if not is_catalog_only(accepted.operation.root_fields):
            return reply
        known = incoming.headers.get(b"if-none-match", b"")
        return conditional_response(reply, etag_of(answer.data), known)

    def _accept(
        self, incoming: IncomingRequest, request: GraphQLRequest, caller: Caller
    ) -> AcceptedRequest:
        accepted = self._pipeline.accept(request, caller)
        is_change = accepted.operation.type is OperationType.MUTATION
        if is_change and incoming.scope["method"] != "POST":
            raise HttpError(405, InvalidInput(_CHANGING_GET), (_ALLOW_POST,))
        return accepted

    async def _accept_streamed(self, incoming: IncomingRequest, caller: Caller) -> AcceptedRequest:
        """Admit a request whose answers leave by another's stream."""
        requests = await self._parse(incoming, caller)
        if isinstance(requests, list):
            raise NotAGraphQLRequest(_ONE_BY_ONE)
        return self._accept(incoming, requests, caller)

    def _revocation_waiter(
        self, incoming: IncomingRequest, accepted: AcceptedRequest
    ) -> RevocationWaiter | None:
        if not accepted.is_subscription:
            return None
        authorizations = read_authorizations(incoming.scope)
        return partial(
            self._config.streams.credential_monitor.wait_revoked, accepted.caller, authorizations
        )

    def _event_stream(
        self, incoming: IncomingRequest, answers: AsyncGenerator[GraphQLResponse, None]
    ) -> EventStream:
        seen = incoming.headers.get(b"last-event-id", b"").decode("latin-1")
        return EventStream(encode_events(answers, seen), incoming.receive, self._config.streams)

    async def _respond_to_batch(
        self, incoming: IncomingRequest, requests: Sequence[GraphQLRequest], caller: Caller
    ) -> HttpResponse:
        if incoming.accepted.response_type is None:
            raise HttpError(406, InvalidInput(_UNACCEPTABLE))
        work = self._config.batches.execute(requests, caller, self._pipeline)
        contents = await cancel_on_disconnect(incoming.receive, work, incoming.fast_responder)
        return await self._encode(incoming, 200, incoming.accepted.response_type, contents)

    async def _respond_in_parts(
        self, incoming: IncomingRequest, accepted: AcceptedRequest
    ) -> HttpResponse | MultipartStream:
        if not incoming.accepted.multipart:
            raise HttpError(406, InvalidInput(_IN_PARTS))
        answers = self._pipeline.stream(accepted)
        work = anext(answers)
        first = await (cancel_on_disconnect(incoming.receive, work) if accepted.is_query else work)
        if first.was_executed:
            return MultipartStream(first, answers, incoming.receive)
        return await self._encode_response(incoming, first)

    async def _authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        try:
            return await self._authenticator.authenticate(authorizations)
        except Unauthenticated as stranger:
            challenge = (b"www-authenticate", stranger.challenge.encode())
            raise HttpError(401, stranger, (challenge,)) from stranger
        except SigningKeysUnavailable as trouble:
            later = (b"retry-after", str(trouble.retry_after_s).encode())
            raise HttpError(503, trouble, (later,)) from trouble

    async def _parse(self, incoming: IncomingRequest, caller: Caller) -> RequestOrBatch:
        method = incoming.scope["method"]
        if method == "POST":
            body = await self._config.bodies.read(incoming.headers, incoming.receive, caller)
            requests = parse_body(body)
        elif method in ("GET", "HEAD"):
            requests = parse_query_string(incoming.scope["query_string"])
        else:
            text = f"GraphQL is asked by POST, or by GET; not by {method}."
            raise HttpError(405, InvalidInput(text), (_ALLOW_ALL,))
        if isinstance(requests, GraphQLRequest) and not requests.has_document:
            raise NotAGraphQLRequest(NO_DOCUMENT)
        return requests

    async def _encode_response(
        self, incoming: IncomingRequest, answer: GraphQLResponse
    ) -> HttpResponse:
        single = incoming.accepted.response_type or MediaType.JSON
        status, media_type = self._config.statuses.for_response(answer, single)
        return await self._encode(incoming, status, media_type, answer.to_dict(), answer.headers)

    async def _encode(
        self,
        incoming: IncomingRequest,
        status: int,
        media_type: MediaType,
        content: object,
        headers: Sequence[Header] = (),
    ) -> HttpResponse:
        wanted = incoming.headers.get(b"accept-encoding", b"")
        body, coding = await self._config.compression.compress(msgspec.json.encode(content), wanted)
        if coding is not None:
            headers = (*headers, (b"content-encoding", coding))
        if incoming.scope["method"] != "POST":
            headers = (*headers, *_GET_HEADERS)
        return HttpResponse(status, media_type, body, headers)


def _uses_event_stream(types: AcceptedTypes, accepted: AcceptedRequest) -> bool:
    """Whether a client wants events, or takes them where nothing else is possible."""
    if accepted.is_subscription:
        return types.event_stream
    return types.prefers_event_stream
