"""GraphQL over HTTP: POST, and GET for queries."""

from typing import Final

import msgspec
from graphql import GraphQLError
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from gateway.auth.authenticators import Authenticator
from gateway.edge.disconnects import while_connected
from gateway.edge.pipeline import Admitted, Answer, Pipeline, Refused
from gateway.edge.request import GraphQLRequest, Malformed, parse_body, parse_query_string

_JSON: Final = (b"content-type", b"application/json")
_BATCHED: Final = "Several requests in one are not taken; send them one by one."
_CHANGING_GET: Final = "Only queries are run over GET; send this by POST."


class HTTPRefusal(Exception):
    """A request that HTTP itself has something against; the text is for its sender."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class GraphQLOverHTTP:
    """An ASGI app for one address."""

    def __init__(self, pipeline: Pipeline, authenticator: Authenticator) -> None:
        self._pipeline = pipeline
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; one whose client has left needs no answer."""
        try:
            status, answer = await self._respond(scope, receive)
        except ClientDisconnect:
            return
        body = msgspec.json.encode(answer.content())
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [_JSON, length]})
        await send({"type": "http.response.body", "body": body})

    async def _respond(self, scope: Scope, receive: Receive) -> tuple[int, Answer]:
        try:
            return 200, await self._answer(scope, receive)
        except Refused as refused:
            return 200, refused.answer
        except HTTPRefusal as refusal:
            return refusal.status, _told(str(refusal))
        except Malformed as malformed:
            return 400, _told(str(malformed))

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        request = await _request(scope, receive)
        authorizations = [value for name, value in scope["headers"] if name == b"authorization"]
        caller = await self._authenticator.authenticate(authorizations)
        admitted = self._pipeline.admit(request, caller)
        if admitted.only_reads:
            return await while_connected(receive, self._pipeline.answer(admitted))
        return await self._change(scope, admitted)

    async def _change(self, scope: Scope, admitted: Admitted) -> Answer:
        """Execute what goes on when its client has left."""
        if scope["method"] != "POST":
            raise HTTPRefusal(405, _CHANGING_GET)
        return await self._pipeline.answer(admitted)


async def _request(scope: Scope, receive: Receive) -> GraphQLRequest:
    if scope["method"] == "GET":
        return parse_query_string(scope["query_string"])
    parsed = parse_body(await _body(receive))
    if isinstance(parsed, list):
        raise HTTPRefusal(400, _BATCHED)
    return parsed


async def _body(receive: Receive) -> bytes:
    """Read a request's body; raises ClientDisconnect when it ends before its end."""
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)
    raise ClientDisconnect


def _told(message: str) -> Answer:
    error = GraphQLError(message, extensions={"code": "BAD_INPUT"})
    return Answer(errors=[error], was_executed=False)
