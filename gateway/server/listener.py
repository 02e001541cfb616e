"""Opens the sockets that are listened on, before anything else is started."""

import errno
import socket
from typing import Final

_BACKLOG: Final = 2048


class ListenError(Exception):
    """An address that cannot be listened on; says which, why, and what to do."""


def open_listener(host: str, port: int, remedy: str) -> socket.socket:
    """Open a socket whose connections wait in the backlog until somebody serves them.

    Args:
        host: a name or an address of this machine.
        port: 0 takes a free one.
        remedy: what chooses another address, said when this one cannot be had.
    """
    try:
        # With the protocol named: asyncio switches Nagle's algorithm off for such sockets alone.
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise ListenError(f"'{host}' is no address of this machine: {error.strerror}") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # At once, because two sockets may be bound to a port as long as neither listens.
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ListenError(_describe_error(host, port, error, remedy)) from error
    listener.setblocking(False)
    return listener


def listener_url(listener: socket.socket) -> str:
    """The address as a browser on this machine understands it."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not to listen on
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _describe_error(host: str, port: int, error: OSError, remedy: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use by another program; choose another with {remedy}"
    if error.errno == errno.EACCES:
        return f"port {port} needs privileges that this user lacks; choose one with {remedy}"
    return f"cannot listen on {host}, port {port}: {error.strerror}; choose others with {remedy}"
