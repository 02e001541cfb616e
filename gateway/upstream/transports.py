"""Which HTTP client is used."""

import importlib.util
from typing import Literal

from gateway.upstream.transport import Transport


def choose(kind: Literal["auto", "httpx", "pyreqwest"]) -> Transport:
    """Open a transport; `auto` takes pyreqwest, which is many times cheaper, where it installs."""
    has_pyreqwest = importlib.util.find_spec("pyreqwest") is not None
    if kind == "httpx" or (kind == "auto" and not has_pyreqwest):
        from gateway.upstream.httpx_transport import HttpxTransport  # noqa: PLC0415

        return HttpxTransport()
    if not has_pyreqwest:
        raise ValueError(
            "partner.transport is 'pyreqwest', which is not installed;"
            " install upgrade-gateway[fast] or set it to 'httpx'"
        )
    from gateway.upstream.pyreqwest_transport import PyreqwestTransport  # noqa: PLC0415

    return PyreqwestTransport()
