from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.types import Message

from gateway.edge.allowed_hosts import AllowedHosts
from gateway.server.fast_path import FastPathHTTP
from tests.support.edge_app import app_with
from tests.support.raw_http import parse_status, send_parts
from tests.support.server import serving

ALLOWED = "gw.example.com *.Internal.example 192.0.2.7 2001:db8::7"


def responses(hosts: AllowedHosts, *names: bytes) -> bool:
    return hosts.allows({"type": "http", "headers": [(b"host", name) for name in names]})


@pytest.mark.parametrize("name", [b"localhost:8000", b"127.0.0.1", b"[::1]:80", b"LocalHost"])
def test_on_loopback_loopback_names_are_allowed(name: bytes) -> None:
    assert responses(AllowedHosts.from_settings("127.0.0.1"), name)


@pytest.mark.parametrize("name", [b"evil.example", b"localhost.evil", b"127.0.0.1:80:80", b""])
def test_on_loopback_other_names_are_rejected(name: bytes) -> None:
    assert not responses(AllowedHosts.from_settings("127.0.0.1"), name)


def test_on_loopback_exactly_one_host_header_is_required() -> None:
    assert not responses(AllowedHosts.from_settings("127.0.0.1"))
    assert not responses(AllowedHosts.from_settings("127.0.0.1"), b"localhost", b"evil.example")


def test_on_other_addresses_every_name_is_allowed() -> None:
    assert responses(AllowedHosts.from_settings("0.0.0.0"), b"gateway.example")  # noqa: S104 - nothing listens


@pytest.mark.parametrize(
    "name",
    [
        b"gw.example.com",
        b"GW.Example.com:443",
        b"gw.example.com.",
        b"a.internal.example",
        b"b.a.internal.example:8000",
        b"192.0.2.7",
        b"[2001:db8::7]:8000",
        b"[2001:DB8:0:0:0:0:0:7]",
        b"localhost",
        b"[0:0:0:0:0:0:0:1]",
    ],
)
@pytest.mark.parametrize("listen_address", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - nothing listens
def test_configured_names_and_loopback_names_are_allowed(listen_address: str, name: bytes) -> None:
    assert responses(AllowedHosts.from_settings(listen_address, ALLOWED), name)


@pytest.mark.parametrize(
    "name",
    [
        b"example.com",
        b"internal.example",
        b"xinternal.example",
        b"evil.example/.internal.example",
        b"evil.example:80:.internal.example",
        b"a@gw.example.com",
        b"gw.example.com.evil.example",
        b"gw.example.com..",
        b"*.internal.example",
        b"2001:db8::7",
        b"[2001:db8::7",
        b"\xe9.internal.example",
        b"192.0.2.8",
    ],
)
@pytest.mark.parametrize("listen_address", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - nothing listens
def test_with_configured_names_other_names_are_rejected(listen_address: str, name: bytes) -> None:
    assert not responses(AllowedHosts.from_settings(listen_address, ALLOWED), name)


@pytest.mark.parametrize(
    ("listen_address", "name"),
    [("::1", b"[::1]:8000"), ("[::1]", b"[::1]"), ("127.0.0.5", b"127.0.0.5:8000")],
)
def test_the_listen_address_is_allowed(listen_address: str, name: bytes) -> None:
    assert responses(AllowedHosts.from_settings(listen_address), name)


@pytest.fixture
async def served() -> AsyncIterator[str]:
    app = app_with(allowed_hosts=ALLOWED)
    config = uvicorn.Config(app, http=FastPathHTTP, lifespan="off", log_config=None)
    async with serving(app, config=config) as url:
        yield url


def status_and_text(response: bytes) -> tuple[int, str]:
    head, _, body = response.partition(b"\r\n\r\n")
    return parse_status(head), body.decode()


@pytest.mark.parametrize("path", [b"/live", b"/ready", b"/metrics"])
@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.0\r\n",
        b"HTTP/1.1\r\nConnection: close\r\n",
        b"HTTP/1.1\r\nConnection: close\r\nHost: 10.1.2.3:8000\r\n",
        b"HTTP/1.1\r\nConnection: close\r\nHost: a\r\nHost: b\r\n",
    ],
    ids=["HTTP/1.0 without a host", "no host", "an address", "two hosts"],
)
async def test_probes_accept_any_host(served: str, path: bytes, head: bytes) -> None:
    response, _ = await send_parts(served, b"GET %b %b\r\n" % (path, head))
    assert parse_status(response) in (200, 503)


@pytest.mark.parametrize("path", [b"/", b"/graphql", b"/schema.graphql", b"/live/", b"//live"])
async def test_the_error_names_the_setting(served: str, path: bytes) -> None:
    request = b"GET %b HTTP/1.1\r\nConnection: close\r\nHost: %b\r\n\r\n"
    response, _ = await send_parts(served, request % (path, b"evil.example"))
    status, text = status_and_text(response)
    assert status == 400
    assert "'evil.example'" in text
    assert "UPGRADE_GATEWAY_HTTP__ALLOWED_HOSTS" in text
    response, _ = await send_parts(served, request % (path, b"x" * 50_000))
    assert len(status_and_text(response)[1]) < 300


async def test_a_configured_host_is_served(served: str) -> None:
    response, _ = await send_parts(
        served, b"GET / HTTP/1.1\r\nConnection: close\r\nHost: gw.example.com\r\n\r\n"
    )
    assert parse_status(response) == 200


async def test_a_websocket_for_another_host_is_closed() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/graphql", "headers": [(b"host", b"evil.example")]}
    await app_with()(scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]
