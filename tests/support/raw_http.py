"""Sends requests as bytes, for requests that HTTP clients cannot send."""

import asyncio
import contextlib
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit


async def send_parts(url: str, *parts: bytes) -> tuple[bytes, int]:
    """Send parts until the server closes; returns the response and the number of sent bytes."""
    return await exchange_bytes(url, parts)


async def exchange_bytes(url: str, parts: Iterable[bytes]) -> tuple[bytes, int]:
    """Send and receive at the same time, until the server closes."""
    loop = asyncio.get_running_loop()
    address = urlsplit(url)
    with socket.socket() as connection:
        connection.setblocking(False)
        await loop.sock_connect(connection, (address.hostname, address.port))
        sent_bytes = 0

        async def send() -> None:
            nonlocal sent_bytes
            with contextlib.suppress(ConnectionError):
                for part in parts:
                    await loop.sock_sendall(connection, part)
                    sent_bytes += len(part)
                    for _ in range(2):  # lets a server in this loop read the part alone
                        await asyncio.sleep(0)

        sending = asyncio.create_task(send())
        response = b""
        try:
            with contextlib.suppress(ConnectionError):
                while received := await loop.sock_recv(connection, 65_536):
                    response += received
        finally:
            sending.cancel()
            await asyncio.wait([sending])
        return response, sent_bytes


def parse_status(response: bytes) -> int:
    return int(response.split(b" ", 2)[1])
