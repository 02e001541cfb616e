"""What a client asks for, by whatever protocol it came."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import parse_qsl

import msgspec

T = TypeVar("T")


class UnreadableRequest(Exception):
    """What came cannot be read; the text says why, and what was expected."""


class NotAGraphQLRequest(UnreadableRequest):
    """What came is JSON, but not a GraphQL request's."""


class GraphQLRequest(msgspec.Struct, frozen=True, rename="camel"):
    """The one value that HTTP, SSE and WebSocket all produce.

    Attributes:
        query: the document; none where `document_id` or `extensions` names one that is known.
        operation_name: which of its operations is meant; none or empty for the only one.
        document_id: names a persisted document, instead of `query`.
    """

    query: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None

    @property
    def has_document(self) -> bool:
        """Whether it says at all what to execute."""
        return bool(self.query or self.document_id or "persistedQuery" in (self.extensions or {}))


RequestOrBatch: TypeAlias = GraphQLRequest | list[GraphQLRequest]
JsonObject: TypeAlias = dict[str, Any] | None

_BODY: Final[msgspec.json.Decoder[RequestOrBatch]] = msgspec.json.Decoder(RequestOrBatch)
_OBJECT: Final[msgspec.json.Decoder[JsonObject]] = msgspec.json.Decoder(JsonObject)


def parse_body(body: bytes) -> RequestOrBatch:
    """Read a JSON body: one request, or the several of a batch. Raises Malformed."""
    return _decode(_BODY, body, "The body")


def parse_query_string(query_string: bytes) -> GraphQLRequest:
    """Read the query part of an address. Raises Malformed."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), errors="strict", max_num_fields=100)
    except ValueError as cause:  # not ASCII, not UTF-8, or too many of them
        raise UnreadableRequest(
            "The query string is expected as application/x-www-form-urlencoded in UTF-8, with"
            " `query` and perhaps `operationName`, `variables` and `extensions`."
        ) from cause
    given = dict(pairs)
    return GraphQLRequest(
        given.get("query"),
        given.get("operationName"),
        _parse_object(given, "variables"),
        _parse_object(given, "extensions"),
        given.get("documentId"),
    )


def _parse_object(given: Mapping[str, str], name: str) -> JsonObject:
    text = given.get(name)
    return _decode(_OBJECT, text.encode(), f"`{name}`") if text else None


def _decode(decoder: msgspec.json.Decoder[T], content: bytes, what: str) -> T:
    try:
        # RFC 8259, section 8.1: a byte order mark may be ignored; tools on Windows send it.
        return decoder.decode(content.removeprefix(BOM_UTF8))
    except msgspec.ValidationError as cause:
        raise NotAGraphQLRequest(
            f'{what} is expected as JSON like {{"query": "…"}}: {cause}.'
        ) from cause
    except UnicodeDecodeError as cause:
        raise UnreadableRequest(
            f"{what} is expected as JSON in UTF-8; this is not UTF-8."
        ) from cause
    except RecursionError as cause:
        raise UnreadableRequest(f"{what} is JSON that is nested too deeply to be read.") from cause
    except msgspec.DecodeError as cause:
        raise UnreadableRequest(
            f"{what} is expected as JSON in UTF-8 and cannot be read: {cause}."
        ) from cause
