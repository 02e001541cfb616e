"""Callers with tokens and API keys, through the whole gateway over HTTP."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from gateway.auth.api_keys import format_key, format_key_entry
from tests.support.clock import ManualClock
from tests.support.issuer import AUDIENCE, OidcIssuer
from tests.support.journey import Journey, journey, served_journey
from tests.support.server import serving
from tests.support.sockets import PROTOCOL, connect
from tests.support.upgrades import find_possible_upgrades, request_upgrade

CUSTOMERS = "{ customers(first: 100) { nodes { id } } }"
OPERATIONS = "{ operations { nodes { id } } }"
KEY = format_key("nightly", bytes(32))

SETTLE = """mutation {
  settleOperation(input: {operationId: "x", outcome: DONE, note: "n"}) { userErrors { code } }
}"""


@contextlib.asynccontextmanager
async def with_issuer(
    *, clock: ManualClock | None = None, **settings: Any
) -> AsyncIterator[tuple[Journey, OidcIssuer]]:
    """Run a gateway that trusts an issuer; with a clock, over real HTTP."""
    issuer = OidcIssuer()
    opened = journey if clock is None else served_journey
    async with serving(issuer) as issuer.url:
        auth = {"mode": "jwt", "issuer": issuer.url, "audience": AUDIENCE, "algorithms": "ES256"}
        given = {**settings, "auth": {**auth, **settings.get("auth", {})}}
        async with opened(settings=given, clock=clock) as gateway:
            yield gateway, issuer


async def execute_as(gateway: Journey, credential: str | None, document: str) -> httpx.Response:
    headers = {} if credential is None else {"Authorization": f"Bearer {credential}"}
    return await gateway.client.post("/graphql", json={"query": document}, headers=headers)


def code(response: httpx.Response) -> str:
    found: str = response.json()["errors"][0]["extensions"]["code"]
    return found


async def test_an_unauthenticated_request_is_challenged_and_not_executed() -> None:
    async with with_issuer() as (gateway, issuer):
        anonymous = await execute_as(gateway, None, CUSTOMERS)
        wrong = await execute_as(gateway, issuer.token(aud="api://other"), CUSTOMERS)
        metrics = await gateway.client.get("/metrics")

    for response in (anonymous, wrong):
        assert (response.status_code, code(response)) == (401, "UNAUTHENTICATED")
        assert response.json().get("data") is None
    assert anonymous.headers["WWW-Authenticate"] == 'Bearer realm="upgrade-gateway"'
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]
    assert metrics.status_code == 401
    assert gateway.take_call_counts() == {}


async def test_a_caller_does_what_its_scopes_allow() -> None:
    async with with_issuer() as (gateway, issuer):
        reads = await execute_as(gateway, issuer.token(), OPERATIONS)
        without = await execute_as(gateway, issuer.token(scope="openid"), OPERATIONS)
        writes = await execute_as(gateway, issuer.token(scope="upgrades:write"), SETTLE)
        administers = await execute_as(gateway, issuer.token(scope="upgrades:admin"), SETTLE)

    assert reads.json()["data"] == {"operations": {"nodes": []}}
    assert (without.status_code, code(without)) == (403, "FORBIDDEN")
    assert "upgrades:read" in without.json()["errors"][0]["message"]
    assert (writes.status_code, code(writes)) == (403, "FORBIDDEN")
    assert administers.json()["data"]["settleOperation"]["userErrors"] == [{"code": "NOT_FOUND"}]


async def test_in_production_the_graph_is_shown_to_administrators_alone() -> None:
    document = "{ __schema { queryType { name } } }"
    async with with_issuer(profile="production") as (gateway, issuer):
        refused = await execute_as(gateway, issuer.token(), document)
        typename = await execute_as(gateway, issuer.token(scope="openid"), "{ __typename }")
        shown = await execute_as(gateway, issuer.token(scope="upgrades:admin"), document)

    assert (refused.status_code, code(refused)) == (403, "FORBIDDEN")
    assert typename.json()["data"] == {"__typename": "Query"}
    assert shown.json()["data"] == {"__schema": {"queryType": {"name": "Query"}}}


async def test_entra_tokens_are_accepted() -> None:
    tenant = "8f3a6c1e-2f57-4d7e-9d3b-0a1f3f0e6c11"
    application = "1b6d4f0a-0f5c-4a55-9f6e-3f0e6c118f3a"
    v1 = f"https://sts.windows.net/{tenant}/"
    v2 = f"https://login.microsoftonline.com/{tenant}/v2.0"
    issuer = OidcIssuer()
    async with serving(issuer) as issuer.url:
        auth = {
            "mode": "jwt",
            "issuer": [v2, v1],
            "audience": [application, f"api://{application}"],
            "jwks_url": f"{issuer.url}/keys",
            "algorithms": "ES256",
            "scopes_claim": "scp roles",
        }
        of_service = issuer.token(
            iss=v1, aud=f"api://{application}", scope=None, roles=["upgrades:write"]
        )
        of_person = issuer.token(iss=v2, aud=application, scope=None, scp="openid upgrades:read")
        async with journey(settings={"auth": auth}) as gateway:
            customer = gateway.sandbox.world.examples.legacy_customer_id
            upgrade = (await find_possible_upgrades(gateway.client, customer, of_service))[0]
            bought = await request_upgrade(gateway.client, upgrade.input("key-1"), of_service)
            seen = await execute_as(gateway, of_person, "{ operations { nodes { id principal } } }")
            refused = await execute_as(gateway, of_person, SETTLE)

    assert bought["operation"]["state"] == "DONE"
    assert seen.json()["data"]["operations"]["nodes"] == [
        {"id": bought["operation"]["id"], "principal": f"jwt:{v2}|somebody"}
    ]
    assert code(refused) == "FORBIDDEN"


async def test_unusable_keys_in_a_jwks_do_not_affect_valid_tokens() -> None:
    async with with_issuer() as (gateway, issuer):
        ours = issuer.keys[0].public
        issuer.extra_keys = [
            {**ours, "kid": ["key-1"]},
            {**ours, "kid": {"a": 1}},
            {**ours, "alg": "ES384", "crv": "P-384"},
            {"kty": "RSA", "kid": "key-1", "n": 1, "e": []},
            None,
        ]
        response = await execute_as(gateway, issuer.token(), OPERATIONS)
        refused = await execute_as(gateway, issuer.token(aud="api://other"), OPERATIONS)

    assert response.json()["data"] == {"operations": {"nodes": []}}
    assert refused.status_code == 401


async def test_keys_rotate_under_load_without_a_failed_request() -> None:
    async with with_issuer() as (gateway, issuer):
        responses: list[httpx.Response] = []
        for _ in range(3):
            tokens = [issuer.token(sub=f"caller-{number}") for number in range(10)]
            issuer.gate.clear()
            asking = [
                asyncio.create_task(execute_as(gateway, token, OPERATIONS))
                for token in tokens
                for _ in range(5)
            ]
            await issuer.keys_requested.wait()
            issuer.keys_requested.clear()
            issuer.gate.set()
            responses += await asyncio.gather(*asking)
            issuer.rotate()

    assert len(responses) == 150
    assert {response.status_code for response in responses} == {200}
    assert issuer.fetches == 3, "one for each set of keys, whoever asked"


async def test_a_withdrawn_signing_key_invalidates_its_tokens() -> None:
    async with with_issuer() as (gateway, issuer):
        old = issuer.token()
        accepted = await execute_as(gateway, old, OPERATIONS)
        issuer.rotate()
        renewed = await execute_as(gateway, issuer.token(), OPERATIONS)
        refused = await execute_as(gateway, old, OPERATIONS)

    assert [each.status_code for each in (accepted, renewed, refused)] == [200, 200, 401]


@contextlib.asynccontextmanager
async def connected(gateway: Journey, credential: str) -> AsyncIterator[ClientConnection]:
    headers = {"Authorization": f"Bearer {credential}"}
    address = gateway.url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[PROTOCOL]) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"headers": headers}}))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        await is_open(socket)
        yield socket


async def is_open(socket: ClientConnection) -> None:
    await socket.send(json.dumps({"type": "ping"}))
    assert json.loads(await socket.recv()) == {"type": "pong"}


async def test_a_websocket_is_closed_when_its_token_has_expired() -> None:
    clock = ManualClock()
    async with with_issuer(clock=clock, auth={"leeway_s": 30}) as (gateway, issuer):
        token = issuer.token(nbf=0, iat=0, exp=int(clock.wall()) + 600)
        async with connected(gateway, token) as socket:
            clock.advance(629)
            await is_open(socket)
            clock.advance(1)
            with pytest.raises(ConnectionClosed):
                await socket.recv()

    assert socket.close_code == 4403
    assert "expired" in str(socket.close_reason)


async def test_a_websocket_is_closed_when_its_key_was_removed(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "keys.toml"
    file.write_text(format_key_entry("nightly", KEY, ["upgrades:read"], ["*"]))
    auth = {"mode": "keys", "keys_file": str(file)}
    async with (
        served_journey(settings={"auth": auth}, clock=clock) as gateway,
        connected(gateway, KEY) as socket,
    ):
        clock.advance(10)
        await is_open(socket)
        file.write_text("[keys]")
        clock.advance(10)
        with pytest.raises(ConnectionClosed):
            await socket.recv()

    assert socket.close_code == 4403


async def test_requests_get_503_while_signing_keys_are_unavailable() -> None:
    async with with_issuer() as (gateway, issuer):
        issuer.is_down = True
        response = await execute_as(gateway, issuer.token(), OPERATIONS)
        page = await gateway.client.get(
            "/metrics", headers={"Authorization": f"Bearer {issuer.token()}"}
        )

    assert (response.status_code, code(response)) == (503, "UPSTREAM_UNAVAILABLE")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")


async def test_a_claim_limits_a_caller_to_its_customers() -> None:
    auth = {"customers_claim": "customers"}
    async with with_issuer(auth=auth) as (gateway, issuer):
        one = gateway.sandbox.world.examples.customer_id
        limited = await execute_as(gateway, issuer.token(customers=[one.upper()]), CUSTOMERS)
        unnamed = await execute_as(gateway, issuer.token(), CUSTOMERS)
        everybody = await execute_as(gateway, issuer.token(customers="*"), CUSTOMERS)

    assert limited.json()["data"]["customers"]["nodes"] == [{"id": one}]
    assert unnamed.json()["data"]["customers"]["nodes"] == []
    assert len(everybody.json()["data"]["customers"]["nodes"]) > 1


async def test_callers_missing_in_the_customers_file_have_no_customers(tmp_path: Path) -> None:
    file = tmp_path / "customers.toml"
    file.write_text('[customers]\nalice = ["*"]\n')
    async with with_issuer(auth={"customers_file": str(file)}) as (gateway, issuer):
        alice = await execute_as(gateway, issuer.token(sub="alice"), CUSTOMERS)
        bob = await execute_as(gateway, issuer.token(sub="bob"), CUSTOMERS)

    assert len(alice.json()["data"]["customers"]["nodes"]) > 1
    assert bob.json()["data"]["customers"]["nodes"] == []


async def test_a_service_authenticates_with_its_api_key(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(format_key_entry("nightly", KEY, ["upgrades:read"], ["*"]))
    async with journey(settings={"auth": {"mode": "keys", "keys_file": str(file)}}) as gateway:
        accepted = await execute_as(gateway, KEY, OPERATIONS)
        refused = await execute_as(gateway, KEY[:-1] + "1", OPERATIONS)
        token = await execute_as(gateway, "a.b.c", OPERATIONS)

    assert accepted.json()["data"] == {"operations": {"nodes": []}}
    assert refused.status_code == 401
    assert token.status_code == 401
    assert KEY not in refused.text


async def test_a_credential_is_verified_again_when_a_connection_repeats_its_head(
    tmp_path: Path,
) -> None:
    clock, file = ManualClock(), tmp_path / "keys.toml"
    file.write_text(format_key_entry("nightly", KEY, ["upgrades:read"], ["*"]))
    auth = {"mode": "keys", "keys_file": str(file)}
    async with served_journey(settings={"auth": auth}, clock=clock) as gateway:
        accepted = [await execute_as(gateway, KEY, OPERATIONS) for _ in range(2)]
        file.write_text("[keys]")
        clock.advance(10)
        refused = await execute_as(gateway, KEY, OPERATIONS)

    assert [each.status_code for each in (*accepted, refused)] == [200, 200, 401]


async def test_an_invalid_key_file_is_reported_without_its_path(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "keys.toml"
    good = format_key_entry("nightly", KEY, ["upgrades:read"], ["*"])
    file.write_text(good)
    auth = {"mode": "keys", "keys_file": str(file)}

    async def callers_after(gateway: Journey, text: str) -> dict[str, str]:
        file.write_text(text)
        clock.advance(1)
        ready = (await gateway.client.get("/ready")).json()
        check: dict[str, str] = ready["checks"]["callers"]
        return check

    async with journey(settings={"auth": auth}, clock=clock) as gateway:
        wrong = await callers_after(gateway, "[keys")
        known = await execute_as(gateway, KEY, OPERATIONS)
        corrected = await callers_after(gateway, f"{good}\n")

    assert wrong == {
        "status": "degraded",
        "detail": "the file of API keys or customers is invalid; its last valid version is in"
        " effect (see the gateway's log)",
    }
    assert known.json()["data"] == {"operations": {"nodes": []}}
    assert corrected["status"] == "ready"


async def test_an_invalid_customers_file_is_reported(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "customers.toml"
    file.write_text("[customers]")
    async with with_issuer(auth={"customers_file": str(file)}, clock=clock) as (gateway, _):
        before = (await gateway.client.get("/ready")).json()
        file.write_text("[customers")
        clock.advance(1)
        after = (await gateway.client.get("/ready")).json()

    assert before["checks"]["callers"]["status"] == "ready"
    assert after["checks"]["callers"]["status"] == "degraded"


async def test_a_renewed_token_is_the_same_principal_and_is_passed_on() -> None:
    auth = {"audience": "https://api.partnercenter.example", "default_scopes": "upgrades:write"}
    partner = {"auth": "passthrough"}
    async with with_issuer(auth=auth, partner=partner) as (gateway, issuer):
        first, renewed, other = (
            issuer.token(aud=auth["audience"], sub=sub, jti=str(number))
            for number, sub in enumerate(("alice", "alice", "bob"))
        )
        customer_id = gateway.sandbox.world.examples.azure_customer_id
        document = (
            f'mutation {{ requestProductUpgrade(input: {{customerId: "{customer_id}",'
            ' idempotencyKey: "key-1", waitSeconds: 0}) { operation { id } } }'
        )
        made = await execute_as(gateway, first, document)
        same = await execute_as(gateway, renewed, OPERATIONS)
        others = await execute_as(gateway, other, OPERATIONS)
        administrator = issuer.token(aud=auth["audience"], sub="carol", scope="upgrades:admin")
        administered = await execute_as(gateway, administrator, OPERATIONS)
        refused = await execute_as(gateway, renewed, CUSTOMERS)

    operation = made.json()["data"]["requestProductUpgrade"]["operation"]
    assert same.json()["data"]["operations"]["nodes"] == [operation]
    assert others.json()["data"]["operations"]["nodes"] == []
    assert administered.json()["data"]["operations"]["nodes"] == [], "its token reaches no others'"
    # The sandbox does not know this issuer. Its refusal shows that it received the token.
    assert code(refused) == "UNAUTHENTICATED"
    assert refused.json()["errors"][0]["extensions"]["upstreamStatus"] == 401


@pytest.mark.parametrize("mode", ["keys", "jwt_or_keys"])
async def test_api_keys_cannot_be_combined_with_passthrough(mode: str, tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(format_key_entry("nightly", KEY, ["upgrades:read"], ["*"]))
    auth = {"mode": mode, "keys_file": str(file)}
    if mode == "jwt_or_keys":
        auth |= {"issuer": "https://issuer.example", "audience": AUDIENCE}
    with pytest.raises(ValueError, match=r"partner\.auth is 'passthrough'.*auth\.mode"):
        async with journey(settings={"auth": auth, "partner": {"auth": "passthrough"}}):
            raise AssertionError("it started")


async def test_an_invalid_file_prevents_the_start(tmp_path: Path) -> None:
    auth = {"mode": "keys", "keys_file": str(tmp_path / "missing.toml")}
    with pytest.raises(ValueError, match=r"auth\.keys_file: .*cannot be read"):
        async with journey(settings={"auth": auth}):
            raise AssertionError("it started")
