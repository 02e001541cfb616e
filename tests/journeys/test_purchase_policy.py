"""The purchase policy of an operator, changed while the gateway runs."""

from pathlib import Path
from typing import Any

from gateway.auth.api_keys import format_key, format_key_entry
from tests.support.batch_documents import SUBMIT_BATCH
from tests.support.journey import Journey, journey
from tests.support.upgrades import PATHS, PossibleUpgrade, find_possible_upgrades, request_upgrade


def settings(tmp_path: Path) -> dict[str, Any]:
    return {
        "database_url": f"sqlite:///{tmp_path}/operations.db",
        "guards": {"file": tmp_path / "policy.toml"},
    }


async def upgrades_of(gateway: Journey) -> list[PossibleUpgrade]:
    return await find_possible_upgrades(
        gateway.client, gateway.sandbox.world.examples.legacy_customer_id
    )


def codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def test_a_change_applies_to_the_next_mutation(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("writes = false")
    async with journey(settings=settings(tmp_path)) as gateway:
        upgrade = (await upgrades_of(gateway))[0]
        gateway.take_call_counts()
        off = await request_upgrade(gateway.client, upgrade.input("key-1"))
        calls_when_off = gateway.take_call_counts()
        policy.write_text("writes = true")
        on = await request_upgrade(gateway.client, upgrade.input("key-1"))
        policy.write_text("writes = ")
        broken = await request_upgrade(gateway.client, upgrade.input("key-2"))
        again = await request_upgrade(gateway.client, upgrade.input("key-1"))
        reads = await upgrades_of(gateway)
        ready = (await gateway.client.get("/ready")).json()
        policy.unlink()
        gone = (await gateway.client.get("/ready")).json()

    assert codes(off) == ["FORBIDDEN_BY_OPERATOR"]
    assert (off["operation"], calls_when_off) == (None, {})
    assert on["operation"]["state"] == "DONE"
    assert codes(broken) == ["FORBIDDEN_BY_OPERATOR"]
    assert again["operation"] == on["operation"]
    assert reads
    assert ready["status"] == "degraded"
    assert "purchase policy" in ready["checks"]["operations"]["detail"]
    assert ready == gone
    assert str(tmp_path) not in str(gone)


async def test_a_policy_for_an_impossible_principal_forbids_everything(tmp_path: Path) -> None:
    policy, keys = tmp_path / "policy.toml", tmp_path / "keys.toml"
    key = format_key("billing", bytes(32))
    keys.write_text(format_key_entry("billing", key, ["upgrades:write"], ["*"]))
    policy.write_text('[callers."billing"]\nwrites = false')
    given = {**settings(tmp_path), "auth": {"mode": "keys", "keys_file": keys}}
    async with journey(settings=given) as gateway:
        gateway.client.headers["Authorization"] = f"Bearer {key}"
        upgrade = (await upgrades_of(gateway))[0]
        unknown = await request_upgrade(gateway.client, upgrade.input("key-1"))
        ready = (await gateway.client.get("/ready")).json()
        policy.write_text('[customers."contoso"]\nwrites = false')
        elsewhere = await request_upgrade(gateway.client, upgrade.input("key-1"))
        policy.write_text('[callers."key:billing"]\nwrites = false')
        matched = await request_upgrade(gateway.client, upgrade.input("key-1"))

    for payload in (unknown, elsewhere, matched):
        assert (codes(payload), payload["operation"]) == (["FORBIDDEN_BY_OPERATOR"], None)
    assert ready["status"] == "degraded"
    assert "your purchases" in matched["userErrors"][0]["message"]


async def quantities(gateway: Journey) -> dict[str, int]:
    customer = gateway.sandbox.world.examples.legacy_customer_id
    nodes = (await gateway.data(PATHS, id=customer))["customer"]["subscriptions"]["nodes"]
    return {node["id"]: node["quantity"] for node in nodes}


async def test_the_seat_quota_survives_restarts(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("")
    async with journey(settings=settings(tmp_path)) as gateway:
        first, second = (await upgrades_of(gateway))[:2]
        seats = await quantities(gateway)
        limit = seats[first.subscription_id] + seats[second.subscription_id] - 1
        policy.write_text(f"seats_per_hour = {limit}")
        done = await request_upgrade(gateway.client, first.input("key-1"))
        over = await request_upgrade(gateway.client, second.input("key-2"))
    async with journey(settings=settings(tmp_path)) as gateway:
        later = await request_upgrade(gateway.client, second.input("key-3"))
        same = await request_upgrade(gateway.client, first.input("key-1"), short=True)
        policy.write_text(f"seats_per_hour = {limit + 1}")
        raised = await request_upgrade(gateway.client, second.input("key-3"))

    assert done["operation"]["state"] == "DONE"
    assert codes(over) == codes(later) == ["FORBIDDEN_BY_OPERATOR"]
    assert f"needs {seats[second.subscription_id]} seats" in over["userErrors"][0]["message"]
    assert (same["operation"]["state"], codes(same)) == ("DONE", [])
    assert "FORBIDDEN_BY_OPERATOR" not in codes(raised)


async def test_a_batch_is_allowed_completely_or_not_at_all(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("seats_per_hour = 3")
    async with journey(settings=settings(tmp_path)) as gateway:
        upgrades = (await upgrades_of(gateway))[:2]
        lines = [
            {
                name: value
                for name, value in upgrade.input("", quantity=2).items()
                if name != "idempotencyKey"
            }
            for upgrade in upgrades
        ]
        gateway.take_call_counts()
        response = await gateway.data(
            SUBMIT_BATCH, input={"idempotencyKey": "key-1", "lines": lines}
        )

    assert codes(response["upgradeSubscriptions"]) == ["FORBIDDEN_BY_OPERATOR"]
    assert "perform_upgrade" not in gateway.take_call_counts()
