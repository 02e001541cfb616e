"""GraphQL requests, parsed from a JSON body or a query string."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import parse_qsl

import msgspec

T = TypeVar("T")


class UnreadableRequest(Exception):
    """The request cannot be parsed; the text says why and what was expected."""


class NotAGraphQLRequest(UnreadableRequest):
    """The request is valid JSON but not a GraphQL request."""


class GraphQLRequest(msgspec.Struct, frozen=True, rename="camel"):
    """A GraphQL request, the same for HTTP, SSE and WebSocket.

    Attributes:
        query: the document; None if `document_id` or `extensions` identifies a stored document.
        operation_name: the operation to run; None or empty if the document has only one.
        document_id: the id of a registered document.
    """

    query: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None

    @property
    def has_document(self) -> bool:
        """Whether the request contains or identifies a document."""
        return bool(self.query or self.document_id or "persistedQuery" in (self.extensions or {}))


RequestOrBatch: TypeAlias = GraphQLRequest | list[GraphQLRequest]
JsonObject: TypeAlias = dict[str, Any] | None

_BODY: Final[msgspec.json.Decoder[RequestOrBatch]] = msgspec.json.Decoder(RequestOrBatch)
_OBJECT: Final[msgspec.json.Decoder[JsonObject]] = msgspec.json.Decoder(JsonObject)
_MAX_PARAMETERS: Final = 100


def parse_body(body: bytes) -> RequestOrBatch:
    """Parse a JSON body: one request or an array of requests. Raises UnreadableRequest."""
    return _decode(_BODY, body, "request body")


def parse_query_string(query_string: bytes) -> GraphQLRequest:
    """Parse the query string of a URL. Raises UnreadableRequest."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), errors="strict", max_num_fields=_MAX_PARAMETERS
        )
    except ValueError as cause:  # not ASCII, not UTF-8, or too many parameters
        raise UnreadableRequest(
            "The query string cannot be parsed. Send it as application/x-www-form-urlencoded in"
            f" UTF-8, with `query` and at most {_MAX_PARAMETERS} parameters."
        ) from cause
    parameters = dict(pairs)
    return GraphQLRequest(
        parameters.get("query"),
        parameters.get("operationName"),
        _parse_object(parameters, "variables"),
        _parse_object(parameters, "extensions"),
        parameters.get("documentId"),
    )


def _parse_object(parameters: Mapping[str, str], name: str) -> JsonObject:
    text = parameters.get(name)
    return _decode(_OBJECT, text.encode(), f"parameter `{name}`") if text else None


def _decode(decoder: msgspec.json.Decoder[T], content: bytes, source: str) -> T:
    try:
        # RFC 8259, section 8.1: a byte order mark may be ignored; tools on Windows send it.
        return decoder.decode(content.removeprefix(BOM_UTF8))
    except msgspec.ValidationError as cause:
        raise NotAGraphQLRequest(
            f'The {source} is not a GraphQL request: {cause}. Send JSON like {{"query": "…"}}.'
        ) from cause
    except RecursionError as cause:
        raise UnreadableRequest(f"The JSON of the {source} is nested too deeply.") from cause
    except msgspec.DecodeError as cause:
        raise UnreadableRequest(f"The {source} is not valid JSON in UTF-8: {cause}.") from cause
