"""Which HTTP client is used."""

import importlib.util
from typing import Literal

from gateway.upstream.transport import DEFAULT_CONNECT_WITHIN_S, Transport

Kind = Literal["auto", "asyncio", "httpx", "pyreqwest"]


def installed(kind: Kind) -> Literal["asyncio", "httpx", "pyreqwest"]:
    """Decide; `auto` takes the cheapest, which needs nothing installed.

    Raises ValueError for a client that is asked for and not installed.
    """
    if kind == "pyreqwest" and importlib.util.find_spec("pyreqwest") is None:
        raise ValueError(
            "partner.transport is 'pyreqwest', which is not installed;"
            " install upgrade-gateway[fast] or set it to 'auto'"
        )
    return "asyncio" if kind == "auto" else kind


def choose(kind: Kind, *, connect_within_s: float = DEFAULT_CONNECT_WITHIN_S) -> Transport:
    """Open the transport that is decided for; only its own library is imported."""
    match installed(kind):
        case "asyncio":
            from gateway.upstream.asyncio_transport import AsyncioTransport  # noqa: PLC0415

            return AsyncioTransport(connect_within_s=connect_within_s)
        case "httpx":
            from gateway.upstream.httpx_transport import HttpxTransport  # noqa: PLC0415

            return HttpxTransport(connect_within_s=connect_within_s)
        case "pyreqwest":
            from gateway.upstream.pyreqwest_transport import PyreqwestTransport  # noqa: PLC0415

            return PyreqwestTransport(connect_within_s=connect_within_s)
