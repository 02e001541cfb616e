"""How uvicorn is run: one server in this process, many in others, or one in a thread."""

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
from gateway.server.draining_http import Drainable, DrainingHTTP
from gateway.server.draining_websocket import DrainingWebSocket

_STOP_TIMEOUT_S: Final = 10
# A worker answers its supervisor only when its modules are imported: seconds of CPU time, many more
# on a busy machine. uvicorn's own 5 s would kill one after another there, and none would serve.
_WORKER_HEALTHCHECK_TIMEOUT_S: Final = 120


def serve_until_signal(app: Any, listener: socket.socket) -> None:
    """Serve in this thread; a signal ends it when what is being answered has been."""
    uvicorn.Server(_config(app)).run(sockets=[listener])


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """How far the server of the gateway goes.

    Attributes:
        grace_s: what lasts longer after the signal is cut off.
        max_message_bytes: of one WebSocket message, however it is split or compressed.
        keep_alive_s: how long a connection may be idle between requests.
    """

    shutdown_grace_s: float
    max_message_bytes: int
    keep_alive_s: int


def serve_draining(app: Drainable, listener: socket.socket, bounds: ServerLimits) -> None:
    """Serve likewise; the app is told of the signal."""
    uvicorn.Server(draining_config(app, bounds)).run(sockets=[listener])


def serve_workers(
    make_app: Callable[[], Drainable],
    listener: socket.socket,
    bounds: ServerLimits,
    *,
    workers: int,
) -> None:
    """Serve in `workers` processes, restarted when they die; `make_app` must be picklable."""
    config = draining_config(make_app, bounds, factory=True, workers=workers)
    config.timeout_worker_healthcheck = _WORKER_HEALTHCHECK_TIMEOUT_S
    with _shared_metrics_folder():
        _Supervisor(config, sockets=[listener]).run()


class _Supervisor(Multiprocess):
    """Ends on SIGHUP as on SIGTERM, unless it was started to outlive its terminal (nohup)."""

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
    """Let processes that are started share their counts, in a folder that lasts as long as they."""
    if SHARED_FOLDER_VARIABLE in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="upgrade-gateway-metrics-") as folder:
        os.environ[SHARED_FOLDER_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[SHARED_FOLDER_VARIABLE]


def draining_config(app: Any, bounds: ServerLimits, **others: Any) -> uvicorn.Config:
    """Configure a server that tells its app of its end."""
    config = _config(app, **others)
    config.http = DrainingHTTP
    config.ws = DrainingWebSocket
    config.timeout_graceful_shutdown = math.ceil(bounds.shutdown_grace_s)
    config.ws_max_size = bounds.max_message_bytes
    config.timeout_keep_alive = bounds.keep_alive_s
    return config


@contextlib.contextmanager
def serve_in_thread(app: Any, listener: socket.socket) -> Iterator[None]:
    """Serve in a thread with its own loop until the block ends."""
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
        log_config=None,  # the command line has set logging up
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_per_message_deflate=False,  # its windows would be most of a connection's memory
        timeout_graceful_shutdown=_STOP_TIMEOUT_S,
    )
