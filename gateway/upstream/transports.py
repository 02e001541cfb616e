"""Which HTTP client is used."""

import importlib.util
from typing import Literal

from gateway.upstream.transport import Transport

Kind = Literal["auto", "httpx", "pyreqwest"]


def installed(kind: Kind) -> Literal["httpx", "pyreqwest"]:
    """Decide; `auto` takes pyreqwest, which is many times cheaper, where it installs.

    Raises ValueError for a client that is asked for and not installed.
    """
    has_pyreqwest = importlib.util.find_spec("pyreqwest") is not None
    if kind == "pyreqwest" and not has_pyreqwest:
        raise ValueError(
            "partner.transport is 'pyreqwest', which is not installed;"
            " install upgrade-gateway[fast] or set it to 'httpx'"
        )
    return "httpx" if kind == "httpx" or not has_pyreqwest else "pyreqwest"


def choose(kind: Kind) -> Transport:
    """Open the transport that is decided for."""
    if installed(kind) == "httpx":
        from gateway.upstream.httpx_transport import HttpxTransport  # noqa: PLC0415

        return HttpxTransport()
    from gateway.upstream.pyreqwest_transport import PyreqwestTransport  # noqa: PLC0415

    return PyreqwestTransport()
