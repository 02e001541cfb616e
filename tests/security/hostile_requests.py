"""Harmful requests that are cheap to send, as the bytes that are written to the connection.

Harmful documents are in `hostile_documents.py`.
"""

import gzip
import json
from dataclasses import dataclass
from typing import Final

_CUSTOMER: Final = "00000000-0000-4000-8000-000000000001"
MUTATION: Final = 'mutation { cancelBatch(input: {batchId: "a"}) { userErrors { code } } }'
QUERY: Final = "{ __typename }"
OTHER_ORIGIN: Final = "https://elsewhere.example"


@dataclass(frozen=True, slots=True)
class HostileRequest:
    """A request, and the status of its response.

    Attributes:
        raw: all bytes that are sent; the connection stays open for the response.
    """

    name: str
    raw: bytes
    status: int


def request(method: str, target: str, body: bytes = b"", /, **headers: str) -> bytes:
    """Build a request; underscores in header names become hyphens."""
    fields = {"host": "127.0.0.1", "connection": "close", **headers}
    if body and "transfer_encoding" not in fields:
        fields.setdefault("content_length", str(len(body)))
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""]).encode("latin-1") + body


def post(body: object, **headers: str) -> bytes:
    """Build a POST with a JSON body, or with bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request("POST", "/graphql", content, **{"content_type": "application/json", **headers})


def get(query: str, **headers: str) -> bytes:
    return request("GET", f"/graphql?{query}", **headers)


def _with_variables(variables: bytes) -> bytes:
    return post(b'{"query": "{ __typename }", "variables": ' + variables + b"}")


def _first(number: str) -> bytes:
    return post({"query": f"{{ customers(first: {number}) {{ nodes {{ id }} }} }}"})


_DEEP: Final = 200_000
_DIGITS: Final = "9" * 5_000
_BOMB: Final = gzip.compress(b" " * 20_000_000)

_BODIES: Final = (
    HostileRequest("JSON that is not UTF-8", post(b'{"query": "\xff\xfe"}'), 400),
    HostileRequest("bytes that are not text", post(b"\xff" * 1000), 400),
    HostileRequest("UTF-16", post('{"query": "{ __typename }"}'.encode("utf-16")), 400),
    HostileRequest("half a surrogate", post(b'{"query": "{ a\\ud800 }"}'), 400),
    HostileRequest("a null byte", post(b'{"query": "{ \\u0000 }"}'), 400),
    HostileRequest("JSON 1", post(b"1"), 422),
    HostileRequest("JSON null", post(b"null"), 422),
    HostileRequest("JSON text", post(b'"{ __typename }"'), 422),
    HostileRequest("an empty array", post(b"[]"), 422),
    HostileRequest("an array in an array", post(b"[[]]"), 422),
    HostileRequest("no body", post(b""), 400),
    HostileRequest("lists 200,000 levels deep", post(b"[" * _DEEP), 422),
    HostileRequest("objects 40,000 levels deep", post(b'{"a":' * 40_000), 400),
    HostileRequest("variables 100,000 deep", _with_variables(b'{"a": ' + b"[" * 100_000), 400),
    HostileRequest("variables 500 deep", _with_variables(b'{"a":' * 500 + b"1" + b"}" * 500), 422),
    HostileRequest("variables of 200 KB", _with_variables(b'{"a": "%b"}' % (b"x" * 200_000)), 422),
    HostileRequest("many variables", _with_variables(
        b"{" + b",".join(b'"v%d": 1' % number for number in range(10_000)) + b"}"), 422),
    HostileRequest("one member 10,000 times", post(b"{" + b'"query": "{a}",' * 10_000), 400),
    HostileRequest("an integer of 5,000 digits", _with_variables(
        b'{"a": %b}' % _DIGITS.encode()), 422),
    HostileRequest("a huge exponent", _with_variables(b'{"a": 1e999999}'), 422),
    HostileRequest("5,000 digits in the document", _first(_DIGITS), 422),
    HostileRequest("a query that is a list", post({"query": [QUERY]}), 422),
    HostileRequest("variables that are a list", post({"query": QUERY, "variables": [1]}), 422),
    HostileRequest("a long operation name", post(
        {"query": QUERY, "operationName": "x" * 200_000}), 422),
    HostileRequest("garbage in extensions", post({
        "query": QUERY,
        "extensions": {"persistedQuery": {"version": [], "sha256Hash": {}}},
    }), 422),
    HostileRequest("a gzip bomb", post(_BOMB, content_encoding="gzip"), 415),
    HostileRequest("a zstd body", post(b"\x28\xb5\x2f\xfd", content_encoding="zstd"), 415),
    HostileRequest("two encodings", post(_BOMB, content_encoding="identity, gzip"), 415),
    HostileRequest("1 GiB declared", request(
        "POST", "/graphql", content_type="application/json", content_length=str(2**30)), 413),
    HostileRequest("a length of 5,000 digits", request(
        "POST", "/graphql", content_type="application/json", content_length=_DIGITS), 400),
    HostileRequest("a negative length", request(
        "POST", "/graphql", content_type="application/json", content_length="-1"), 400),
    HostileRequest("a length and chunks", post(
        b"0\r\n\r\n", content_length="5", transfer_encoding="chunked"), 400),
    HostileRequest("a chunk of 64 bits in length", post(
        b"FFFFFFFFFFFFFFFFFF\r\n", transfer_encoding="chunked"), 400),
)  # fmt: skip

_BATCHES: Final = (
    HostileRequest("one mutation 1,000 times in a batch", post([{"query": MUTATION}] * 1000), 422),
    HostileRequest("one mutation with 100 aliases", post({"query": "mutation {" + "".join(
        f" a{number}: cancelBatch(input: {{batchId: \"a\"}}) {{ userErrors {{ code }} }}"
        for number in range(100)) + " }"}), 422),
)  # fmt: skip

# Requests that a page of another origin can send without a CORS preflight.
_CSRF: Final = (
    *(
        HostileRequest(f"POST of {kind or 'no type'}", post(
            {"query": MUTATION}, origin=OTHER_ORIGIN, content_type=kind), 403)
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "")
    ),
    *(
        HostileRequest(f"POST of {kind} without an origin", post(
            {"query": MUTATION}, content_type=kind), 415)
        for kind in ("text/plain", "text/plain; application/json", "application/json, text/plain",
                     "application/x-www-form-urlencoded", "multipart/form-data; boundary=a")
    ),
    HostileRequest("JSON of another origin", post({"query": MUTATION}, origin=OTHER_ORIGIN), 403),
    HostileRequest("JSON of a sandboxed frame", post({"query": MUTATION}, origin="null"), 403),
    HostileRequest("JSON of a look-alike", post(
        {"query": MUTATION}, origin="http://127.0.0.1.elsewhere.example"), 403),
    HostileRequest("a cross-site fetch", post(
        {"query": MUTATION}, sec_fetch_site="cross-site"), 403),
    HostileRequest("an image's GET", get(
        "query={__typename}", sec_fetch_site="cross-site", sec_fetch_mode="no-cors"), 403),
    HostileRequest("an EventSource's GET", get(
        "query={__typename}", accept="text/event-stream", origin=OTHER_ORIGIN), 403),
    HostileRequest("a mutation by GET", get("query=mutation%7B__typename%7D"), 405),
    HostileRequest("a mutation by GET as a stream", get(
        "query=mutation%7B__typename%7D", accept="text/event-stream"), 405),
    HostileRequest("a reserved stream from another origin", request(
        "PUT", "/graphql", origin=OTHER_ORIGIN), 403),
    HostileRequest("another host name (DNS rebinding)", post(
        {"query": QUERY}, host="elsewhere.example"), 400),
)  # fmt: skip

_HEADS: Final = (
    HostileRequest("a flood of headers", request(
        "GET", "/graphql", **{f"x{number}": "x" * 1000 for number in range(100)}), 431),
    HostileRequest("one header of 100 KB", request("GET", "/graphql", x="x" * 100_000), 431),
    HostileRequest("a URL of 100 KB", get("query=" + "x" * 100_000), 431),
    HostileRequest("1,000 query parameters", get("&".join("a=1" for _ in range(1000))), 400),
    HostileRequest("a query string that is not UTF-8", get("query=%ff%fe"), 400),
    HostileRequest("invalid variables in the query string", get(
        "query={__typename}&variables=" + "[" * 5000), 422),
    HostileRequest("an unknown method", request("BREW", "/graphql"), 400),
    HostileRequest("TRACE", request("TRACE", "/graphql"), 405),
    HostileRequest("not HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, 400),
    HostileRequest("path traversal", request("GET", "/static/..%2f..%2fpyproject.toml"), 404),
    HostileRequest("4,000 accepted media types", post(
        {"query": QUERY}, accept=",".join(f"a/b{number};q=0.1" for number in range(4000))), 406),
    HostileRequest("garbage in a cookie", post({"query": QUERY}, cookie="\xff" * 1000), 200),
    HostileRequest("garbage in a bearer token", post(
        {"query": QUERY}, authorization="Bearer " + "\xff" * 1000), 200),
)  # fmt: skip

HOSTILE_REQUESTS: Final = (*_BODIES, *_BATCHES, *_CSRF, *_HEADS)
