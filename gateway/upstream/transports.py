"""Creates the HTTP client that the settings choose."""

from functools import partial
from typing import Final, Literal

from gateway.upstream.proxies import Proxies
from gateway.upstream.routed_transport import RoutedTransport
from gateway.upstream.transport import DEFAULT_CONNECT_WITHIN_S, Transport

Kind = Literal["auto", "asyncio", "httpx"]

_NO_PROXIES: Final = Proxies()


def choose(
    kind: Kind,
    *,
    connect_within_s: float = DEFAULT_CONNECT_WITHIN_S,
    proxies: Proxies = _NO_PROXIES,
) -> Transport:
    """Create the transport. `auto` is `asyncio`; requests through a proxy are sent by HTTPX."""
    if kind == "httpx":
        direct = _open_httpx(connect_within_s, None)
    else:
        from gateway.upstream.asyncio_transport import AsyncioTransport  # noqa: PLC0415

        direct = AsyncioTransport(connect_within_s=connect_within_s)
    if not proxies:
        return direct
    return RoutedTransport(direct, proxies, partial(_open_httpx, connect_within_s))


def _open_httpx(connect_within_s: float, proxy: str | None) -> Transport:
    from gateway.upstream.httpx_transport import HttpxTransport  # noqa: PLC0415

    return HttpxTransport(connect_within_s=connect_within_s, proxy=proxy)
