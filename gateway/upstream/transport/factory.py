"""Creates the HTTP client that the settings name."""

from functools import partial
from typing import Final, Literal

from gateway.upstream.transport.base import DEFAULT_CONNECT_TIMEOUT_S, Transport
from gateway.upstream.transport.proxies import ProxyConfig
from gateway.upstream.transport.proxy_routing import ProxyRoutingTransport

TransportKind = Literal["auto", "asyncio", "httpx"]

_NO_PROXIES: Final = ProxyConfig()


def create_transport(
    kind: TransportKind,
    *,
    connect_timeout_s: float = DEFAULT_CONNECT_TIMEOUT_S,
    proxies: ProxyConfig = _NO_PROXIES,
) -> Transport:
    """`auto` is `asyncio`. Requests through a proxy are always sent by HTTPX."""
    if kind == "httpx":
        direct = _create_httpx(connect_timeout_s, None)
    else:
        from gateway.upstream.transport.asyncio_transport import AsyncioTransport

        direct = AsyncioTransport(connect_timeout_s=connect_timeout_s)
    if not proxies:
        return direct
    return ProxyRoutingTransport(direct, proxies, partial(_create_httpx, connect_timeout_s))


def _create_httpx(connect_timeout_s: float, proxy: str | None) -> Transport:
    from gateway.upstream.transport.httpx_transport import HttpxTransport

    return HttpxTransport(connect_timeout_s=connect_timeout_s, proxy=proxy)
