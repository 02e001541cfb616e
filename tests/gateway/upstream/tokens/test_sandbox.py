import re
from urllib.parse import parse_qsl

import pytest

from gateway.upstream.errors import Unauthorized, Unavailable
from gateway.upstream.tokens.sandbox import SandboxTokens
from gateway.upstream.transport.base import ConnectFailed, UpstreamResponse
from tests.gateway.upstream.scripted_client import ScriptedTransport, build_scope, response
from tests.support.clock import FakeClock

GRANTED = {"access_token": "sandbox-token", "expires_in": "3599", "token_type": "Bearer"}


def build_tokens(transport: ScriptedTransport) -> SandboxTokens:
    return SandboxTokens(transport, "http://sandbox.test/", FakeClock())


async def test_the_sandboxs_token_is_requested_with_the_refresh_token_flow() -> None:
    transport = ScriptedTransport(response(200, GRANTED))
    tokens = build_tokens(transport)
    assert await tokens.get(build_scope()) == "sandbox-token"
    assert await tokens.get(build_scope()) == "sandbox-token"
    [request] = transport.requests
    assert request.method == "POST"
    assert re.fullmatch(r"http://sandbox\.test/[0-9a-f-]{36}/oauth2/token", request.url)
    form = dict(parse_qsl((request.body or b"").decode()))
    assert (form["grant_type"], form["refresh_token"]) == (
        "refresh_token",
        "sandbox-refresh-token",
    )
    assert form["resource"] == "https://api.partnercenter.microsoft.com"
    assert tokens.identity(None) == "sandbox"


async def test_a_rejected_token_is_requested_again() -> None:
    second = {**GRANTED, "access_token": "second"}
    transport = ScriptedTransport(response(200, GRANTED), response(200, second))
    tokens = build_tokens(transport)
    await tokens.get(build_scope())
    assert await tokens.get(build_scope(), rejected="sandbox-token") == "second"


@pytest.mark.parametrize(
    ("reply", "part"),
    [
        (response(404, b"Not Found"), r"\(Not Found\)\. Check that partner\.base_url"),
        (response(400, {"error": "invalid_grant", "error_description": "Dead."}), "Dead"),
        (response(200, b"<html>"), "did not respond with a JSON object"),
        (response(200, b"[]"), "did not respond with a JSON object"),
    ],
    ids=["not a sandbox", "refused", "not JSON", "no object"],
)
async def test_the_error_for_an_invalid_token_response_says_why(
    reply: UpstreamResponse, part: str
) -> None:
    with pytest.raises(Unauthorized, match=part):
        await build_tokens(ScriptedTransport(reply)).get(build_scope())


async def test_a_sandbox_that_is_not_running_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await build_tokens(ScriptedTransport(ConnectFailed("refused"))).get(build_scope())
