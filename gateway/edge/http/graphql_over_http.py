"""GraphQL over HTTP: the stages of one HTTP request, from its headers to its response.

Work that does not depend on a request is done once: the meaning of headers is cached, and most
response headers are bytes built at import.
"""

import asyncio
from dataclasses import dataclass
from functools import partial

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from gateway.asgi import get_fast_responder
from gateway.auth.authenticators import Authenticator
from gateway.auth.caller import Caller
from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.edge.browsers import cors
from gateway.edge.browsers.origins import AllowedOrigins
from gateway.edge.cancellation.draining import Draining, ShuttingDown
from gateway.edge.http.content_negotiation import MediaType
from gateway.edge.http.http_executor import AnyHttpResponse, HttpExecutor
from gateway.edge.http.http_response import EmptyResponse
from gateway.edge.http.incoming_request import IncomingRequest, RequestReader
from gateway.edge.http.request_head import HeadReader, RequestHead
from gateway.edge.http.response_encoder import ResponseEncoder
from gateway.edge.http.sse_single_connection import SseSingleConnection
from gateway.edge.pipeline import AcceptedRequest
from gateway.edge.request import UnreadableRequest
from gateway.edge.response import HttpError, RequestRejected


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """The rules for browsers, and the signal that the server is stopping."""

    origins: AllowedOrigins
    preflight: cors.Preflight
    draining: Draining


class GraphQLOverHTTP:
    """The ASGI app for HTTP requests at the GraphQL path."""

    def __init__(
        self,
        config: HttpConfig,
        authenticator: Authenticator,
        reader: RequestReader,
        single_connection: SseSingleConnection,
        executor: HttpExecutor,
        encoder: ResponseEncoder,
    ) -> None:
        self._config = config
        self._authenticator = authenticator
        self._reader = reader
        self._single_connection = single_connection
        self._executor = executor
        self._encoder = encoder
        self._head_reader = HeadReader(config.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Interpret the head, and remember it for further requests of the connection."""
        try:
            head = self._head_reader.read(scope)
        except HttpError as error:
            await self._encoder.encode_error(error, MediaType.JSON).send(send)
            return
        if head.method == "OPTIONS":
            headers = self._config.preflight.build_headers(head.cross_origin)
            await EmptyResponse(204, headers).send(send)
            return
        fast_responder = get_fast_responder(scope)
        if fast_responder is not None and (memo := fast_responder.head_memo) is not None:
            memo.app = partial(self._handle, head)
        await self._handle(head, scope, receive, send)

    async def _handle(self, head: RequestHead, scope: Scope, receive: Receive, send: Send) -> None:
        fast_responder = get_fast_responder(scope)
        incoming = IncomingRequest(scope, receive, head, fast_responder)
        try:
            response = await self._respond(incoming)
            if head.cross_origin is not None:
                response = response.with_headers(cors.response_headers(head.cross_origin))
            await response.send(send, fast_responder)
        except ClientDisconnect:
            return
        except asyncio.CancelledError:
            # A stream that outlasted the grace period; the server closes its connection.
            if not self._config.draining.has_begun:
                raise

    async def _respond(self, incoming: IncomingRequest) -> AnyHttpResponse:
        """Authenticate, read the GraphQL request, and execute it."""
        try:
            caller = await self._authenticator.authenticate(incoming.head.authorizations)
            if incoming.head.is_of_shared_stream:
                accept = partial(self._accept_single, incoming, caller)
                return await self._single_connection.handle(incoming, caller, accept)
            requests = await self._reader.read(incoming, caller)
            if isinstance(requests, list):
                return await self._executor.execute_batch(incoming, requests, caller)
            accepted = self._executor.accept(incoming, requests, caller)
            return await self._executor.execute(incoming, accepted)
        except RequestRejected as rejected:
            return await self._executor.respond_with(incoming, rejected.response)
        except (HttpError, Unauthenticated, SigningKeysUnavailable, UnreadableRequest) as error:
            return self._encoder.encode_error(error, incoming.head.media_type)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or not self._config.draining.has_begun:
                raise
            task.uncancel()  # the server cancelled it at the end of the grace period
            return self._encoder.encode_error(ShuttingDown(), incoming.head.media_type)

    async def _accept_single(self, incoming: IncomingRequest, caller: Caller) -> AcceptedRequest:
        request = await self._reader.read_single(incoming, caller)
        return self._executor.accept(incoming, request, caller)
