"""Gateways in processes of their own, which tests can kill."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from tests.support.long_timeouts import long_timeout_environment
from tests.support.waiting import HANG_TIMEOUT_S

_ROOT: Final = Path(__file__).parents[2]


def gateway_environment(sandbox_url: str, database_url: str) -> dict[str, str]:
    """Return the settings of a gateway on a free port."""
    return {
        "UPGRADE_GATEWAY_PORT": "0",
        "UPGRADE_GATEWAY_LOG_LEVEL": "error",
        "UPGRADE_GATEWAY_PARTNER__BASE_URL": sandbox_url,
        "UPGRADE_GATEWAY_DATABASE_URL": database_url,
        **long_timeout_environment(),
    }


def client_at(url: str) -> httpx.AsyncClient:
    """A client of such a gateway.

    Each request has a connection of its own. The gateway hangs up on idle ones after seconds, which
    after a stall is the moment at which the next request is sent.
    """
    connections = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=url, timeout=HANG_TIMEOUT_S, limits=connections)


@contextlib.asynccontextmanager
async def gateway_process(
    environ: Mapping[str, str],
    point: str = "never",
    *,
    program: str = "crashing_gateway",
    log: Path | None = None,
) -> AsyncIterator[tuple[Any, str]]:
    """Run a gateway that crashes at a point (see `crashing_gateway.py`); yields process and URL.

    Args:
        point: the argument of the program.
        program: a module of `tests.support`.
        log: where to write its log, if not where the tests' own goes.
    """
    with contextlib.ExitStack() as stack:
        started = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"tests.support.{program}",
            point,
            cwd=_ROOT,
            env={**os.environ, **environ},
            stdout=asyncio.subprocess.PIPE,
            stderr=None if log is None else stack.enter_context(log.open("ab")),
        )
    assert started.stdout is not None
    try:
        yield started, (await started.stdout.readline()).decode().strip()
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()
