"""Runs uvicorn: in this process, in several worker processes, or in a thread."""

import contextlib
import math
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import uvicorn
from uvicorn.supervisors import Multiprocess

from gateway.observability.metrics import SHARED_FOLDER_VARIABLE
from gateway.server.bounded_http import BoundedHTTP
from gateway.server.draining import Drainable, DrainingHTTP, DrainingWebSocket
from gateway.server.tls import TlsFiles

_STOP_TIMEOUT_S: Final = 10
# A worker responds to its supervisor only after its imports, which take seconds of CPU time, and
# much longer on a busy machine. With uvicorn's default of 5 s no worker would ever start there.
_WORKER_HEALTHCHECK_TIMEOUT_S: Final = 120


def serve_until_signal(app: Any, listener: socket.socket) -> None:
    """Serve until a signal. Requests in progress are still completed."""
    _run(uvicorn.Server(_config(app)), listener)


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Limits of the gateway's server.

    Attributes:
        shutdown_grace_s: how long a shutdown waits for running requests.
        max_message_bytes: the size of a WebSocket message, after decompression.
        keep_alive_s: how long a connection may be idle between requests.
    """

    shutdown_grace_s: float
    max_message_bytes: int
    keep_alive_s: int


def serve_draining(
    app: Drainable, listener: socket.socket, limits: ServerLimits, tls: TlsFiles | None = None
) -> None:
    """Serve until a signal; then drain the app, which ends its endless streams."""
    _run(uvicorn.Server(build_draining_config(app, limits, tls)), listener)


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    # uvicorn captures signals once its event loop runs. One that arrives while the loop starts
    # would interrupt it with an exception.
    with server.capture_signals():
        server.run(sockets=[listener])


def serve_workers(
    make_app: Callable[[], Drainable],
    listener: socket.socket,
    limits: ServerLimits,
    tls: TlsFiles | None = None,
    *,
    workers: int,
) -> None:
    """Serve in worker processes, which are restarted if they die. `make_app` must be picklable."""
    config = build_draining_config(make_app, limits, tls, factory=True, workers=workers)
    config.timeout_worker_healthcheck = _WORKER_HEALTHCHECK_TIMEOUT_S
    with _shared_metrics_folder():
        _Supervisor(config, sockets=[listener]).run()


class _Supervisor(Multiprocess):
    """Treats SIGHUP like SIGTERM, unless it was started with nohup."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        hangup = getattr(signal, "SIGHUP", None)
        handler = None if hangup is None else signal.getsignal(hangup)
        super().__init__(config, sockets)
        if hangup is not None and handler is signal.SIG_IGN:
            signal.signal(hangup, handler)

    def handle_hup(self) -> None:
        self.handle_term()


@contextlib.contextmanager
def _shared_metrics_folder() -> Iterator[None]:
    """Create a folder in which worker processes share their metrics, while they run."""
    if SHARED_FOLDER_VARIABLE in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="upgrade-gateway-metrics-") as folder:
        os.environ[SHARED_FOLDER_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[SHARED_FOLDER_VARIABLE]


def build_draining_config(
    app: Any, limits: ServerLimits, tls: TlsFiles | None = None, **others: Any
) -> uvicorn.Config:
    """Build the configuration of a server that drains its app at shutdown."""
    config = _config(app, **others)
    config.http = DrainingHTTP
    config.ws = DrainingWebSocket
    config.timeout_graceful_shutdown = math.ceil(limits.shutdown_grace_s)
    config.ws_max_size = limits.max_message_bytes
    config.timeout_keep_alive = limits.keep_alive_s
    if tls is not None:
        config.ssl_certfile, config.ssl_keyfile = tls.certificate, tls.key
    return config


@contextlib.contextmanager
def serve_in_thread(app: Any, listener: socket.socket) -> Iterator[None]:
    """Serve in a thread with its own event loop until the block ends."""
    server = uvicorn.Server(_config(app))
    thread = threading.Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_STOP_TIMEOUT_S)


def _config(app: Any, *, factory: bool = False, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=factory,
        workers=workers,
        http=BoundedHTTP,
        lifespan="on",
        log_config=None,  # the CLI configures logging
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_per_message_deflate=False,  # its windows would take most of a connection's memory
        timeout_graceful_shutdown=_STOP_TIMEOUT_S,
    )
