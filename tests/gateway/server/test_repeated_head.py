"""A connection remembers its last head, and responses are the same as without that."""

import asyncio
import contextlib
import gc
import re
import weakref
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from gateway.app import create_app
from gateway.asgi import HeadMemo, get_fast_responder
from gateway.server.bounded_http import BoundedHTTP
from gateway.server.repeated_head import RepeatedHeadHTTP
from gateway.server.uvicorn_runner import ServerLimits, build_draining_config
from tests.gateway.server.test_strict_http import REFUSED, UPGRADES
from tests.security.hostile_requests import HOSTILE_REQUESTS
from tests.support.long_timeouts import long_timeout_settings
from tests.support.raw_http import send_parts
from tests.support.server import serving

FIELDS: Final = b"Host: a\r\nAuthorization: Bearer x\r\nContent-Type: text/plain\r\n"
FIRST: Final = b"POST /a HTTP/1.1\r\n" + FIELDS + b"Content-Length: 2\r\n\r\nab"
LAST: Final = b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


class App:
    """Counts the requests of each memo, and notes their scopes."""

    def __init__(self) -> None:
        self.counts: list[int] = []
        self.scopes: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for stage in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{stage}.complete"})
            return
        self.scopes.append({name: scope[name] for name in scope if name != "extensions"})
        responder = get_fast_responder(scope)
        assert responder is not None
        self._count(responder.head_memo)
        self.bodies.append(responder.take_body() or b"")
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    def _count(self, memo: HeadMemo | None) -> None:
        if memo is None:
            self.counts.append(0)
            return
        earlier = memo.app.args[0] if isinstance(memo.app, partial) else 0
        memo.app = partial(self._handle, earlier + 1)
        self.counts.append(earlier + 1)

    async def _handle(self, count: int, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await self(scope, receive, send)

    async def receive(self, *requests: bytes) -> list[int]:
        """Receive requests and one more; return how often each one's head was repeated so far."""
        async with serving(self, http=RepeatedHeadHTTP) as url:
            await send_parts(url, *requests, LAST)
        assert self.counts.pop() == 1
        return self.counts


REPEATED: Final = {
    "byte for byte": FIRST,
    "with a longer body": FIRST.replace(b"2\r\n\r\nab", b"4\r\n\r\nabcd"),
    "with a body that looks like a head": FIRST.replace(
        b"2\r\n\r\nab", b"18\r\n\r\n%b" % LAST[:18]
    ),
}


@pytest.mark.parametrize("second", REPEATED.values(), ids=REPEATED)
async def test_the_same_head_has_the_same_memo(second: bytes) -> None:
    app = App()
    assert await app.receive(FIRST, second, FIRST) == [1, 2, 3]
    assert app.bodies[1] == second.partition(b"\r\n\r\n")[2]
    length = str(len(app.bodies[1])).encode()
    assert (b"content-length", length) in app.scopes[1]["headers"]


async def test_heads_that_differ_in_a_trace_id_have_the_same_memo() -> None:
    app = App()
    traced = [FIRST.replace(b"Host", b"traceparent: 00-%032x-01-00\r\nHost" % n) for n in range(3)]
    assert await app.receive(*traced) == [1, 2, 3]
    traces = [dict(scope["headers"])[b"traceparent"] for scope in app.scopes[:3]]
    assert len(set(traces)) == 3


async def test_the_scope_of_a_repeated_head_is_that_of_the_first() -> None:
    app = App()
    await app.receive(FIRST, FIRST)
    assert app.scopes[0] == app.scopes[1]
    assert app.scopes[0]["headers"] is not app.scopes[1]["headers"]
    assert app.scopes[0]["state"] is not app.scopes[1]["state"]


async def test_the_body_of_a_repeated_head_may_come_apart_or_behind_others() -> None:
    head, end, body = FIRST.partition(b"\r\n\r\n")
    apart = App()
    assert await apart.receive(FIRST, head + end, body, head[:30], head[30:] + end + body) == [
        1,
        2,
        3,
    ]
    pipelined = App()
    assert await pipelined.receive(FIRST * 20) == list(range(1, 21))


DIFFERENT: Final = {
    "another method": FIRST.replace(b"POST", b"PUT"),
    "another path": FIRST.replace(b"/a", b"/b"),
    "a query string": FIRST.replace(b"/a", b"/a?b"),
    "another credential": FIRST.replace(b"Bearer x", b"Bearer y"),
    "no credential": FIRST.replace(b"Authorization: Bearer x\r\n", b""),
    "a second credential": FIRST.replace(b"Host", b"Authorization: Bearer y\r\nHost"),
    "another order": FIRST.replace(b"Host: a\r\n", b"").replace(
        b"\r\n\r\n", b"\r\nHost: a\r\n\r\n"
    ),
    "an additional field": FIRST.replace(b"Host", b"Accept: */*\r\nHost"),
    "another name": FIRST.replace(b"Content-Type", b"Content-Typo"),
    "no length": FIRST.replace(b"Content-Length: 2\r\n", b"").removesuffix(b"ab"),
}


@pytest.mark.parametrize("second", DIFFERENT.values(), ids=DIFFERENT)
async def test_a_head_that_differs_is_interpreted_again(second: bytes) -> None:
    assert await App().receive(FIRST, second, FIRST) == [1, 1, 1]


NEVER: Final = {
    "chunked": FIRST.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked").replace(
        b"ab", b"2\r\nab\r\n0\r\n\r\n"
    ),
    "HTTP/1.0": FIRST.replace(b"HTTP/1.1", b"HTTP/1.0").replace(
        b"Host", b"Connection: keep-alive\r\nHost"
    ),
}


@pytest.mark.parametrize("head", NEVER.values(), ids=NEVER)
async def test_unusual_heads_are_not_remembered(head: bytes) -> None:
    app = App()
    async with serving(app, http=RepeatedHeadHTTP) as url:
        await send_parts(url, FIRST, head, LAST)
    assert app.counts[:2] == [1, 0]


async def test_trailers_of_a_chunked_body_do_not_become_remembered_headers() -> None:
    chunked = NEVER["chunked"].replace(b"0\r\n\r\n", b"0\r\nAuthorization: Bearer y\r\n\r\n")
    assert await App().receive(FIRST, chunked, FIRST) == [1, 0, 1]


async def test_a_head_is_forgotten_with_its_connection() -> None:
    kept: list[weakref.ref[Any]] = []

    class Known:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

    class Remembering(App):
        def _count(self, memo: HeadMemo | None) -> None:
            assert memo is not None
            self.counts.append(memo.app is not None)
            memo.app = known = Known()
            kept.append(weakref.ref(known))

    app = Remembering()
    async with serving(app, http=RepeatedHeadHTTP) as url:
        for _ in range(2):
            await send_parts(url, FIRST.replace(b"Host", b"Connection: close\r\nHost"))
        await asyncio.sleep(0)
        gc.collect()
        assert [each() for each in kept] == [None, None]
    assert app.counts == [False, False]


@contextlib.asynccontextmanager
async def gateways(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """Serve an app by a server that remembers heads, and by one that does not."""
    settings = long_timeout_settings(
        {
            "partner": {"auth": "static", "token": "abc"},
            "database_url": f"sqlite:///{folder}/operations.db",
        }
    )
    app = create_app(settings)
    limits = ServerLimits(settings.operations.shutdown_grace_s, settings.limits.max_body_bytes, 60)
    remembering, other = (build_draining_config(app, limits) for _ in range(2))
    other.http, other.lifespan = BoundedHTTP, "off"
    async with serving(app, config=remembering) as url, serving(app, config=other) as other_url:
        yield url, other_url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def urls(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, str]]:
    async with gateways(tmp_path_factory.mktemp("operations")) as both:
        yield both


HOSTILE: Final = {
    **{each.name: each.raw.replace(b"\r\nconnection: close", b"") for each in HOSTILE_REQUESTS},
    **UPGRADES,
    **REFUSED,
}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("apart", [False, True], ids=["together", "head and body apart"])
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
async def test_repeated_hostile_requests_get_the_same_responses_both_ways(
    urls: tuple[str, str], hostile: bytes, apart: bool
) -> None:
    head, end, body = hostile.partition(b"\r\n\r\n")
    parts = [head + end, body] if apart else [hostile]
    found = [(await send_parts(url, *parts * 3, LAST))[0] for url in urls]
    assert _comparable(found[0]) == _comparable(found[1])
    assert found[0].startswith(b"HTTP/1.1 ")


def _comparable(received: bytes) -> bytes:
    """Remove dates and ids, which differ between any two responses."""
    undated = re.sub(rb"date: [^\r]+\r\n", b"", received)
    return re.sub(rb"[0-9a-f]{8}-[0-9a-f-]{27}|ratelimit: [^\r]+", b"", undated)
