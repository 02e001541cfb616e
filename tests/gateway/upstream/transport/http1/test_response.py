"""The parser of whole responses accepts only what the parser with callbacks reads alike."""

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.upstream.transport.asyncio_transport import AsyncioTransport
from gateway.upstream.transport.base import UpstreamResponse
from gateway.upstream.transport.http1.connection import Http1Connection, RawOutcome
from gateway.upstream.transport.http1.response import RawResponse, parse_whole_response

USUAL = (
    b"HTTP/1.1 200 OK\r\nDate: Mon, 30 Nov 2026 10:00:00 GMT\r\nContent-Length: 2\r\n"
    b"Content-Type: application/json; charset=UTF-8\r\nMS-RequestId:a\r\n\r\n{}"
)
HEADERS = [
    b"Content-Length: 2",
    b"content-length:2",
    b"Content-Length: 3",
    b"Content-Length: 2, 2",
    b"Content-Length : 2",
    b"Content-Length: +2",
    b"X-Content-Length: 2",
    b"Content-Type: application/json",
    b"content-type:APPLICATION/JSON;charset=utf-8",
    b"Content-Type: application/json; charset=utf-16",
    b"Content-Type: application/json; charset=iso-8859-1",
    b"Content-Language: en",
    b"Content-Type:\t text/plain; charset=utf-16 \t",
    b"Content-Type:",
    b"Content-Encoding: gzip",
    b"Transfer-Encoding: chunked",
    b"transfer-encoding: identity",
    b"Connection: close",
    b"Connection: keep-alive",
    b"Connection: keep-alive, close",
    b"Proxy-Connection: close",
    b"Connection: upgrade",
    b"Upgrade: h2c",
    b"MS-RequestId: a",
    b"ms-requestid: b",
    b"X: a:b",
    b"X-Empty:",
    b"X-Latin: \xe9",
    b"X-Control: \x01",
    b"X-Nul: \x00",
    b"X-Return: a\rb",
    b"X-Feed: a\nb",
    b"X-Name \x01: a",
    b" folded",
    b"no colon",
    b": no name",
    b"",
]
STATUS_LINES = [
    b"HTTP/1.1 200 OK",
    b"HTTP/1.1 200 ",
    b"HTTP/1.1 200",
    b"HTTP/1.1 200 OK\t\xe9",
    b"HTTP/1.1  200 OK",
    b"HTTP/1.0 200 OK",
    b"HTTP/1.1 204 No Content",
    b"HTTP/1.1 100 Continue",
    b"HTTP/1.1 404 Not Found",
    b"ICY 200 OK",
]


class Wire(asyncio.Transport):
    def write(self, data: object) -> None: ...

    def abort(self) -> None: ...

    def close(self) -> None: ...


def parse_with_callbacks(data: bytes) -> tuple[RawOutcome | None, bool]:
    """Feed the response in two parts. Returns it, and whether its connection stays open."""
    ended: list[RawOutcome] = []
    connection = Http1Connection(max_response_bytes=1_000_000)
    connection.connection_made(Wire())
    connection.exchange(b"GET / HTTP/1.1\r\n\r\n", ended.append)
    connection.data_received(data[:5])
    connection.data_received(data[5:])
    return (ended[0] if ended else None), connection.is_open


def contents(response: UpstreamResponse) -> tuple[object, ...]:
    headers = {name: value.rstrip() for name, value in response.headers.items()}
    return response.status, headers, response.body


def test_a_usual_response_needs_no_callbacks() -> None:
    whole = parse_whole_response(USUAL)
    assert whole is not None
    assert (whole.status, whole.headers["ms-requestid"], whole.body) == (200, "a", b"{}")


@settings(max_examples=400, deadline=None)
@given(
    status=st.sampled_from(STATUS_LINES),
    headers=st.lists(st.sampled_from(HEADERS), max_size=4),
    body=st.sampled_from(
        [b"{}", b"[]", b"{", b"{}}", b"", b"{\0", b"\0{", b"\xef\xbb", b"{}HTTP/1.1 200 OK\r\n\r\n"]
    ),
)
@example(STATUS_LINES[0], [HEADERS[0], HEADERS[14]], b"{}")
@example(STATUS_LINES[0], [HEADERS[0], HEADERS[8]], b"{}")
def test_a_response_that_is_parsed_as_a_whole_is_parsed_alike_by_the_other_parser(
    status: bytes, headers: list[bytes], body: bytes
) -> None:
    data = b"\r\n".join([status, *headers, b"", body])
    whole = parse_whole_response(data)
    if whole is not None:
        raw, is_open = parse_with_callbacks(data)
        assert isinstance(raw, RawResponse)
        other = AsyncioTransport().build_response(raw)
        assert isinstance(other, UpstreamResponse)
        assert contents(whole) == contents(other)
        assert is_open


@pytest.mark.parametrize("cut", range(1, len(USUAL)))
def test_a_part_of_a_response_is_not_a_whole_one(cut: int) -> None:
    assert parse_whole_response(USUAL[:cut]) is None


def test_bytes_after_a_response_are_not_the_next_response() -> None:
    """Whatever follows arrives before the next request, so it is no response to that."""
    ended: list[RawOutcome] = []
    connection = Http1Connection(max_response_bytes=1_000_000)
    connection.connection_made(Wire())

    def send_again(outcome: RawOutcome) -> None:
        ended.append(outcome)
        if connection.is_open:
            connection.exchange(b"GET / HTTP/1.1\r\n\r\n", ended.append)

    connection.exchange(b"GET / HTTP/1.1\r\n\r\n", send_again)
    connection.data_received(USUAL + USUAL)
    assert len(ended) == 1
    assert isinstance(ended[0], RawResponse)
    assert not connection.is_open
