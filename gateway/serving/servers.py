"""How uvicorn is run: one server in this process, many in others, or one in a thread."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import uvicorn
from uvicorn.supervisors import Multiprocess

from gateway.serving.bounded_http import BoundedHTTP

_STOP_WITHIN_S: Final = 10


def serve_until_signal(app: Any, listener: socket.socket) -> None:
    """Serve in this thread; a signal ends it when what is being answered has been."""
    uvicorn.Server(_config(app)).run(sockets=[listener])


def serve_with_workers(
    make_app: Callable[[], Any], listener: socket.socket, *, workers: int
) -> None:
    """Serve in `workers` processes, restarted when they die; `make_app` must be picklable."""
    config = _config(make_app, factory=True, workers=workers)
    Multiprocess(config, sockets=[listener]).run()


@contextlib.contextmanager
def serving_in_thread(app: Any, listener: socket.socket) -> Iterator[None]:
    """Serve in a thread with its own loop until the block ends."""
    server = uvicorn.Server(_config(app))
    thread = threading.Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_STOP_WITHIN_S)


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
        timeout_graceful_shutdown=_STOP_WITHIN_S,
    )
