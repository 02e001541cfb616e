"""Messages and close codes of the subprotocol `graphql-transport-ws`.

Source: PROTOCOL.md of `graphql-ws`; RFC 6455, section 7.4.1, for the codes below 4000.
"""

from enum import IntEnum
from typing import Annotated, Any, Final

import msgspec

from gateway.edge.request import GraphQLRequest

SUBPROTOCOL: Final = "graphql-transport-ws"
_MAX_ID_LENGTH: Final = 255


class CloseCode(IntEnum):
    """WebSocket close codes; the subprotocol defines those from 4400."""

    TOO_LARGE = 1009
    RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_EXISTS = 4409
    TOO_MANY_INITIALISATIONS = 4429
    INTERNAL = 4500


class CloseConnection(Exception):
    """Asks the server to close the connection with `code`; the reason is cut off at 123 bytes."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


OperationId = Annotated[str, msgspec.Meta(min_length=1, max_length=_MAX_ID_LENGTH)]
Payload = dict[str, Any] | None


class Message(msgspec.Struct, tag_field="type", frozen=True, omit_defaults=True):
    """A protocol message. The JSON member `type` is derived from the class."""


class ConnectionInit(Message, tag="connection_init", frozen=True):
    """The first message of the client; its payload may contain the credential."""

    payload: Payload = None


class ConnectionAck(Message, tag="connection_ack", frozen=True):
    """The server accepts requests now."""


class Ping(Message, tag="ping", frozen=True):
    """A liveness check by either side."""

    payload: Payload = None


class Pong(Message, tag="pong", frozen=True):
    """The reply to a ping."""

    payload: Payload = None


class Subscribe(Message, tag="subscribe", frozen=True):
    """A request: query, mutation or subscription. The client chooses its id."""

    id: OperationId
    payload: GraphQLRequest


class Next(Message, tag="next", frozen=True):
    """A response to the request with this id."""

    id: str
    payload: dict[str, Any]


class Error(Message, tag="error", frozen=True):
    """The errors of the request with this id, which has failed; no message follows for the id."""

    id: str
    payload: list[Any]


class Complete(Message, tag="complete", frozen=True):
    """Ends the request with this id: the server has sent everything, or the client cancels it."""

    id: OperationId


ClientMessage = ConnectionInit | Ping | Pong | Subscribe | Complete

_DECODER: Final[msgspec.json.Decoder[ClientMessage]] = msgspec.json.Decoder(ClientMessage)


def decode_message(text: str) -> ClientMessage:
    """Decode a message of the client. Raises CloseConnection if it is invalid."""
    try:
        message = _DECODER.decode(text.removeprefix("\ufeff"))  # a byte order mark
    except (msgspec.DecodeError, RecursionError) as cause:
        reason = f"The message is not valid in {SUBPROTOCOL}: {cause}"
        raise CloseConnection(CloseCode.BAD_REQUEST, reason) from cause
    if isinstance(message, Subscribe) and message.payload.query is None:
        _check_names_document(message.payload)
    return message


def _check_names_document(payload: GraphQLRequest) -> None:
    # An empty `query` is a document that cannot be parsed; without `query` the message is invalid.
    if not payload.has_document:
        reason = "The payload of `subscribe` needs a `query` or the id of a registered document"
        raise CloseConnection(CloseCode.BAD_REQUEST, reason)


def encode_message(message: Message) -> str:
    return msgspec.json.encode(message).decode()
