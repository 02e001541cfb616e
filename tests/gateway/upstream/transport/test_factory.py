import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.upstream.transport.base import ConnectFailed
from gateway.upstream.transport.factory import TransportKind, create_transport
from tests.support.certificates import write_certificate
from tests.support.misbehaving_server import get_request, ok_response


@contextlib.asynccontextmanager
async def tls_server(certificate: Path) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ok_response(b"private"))
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}/"


@pytest.mark.parametrize("kind", ["asyncio", "httpx"])
async def test_a_private_authority_is_trusted_if_its_file_is_set(
    kind: TransportKind, tmp_path: Path
) -> None:
    certificate = write_certificate(tmp_path)
    trusting, others = create_transport(kind, ca_file=certificate), create_transport(kind)
    async with tls_server(certificate) as url:
        response = await trusting.send(get_request(url))
        with pytest.raises(ConnectFailed):
            await others.send(get_request(url))
    await trusting.aclose()
    await others.aclose()
    assert response.body == b"private"


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_authorities_that_cannot_be_used_is_named(
    content: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "authorities.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ValueError, match=r"partner\.ca_file .*authorities\.pem"):
        create_transport("auto", ca_file=file)
