"""Opens the sockets to listen on, before anything else starts."""

import errno
import socket
from typing import Final

_BACKLOG: Final = 2048


class ListenError(Exception):
    """The server cannot listen on the address. The text says why and what to do."""


def open_listener(host: str, port: int, remedy: str) -> socket.socket:
    """Listen on an address. Connections wait in the backlog until a server accepts them.

    Args:
        host: a name or an address of this machine.
        port: 0 picks a free one.
        remedy: the options that choose another address, for the error.

    Raises:
        ListenError: the address is invalid or in use.
    """
    try:
        # asyncio turns off Nagle's algorithm only for sockets with an explicit protocol.
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise ListenError(
            f"The host '{host}' cannot be resolved to an address: {error.strerror}"
        ) from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Before anything else: two sockets may be bound to a port until one of them listens.
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ListenError(_describe_error(host, port, error, remedy)) from error
    listener.setblocking(False)
    return listener


def listener_url(listener: socket.socket, *, is_tls: bool = False) -> str:
    """Return the URL for a browser on this machine."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not to listen on
    scheme = "https" if is_tls else "http"
    return f"{scheme}://[{shown}]:{port}" if ":" in shown else f"{scheme}://{shown}:{port}"


def _describe_error(host: str, port: int, error: OSError, remedy: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is in use by another program; choose another port with {remedy}"
        )
    if error.errno == errno.EACCES:
        return f"port {port} requires privileges this user lacks; choose another port with {remedy}"
    return f"cannot listen on {host}, port {port}: {error.strerror}; choose another with {remedy}"
