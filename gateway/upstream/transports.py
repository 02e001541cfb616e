"""Which HTTP client is used."""

import importlib.util
from typing import Literal

from gateway.upstream.transport import Transport

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


def choose(kind: Kind) -> Transport:
    """Open the transport that is decided for; only its own library is imported."""
    match installed(kind):
        case "asyncio":
            from gateway.upstream.asyncio_transport import AsyncioTransport  # noqa: PLC0415

            return AsyncioTransport()
        case "httpx":
            from gateway.upstream.httpx_transport import HttpxTransport  # noqa: PLC0415

            return HttpxTransport()
        case "pyreqwest":
            from gateway.upstream.pyreqwest_transport import PyreqwestTransport  # noqa: PLC0415

            return PyreqwestTransport()
