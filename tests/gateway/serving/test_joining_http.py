from asyncio import Transport
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.serving.joining_http import JoinedWrites


class Written(Transport):
    """Notes each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed


def response(written: Written, *, is_chunked: bool | None = False, method: str = "GET") -> Any:
    """Begin a response to a request, of a known length unless it is chunked."""
    cycle = SimpleNamespace(chunked_encoding=is_chunked, scope={"method": method})
    return JoinedWrites(written, cast("Any", cycle))


def test_a_head_leaves_with_the_beginning_of_its_body() -> None:
    written = Written()
    joined = response(written)
    for data in (b"head ", b"one", b"two", b"three"):
        joined.write(data)
    assert written.writes == [b"head one", b"two", b"three"]


@pytest.mark.parametrize("is_chunked", [True, None], ids=["chunked", "without-body"])
def test_a_head_that_tells_no_length_leaves_at_once(is_chunked: bool | None) -> None:
    written = Written()
    response(written, is_chunked=is_chunked).write(b"head")
    assert written.writes == [b"head"]


def test_a_head_that_was_asked_for_alone_leaves_at_once() -> None:
    written = Written()
    response(written, method="HEAD").write(b"head")
    assert written.writes == [b"head"]


def test_a_head_whose_body_never_came_leaves_before_the_connection_closes() -> None:
    written = Written()
    joined = response(written)
    joined.write(b"head")
    assert not joined.is_closing()
    joined.close()
    assert written.writes == [b"head"]
    assert joined.is_closing()


def test_closing_after_the_body_writes_nothing() -> None:
    written = Written()
    joined = response(written)
    joined.write(b"head ")
    joined.write(b"body")
    joined.close()
    assert written.writes == [b"head body"]
