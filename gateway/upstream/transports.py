"""Which HTTP client is used."""

import importlib.util
from functools import partial
from typing import Final, Literal

from gateway.upstream.proxies import Proxies
from gateway.upstream.routed_transport import RoutedTransport
from gateway.upstream.transport import DEFAULT_CONNECT_WITHIN_S, Transport

Chosen = Literal["asyncio", "httpx", "pyreqwest"]
Kind = Literal["auto", Chosen]

_NO_PROXIES: Final = Proxies()


def installed(kind: Kind) -> Chosen:
    """Decide; `auto` takes the cheapest, which needs nothing installed.

    Raises ValueError for a client that is asked for and not installed.
    """
    if kind == "pyreqwest" and importlib.util.find_spec("pyreqwest") is None:
        raise ValueError(
            "partner.transport is 'pyreqwest', which is not installed;"
            " install upgrade-gateway[fast] or set it to 'auto'"
        )
    return "asyncio" if kind == "auto" else kind


def choose(
    kind: Kind,
    *,
    connect_within_s: float = DEFAULT_CONNECT_WITHIN_S,
    proxies: Proxies = _NO_PROXIES,
) -> Transport:
    """Open the transport that is decided for; only its own library is imported."""
    direct = _open(installed(kind), connect_within_s, None)
    if not proxies:
        return direct
    able: Chosen = "pyreqwest" if kind == "pyreqwest" else "httpx"
    return RoutedTransport(direct, proxies, partial(_open, able, connect_within_s))


def _open(kind: Chosen, connect_within_s: float, proxy: str | None) -> Transport:
    match kind:
        case "asyncio":
            from gateway.upstream.asyncio_transport import AsyncioTransport  # noqa: PLC0415

            return AsyncioTransport(connect_within_s=connect_within_s)
        case "httpx":
            from gateway.upstream.httpx_transport import HttpxTransport  # noqa: PLC0415

            return HttpxTransport(connect_within_s=connect_within_s, proxy=proxy)
        case "pyreqwest":
            from gateway.upstream.pyreqwest_transport import PyreqwestTransport  # noqa: PLC0415

            return PyreqwestTransport(connect_within_s=connect_within_s, proxy=proxy)
