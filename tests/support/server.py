"""Serves an ASGI app over HTTP in the event loop of the test."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn

from gateway.server.repeated_head import RepeatedHeadHTTP
from tests.support.waiting import HANG_TIMEOUT_S


@contextlib.asynccontextmanager
async def serving(
    app: Any,
    *,
    http: str | type[asyncio.Protocol] = RepeatedHeadHTTP,
    config: uvicorn.Config | None = None,
) -> AsyncIterator[str]:
    """Yield the base URL of `app`, served on a free port of 127.0.0.1 until the block ends.

    With a `config` as that says, for what is claimed of the server itself.

    Runs the parts of `uvicorn.Server.serve` one by one: its main loop and its shutdown poll by
    sleeping 0.1 s, which a suite with hundreds of servers would pay hundreds of times.
    """
    # With the protocol named: asyncio switches Nagle's algorithm off for such sockets alone, and
    # with it on each answer of two writes takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = config or uvicorn.Config(
        app, http=http, lifespan="on", log_config=None, access_log=False, backlog=512
    )
    config.timeout_keep_alive = int(
        HANG_TIMEOUT_S
    )  # or a client asks just when the server hangs up
    config.load()
    config.http_protocol_class = _with_long_timeouts(config.http_protocol_class)
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    try:
        await server.startup(sockets=[listener])
    except SystemExit as cause:  # uvicorn's way to say that the app's lifespan failed
        listener.close()
        raise RuntimeError("the app did not start: its lifespan failed, see the log") from cause
    await server.on_tick(0)  # sets the Date header
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        with _silenced(logging.getLogger("uvicorn.error")):
            await _stop(server)


def _with_long_timeouts(protocol: type[asyncio.Protocol]) -> type[asyncio.Protocol]:
    """Let a head take its time: what bounds it is tested without a server."""
    return type("Patient", (protocol,), {"head_within_s": HANG_TIMEOUT_S})


@contextlib.contextmanager
def _silenced(logger: logging.Logger) -> Iterator[None]:
    """Keep the stack traces of requests that the end of the test interrupts out of its report."""
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = False


async def _stop(server: uvicorn.Server) -> None:
    """Close what listens, then every connection, then the app."""
    for listening in server.servers:
        listening.close()
    tasks = list(server.server_state.tasks)
    for task in tasks:
        task.cancel()
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    for task in tasks:
        with contextlib.suppress(BaseException):
            await task
    for listening in server.servers:
        await listening.wait_closed()
    await server.lifespan.shutdown()
