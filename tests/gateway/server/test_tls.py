"""The gateway serves TLS itself, over HTTP and WebSocket."""

import asyncio
import json
import os
import re
import ssl
import sys
from pathlib import Path

import httpx
import pytest

from gateway.server.tls import TlsFiles
from gateway.settings import HttpSettings, SettingsError
from tests.support.certificates import write_certificate
from tests.support.sockets import PROTOCOL, connect
from tests.support.waiting import HANG_TIMEOUT_S


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


async def execute_over_websocket(url: str, context: ssl.SSLContext) -> object:
    address = url.replace("https", "wss") + "/graphql"
    async with connect(address, subprotocols=[PROTOCOL], ssl=context) as socket:
        await socket.send('{"type": "connection_init"}')
        payload = {"query": "{ __typename }"}
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        await socket.recv()
        return json.loads(await socket.recv())["payload"]


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_requests_and_websockets_are_encrypted(workers: str, tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path)
    command = ("-m", "gateway", "serve", "--sandbox", "--port", "0", "--workers", workers)
    tls = {"UPGRADE_GATEWAY_HTTP__TLS_CERTIFICATE_FILE": str(certificate)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env={**os.environ, **tls}, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        announced = (await process.stdout.readline()).decode()
        (url,) = re.findall(r"https://127\.0\.0\.1:\d+", announced)
        named, context = url.replace("127.0.0.1", "localhost"), trusting(certificate)
        async with httpx.AsyncClient(verify=context, timeout=HANG_TIMEOUT_S) as client:
            response = await client.post(f"{named}/graphql", json={"query": "{ __typename }"})
        over_websocket = await execute_over_websocket(named, context)
    finally:
        process.terminate()
        await process.wait()
    assert response.json()["data"] == {"__typename": "Query"}
    assert over_websocket == response.json()


def test_without_a_certificate_nothing_is_encrypted() -> None:
    assert TlsFiles.from_settings(HttpSettings()) is None


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_files_that_cannot_be_used_stop_the_start(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "certificate.pem"
    if content is not None:
        file.write_text(content)
    http = HttpSettings.model_validate({"tls_certificate_file": file})
    with pytest.raises(SettingsError, match=r"http\.tls_certificate_file .* cannot be used"):
        TlsFiles.from_settings(http)
