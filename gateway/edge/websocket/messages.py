"""The messages of `graphql-transport-ws`, and the codes with which it closes.

Source: PROTOCOL.md of `graphql-ws`; RFC 6455, section 7.4.1, for the codes below 4000.
"""

from enum import IntEnum
from typing import Annotated, Any, Final

import msgspec

from gateway.edge.request import GraphQLRequest

SUBPROTOCOL: Final = "graphql-transport-ws"
_LONGEST_ID: Final = 255


class CloseCode(IntEnum):
    """Why a connection is closed."""

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
    """Ends a connection.

    Attributes:
        code: tells programs why.
        reason: tells people; at most 123 bytes go into a frame.
    """

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


OperationId = Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST_ID)]
Payload = dict[str, Any] | None


class Message(msgspec.Struct, tag_field="type", frozen=True, omit_defaults=True):
    """One message; `type` says which."""


class ConnectionInit(Message, tag="connection_init", frozen=True):
    """The client's first; browsers send here what they cannot put into headers."""

    payload: Payload = None


class ConnectionAck(Message, tag="connection_ack", frozen=True):
    """The server takes requests."""


class Ping(Message, tag="ping", frozen=True):
    """Is anybody there; either side."""

    payload: Payload = None


class Pong(Message, tag="pong", frozen=True):
    """Somebody is."""

    payload: Payload = None


class Subscribe(Message, tag="subscribe", frozen=True):
    """A request, whatever its kind, under an id of the client's."""

    id: OperationId
    payload: GraphQLRequest


class Next(Message, tag="next", frozen=True):
    """An answer."""

    id: str
    payload: dict[str, Any]


class Error(Message, tag="error", frozen=True):
    """A request is not executed, or no further."""

    id: str
    payload: list[Any]


class Complete(Message, tag="complete", frozen=True):
    """No more answers, or none are wanted any more; either side."""

    id: OperationId


ClientMessage = ConnectionInit | Ping | Pong | Subscribe | Complete

_DECODER: Final[msgspec.json.Decoder[ClientMessage]] = msgspec.json.Decoder(ClientMessage)


def decode_message(text: str) -> ClientMessage:
    """Read what a client sent. Raises Closing for anything else."""
    try:
        message = _DECODER.decode(text.removeprefix("\ufeff"))  # a byte order mark
    except (msgspec.DecodeError, RecursionError) as cause:
        reason = f"A message is expected as {SUBPROTOCOL} has it: {cause}"
        raise CloseConnection(CloseCode.BAD_REQUEST, reason) from cause
    if isinstance(message, Subscribe) and message.payload.query is None:
        _check_names_document(message.payload)
    return message


def _check_names_document(payload: GraphQLRequest) -> None:
    """A text that is empty is a document, which cannot be parsed; none at all is no message."""
    if not payload.has_document:
        reason = "The payload of `subscribe` has to have a `query`, or to name a persisted document"
        raise CloseConnection(CloseCode.BAD_REQUEST, reason)


def encode_message(message: Message) -> str:
    """Write a message."""
    return msgspec.json.encode(message).decode()
