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

from gateway.asgi import Header, direct_of
from gateway.auth.authenticators import Authenticator
from gateway.auth.caller import Caller
from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.edge.answer import Answer, Refused, refusal_of
from gateway.edge.browsers import cors
from gateway.edge.browsers.origins import Origins
from gateway.edge.headers import authorizations_of, headers_of
from gateway.edge.http.batching import Batches
from gateway.edge.http.body import BodyReader
from gateway.edge.http.compression import Compression
from gateway.edge.http.exchange import Exchange
from gateway.edge.http.multipart import Parts
from gateway.edge.http.negotiate import Accepted, MediaType, Negotiator
from gateway.edge.http.reply import Empty, Reply
from gateway.edge.http.single_connection import SingleConnection
from gateway.edge.http.sse import EventStream, StreamRules, events_of, only
from gateway.edge.http.statuses import Statuses
from gateway.edge.http.validators import is_catalog_only, tag_of, validated
from gateway.edge.lifetimes.disconnects import while_connected
from gateway.edge.lifetimes.draining import ShuttingDown
from gateway.edge.lifetimes.recognition import Lost
from gateway.edge.pipeline import Admitted, Pipeline
from gateway.edge.refusal import HTTPRefusal
from gateway.edge.request import (
    GraphQLRequest,
    Malformed,
    NotARequest,
    Requests,
    parse_body,
    parse_query_string,
)
from gateway.edge.streaming import Streaming
from gateway.persisted.documents import NO_DOCUMENT
from schema.problems import BadInput

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
class Rules:
    """How HTTP requests are taken, and answered."""

    origins: Origins
    preflight: cors.Preflight
    bodies: BodyReader
    batches: Batches
    statuses: Statuses
    compression: Compression
    streams: StreamRules


Response: TypeAlias = Reply | Parts | Empty | EventStream


class GraphQLOverHTTP:
    """An ASGI app for one address."""

    def __init__(
        self,
        pipeline: Pipeline,
        streaming: Streaming,
        single_connection: SingleConnection,
        authenticator: Authenticator,
        rules: Rules,
    ) -> None:
        self._pipeline = pipeline
        self._streaming = streaming
        self._single_connection = single_connection
        self._authenticator = authenticator
        self._rules = rules
        self._negotiator = Negotiator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; one whose client has left needs no answer."""
        try:
            headers = headers_of(scope)
            self._rules.origins.check(headers)
        except HTTPRefusal as refusal:
            await self._refused(refusal, MediaType.JSON).send(send)
            return
        page = self._rules.origins.allowed(headers)
        if scope["method"] == "OPTIONS":
            await Empty(204, self._rules.preflight.headers(page)).send(send)
            return
        accepted = self._negotiator.accepted(headers.get(b"accept", b"*/*"))
        with contextlib.suppress(ClientDisconnect):
            direct = direct_of(scope)
            reply = await self._reply_in_time(Exchange(scope, receive, headers, accepted, direct))
            if page is not None:
                reply = reply.with_headers(cors.answer_headers(page))
            await (reply.send(send, direct) if isinstance(reply, Reply) else reply.send(send))

    async def _reply_in_time(self, exchange: Exchange) -> Response:
        """Answer, unless the end of the gateway comes first."""
        try:
            return await self._reply(exchange)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or not self._rules.streams.draining.has_begun:
                raise
            task.uncancel()  # by the server, whose patience ended
            later = (b"retry-after", str(ShuttingDown.retry_after_s).encode())
            refusal = HTTPRefusal(503, ShuttingDown(), (later,))
            return self._refused(refusal, exchange.accepted.single or MediaType.JSON)

    async def _reply(self, exchange: Exchange) -> Response:
        """Answer, or tell why not."""
        media_type = exchange.accepted.single or MediaType.JSON
        try:
            return await self._answered(exchange)
        except Refused as refused:
            if exchange.accepted.prefers_events:
                return self._events(exchange, only(refused.answer))
            return await self._told(exchange, refused.answer)
        except HTTPRefusal as refusal:
            return self._refused(refusal, media_type)
        except NotARequest as wrong:
            status = self._rules.statuses.not_a_request
            return self._refused(HTTPRefusal(status, BadInput(str(wrong))), media_type)
        except Malformed as malformed:
            return self._refused(HTTPRefusal(400, BadInput(str(malformed))), media_type)

    def _refused(self, refusal: HTTPRefusal, media_type: MediaType) -> Reply:
        status, told_as = self._rules.statuses.of_refusal(refusal.status, media_type)
        answer = refusal_of(refusal.problem)
        return Reply(status, told_as, msgspec.json.encode(answer.content()), refusal.headers)

    async def _answered(self, exchange: Exchange) -> Response:
        caller = await self._known(authorizations_of(exchange.scope))
        if self._single_connection.concerns(exchange):
            admit = partial(self._admitted, exchange, caller)
            return await self._single_connection.answer(exchange, caller, admit)
        requests = await self._requests(exchange, caller)
        if isinstance(requests, list):
            return await self._batch(exchange, requests, caller)
        admitted = self._admit(exchange, requests, caller)
        if _is_streamed(exchange.accepted, admitted):
            events = self._events(exchange, self._streaming.answers(admitted))
            lost = self._lost(exchange, admitted)
            return replace(events, is_endless=admitted.is_followed, lost=lost)
        if admitted.operation.is_incremental:
            return await self._parts(exchange, admitted)
        if admitted.is_followed:
            raise HTTPRefusal(406, BadInput(_STREAMED))
        return await self._at_once(exchange, admitted)

    async def _at_once(self, exchange: Exchange, admitted: Admitted) -> Reply | Empty:
        if exchange.accepted.single is None:
            raise HTTPRefusal(406, BadInput(_UNACCEPTABLE))
        work = self._pipeline.answer(admitted)
        # What changes something goes on when its client has left.
        if admitted.only_reads:
            work = while_connected(exchange.receive, work, exchange.direct)
        answer = await work
        reply = await self._told(exchange, answer)
        if exchange.scope["method"] == "POST" or answer.errors:
            return reply
        if not is_catalog_only(admitted.operation.root_fields):
            return reply
        known = exchange.headers.get(b"if-none-match", b"")
        return validated(reply, tag_of(answer.data), known)

    def _admit(self, exchange: Exchange, request: GraphQLRequest, caller: Caller) -> Admitted:
        admitted = self._pipeline.admit(request, caller)
        is_change = admitted.operation.type is OperationType.MUTATION
        if is_change and exchange.scope["method"] != "POST":
            raise HTTPRefusal(405, BadInput(_CHANGING_GET), (_ALLOW_POST,))
        return admitted

    async def _admitted(self, exchange: Exchange, caller: Caller) -> Admitted:
        """Admit a request whose answers leave by another's stream."""
        requests = await self._requests(exchange, caller)
        if isinstance(requests, list):
            raise NotARequest(_ONE_BY_ONE)
        return self._admit(exchange, requests, caller)

    def _lost(self, exchange: Exchange, admitted: Admitted) -> Lost | None:
        if not admitted.is_followed:
            return None
        authorizations = authorizations_of(exchange.scope)
        return partial(self._rules.streams.recognition.lost, admitted.caller, authorizations)

    def _events(self, exchange: Exchange, answers: AsyncGenerator[Answer, None]) -> EventStream:
        seen = exchange.headers.get(b"last-event-id", b"").decode("latin-1")
        return EventStream(events_of(answers, seen), exchange.receive, self._rules.streams)

    async def _batch(
        self, exchange: Exchange, requests: Sequence[GraphQLRequest], caller: Caller
    ) -> Reply:
        if exchange.accepted.single is None:
            raise HTTPRefusal(406, BadInput(_UNACCEPTABLE))
        work = self._rules.batches.answer(requests, caller, self._pipeline)
        contents = await while_connected(exchange.receive, work, exchange.direct)
        return await self._encoded(exchange, 200, exchange.accepted.single, contents)

    async def _parts(self, exchange: Exchange, admitted: Admitted) -> Reply | Parts:
        if not exchange.accepted.parts:
            raise HTTPRefusal(406, BadInput(_IN_PARTS))
        answers = self._pipeline.stream(admitted)
        work = anext(answers)
        first = await (while_connected(exchange.receive, work) if admitted.only_reads else work)
        if first.was_executed:
            return Parts(first, answers, exchange.receive)
        return await self._told(exchange, first)

    async def _known(self, authorizations: Sequence[bytes]) -> Caller:
        try:
            return await self._authenticator.authenticate(authorizations)
        except Unauthenticated as stranger:
            challenge = (b"www-authenticate", stranger.challenge.encode())
            raise HTTPRefusal(401, stranger, (challenge,)) from stranger
        except SigningKeysUnavailable as trouble:
            later = (b"retry-after", str(trouble.retry_after_s).encode())
            raise HTTPRefusal(503, trouble, (later,)) from trouble

    async def _requests(self, exchange: Exchange, caller: Caller) -> Requests:
        method = exchange.scope["method"]
        if method == "POST":
            body = await self._rules.bodies.read(exchange.headers, exchange.receive, caller)
            requests = parse_body(body)
        elif method in ("GET", "HEAD"):
            requests = parse_query_string(exchange.scope["query_string"])
        else:
            text = f"GraphQL is asked by POST, or by GET; not by {method}."
            raise HTTPRefusal(405, BadInput(text), (_ALLOW_ALL,))
        if isinstance(requests, GraphQLRequest) and not requests.names_a_document:
            raise NotARequest(NO_DOCUMENT)
        return requests

    async def _told(self, exchange: Exchange, answer: Answer) -> Reply:
        single = exchange.accepted.single or MediaType.JSON
        status, media_type = self._rules.statuses.of_answer(answer, single)
        return await self._encoded(exchange, status, media_type, answer.content(), answer.headers)

    async def _encoded(
        self,
        exchange: Exchange,
        status: int,
        media_type: MediaType,
        content: object,
        headers: Sequence[Header] = (),
    ) -> Reply:
        wanted = exchange.headers.get(b"accept-encoding", b"")
        body, coding = await self._rules.compression.compress(msgspec.json.encode(content), wanted)
        if coding is not None:
            headers = (*headers, (b"content-encoding", coding))
        if exchange.scope["method"] != "POST":
            headers = (*headers, *_GET_HEADERS)
        return Reply(status, media_type, body, headers)


def _is_streamed(accepted: Accepted, admitted: Admitted) -> bool:
    """Whether a client wants events, or takes them where nothing else is possible."""
    if admitted.is_followed:
        return accepted.events
    return accepted.prefers_events
