import re
from urllib.parse import parse_qsl

import pytest

from gateway.upstream.errors import Unauthorized, Unavailable
from gateway.upstream.tokens.sandbox import SandboxTokens
from gateway.upstream.transport.base import ConnectFailed, UpstreamResponse
from tests.gateway.upstream.scripted_client import ScriptedTransport, build_scope, response
from tests.support.clock import FakeClock

GRANTED = {"access_token": "sandbox-token", "expires_in": "3599", "token_type": "Bearer"}


def tokens_of(transport: ScriptedTransport) -> SandboxTokens:
    return SandboxTokens(transport, "http://sandbox.test/", FakeClock())


async def test_the_sandbox_is_asked_by_the_refresh_token_flow_of_the_contract() -> None:
    transport = ScriptedTransport(response(200, GRANTED))
    tokens = tokens_of(transport)
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


async def test_a_refused_token_is_asked_for_anew() -> None:
    second = {**GRANTED, "access_token": "second"}
    transport = ScriptedTransport(response(200, GRANTED), response(200, second))
    tokens = tokens_of(transport)
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
async def test_what_is_no_grant_says_why(reply: UpstreamResponse, part: str) -> None:
    with pytest.raises(Unauthorized, match=part):
        await tokens_of(ScriptedTransport(reply)).get(build_scope())


async def test_a_sandbox_that_is_not_running_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await tokens_of(ScriptedTransport(ConnectFailed("refused"))).get(build_scope())
