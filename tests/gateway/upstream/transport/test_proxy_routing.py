"""Requests through a proxy, with real clients and a proxy that records its requests."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import pytest

from gateway.upstream.transport.base import ConnectFailed
from gateway.upstream.transport.factory import TransportKind, create_transport
from gateway.upstream.transport.proxies import ProxyConfig, load_proxy_config
from gateway.upstream.transport.proxy_routing import ProxyRoutingTransport
from tests.gateway.upstream.transport.test_asyncio_transport import serving_tls
from tests.support.certificates import write_certificate
from tests.support.misbehaving_server import get_request, ok_response, raw_server, respond_with
from tests.support.waiting import HANG_TIMEOUT_S

KINDS = ["auto", "asyncio", "httpx"]
Open = Callable[[ProxyConfig], ProxyRoutingTransport]


@pytest.fixture(params=KINDS)
async def open_routed(request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    opened: list[ProxyRoutingTransport] = []

    def open_one(proxies: ProxyConfig) -> ProxyRoutingTransport:
        transport = create_transport(
            request.param, connect_timeout_s=HANG_TIMEOUT_S, proxies=proxies
        )
        opened.append(cast("ProxyRoutingTransport", transport))
        return opened[-1]

    yield open_one
    for transport in opened:
        await transport.aclose()


class Proxy:
    """Responds to requests that it should forward, and opens tunnels."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.heads: list[str] = []
        self._refuses = refuses

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        method, target, _ = head.split(maxsplit=2)
        if method != "CONNECT":
            writer.write(ok_response(b"by proxy"))
        elif self._refuses:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _tunnel(reader, writer, int(target.rpartition(":")[2]))


async def _tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65_536):
                target.write(data)
        target.close()

    try:
        await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))
    finally:
        far_writer.transport.abort()


async def test_requests_go_through_the_proxy_or_directly(
    open_routed: Open,
) -> None:
    proxy = Proxy()
    async with (
        raw_server(proxy) as proxy_url,
        raw_server(respond_with(ok_response(b"direct"))) as url,
    ):
        transport = open_routed(
            load_proxy_config("", {"HTTP_PROXY": proxy_url, "NO_PROXY": url.partition("//")[2]})
        )
        assert (await transport.send(get_request(f"{url}/v1"))).body == b"direct"
        assert (await transport.send(get_request("http://partner.test/v1?a=b"))).body == b"by proxy"
    assert [head.split()[:2] for head in proxy.heads] == [["GET", "http://partner.test/v1?a=b"]]


async def test_a_refused_tunnel_means_nothing_was_sent(open_routed: Open) -> None:
    proxy = Proxy(refuses=True)
    async with raw_server(proxy) as proxy_url:
        user = proxy_url.replace("//", "//user:password@")
        transport = open_routed(load_proxy_config(user, {}))
        with pytest.raises(ConnectFailed) as raised:
            await transport.send(
                get_request("https://partner.test/v1", Authorization="Bearer secret")
            )
    (head,) = proxy.heads
    assert head.startswith("CONNECT partner.test:443 ")
    assert "proxy-authorization: basic" in head.lower()
    assert "Bearer" not in head
    assert "password" not in str(raised.value)


async def test_an_unreachable_proxy_means_nothing_was_sent(
    open_routed: Open,
) -> None:
    async with raw_server(respond_with()) as gone:
        pass
    with pytest.raises(ConnectFailed, match="no connection"):
        await open_routed(load_proxy_config(gone, {})).send(get_request("https://partner.test/v1"))


@pytest.mark.parametrize("kind", ["auto", "httpx"])
async def test_a_request_through_a_tunnel_is_encrypted_end_to_end(
    kind: TransportKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    proxy = Proxy()
    async with raw_server(proxy) as proxy_url, serving_tls(file) as port:
        proxies = load_proxy_config("", {"HTTPS_PROXY": proxy_url})
        transport = create_transport(kind, connect_timeout_s=HANG_TIMEOUT_S, proxies=proxies)
        assert (await transport.send(get_request(f"https://localhost:{port}/"))).body == b"ok"
        await transport.aclose()
    assert [head.split()[1] for head in proxy.heads] == [f"localhost:{port}"]


async def test_a_request_without_a_valid_url_is_not_sent(open_routed: Open) -> None:
    with pytest.raises(ConnectFailed, match="malformed"):
        await open_routed(load_proxy_config("http://p:1", {})).send(get_request("http://[::1/"))
