"""What the README shows is what happens."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from gateway.auth.api_keys import format_key, format_key_entry
from gateway.operations.guards_file import guards_of
from gateway.sandbox.options import SandboxOptions
from gateway.settings import AuthSettings, PartnerSettings, SandboxSettings
from gateway.settings.principals import PrincipalForms
from gateway.settings.purchase_policy import RestrictedUpgradeType
from tests.support.journey import journey
from tests.support.upgrades import possible_upgrades, upgraded

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def sandbox_as_served() -> SandboxOptions:
    """The world that `make run` serves."""
    defaults = SandboxSettings()
    return SandboxOptions(customers=defaults.customers, seed=defaults.seed)


async def test_the_query_has_the_answer_that_stands_below_it_and_costs_four_calls() -> None:
    (query, _), (answer,) = blocks("graphql"), blocks("json")
    async with journey(sandbox_as_served()) as gateway:
        assert await gateway.ask(query) == json.loads(answer)
        assert sum(gateway.calls().values()) == 4


async def test_the_upgrade_is_performed_when_its_ids_are_filled_in() -> None:
    _, upgrade = blocks("graphql")
    async with journey(sandbox_as_served()) as gateway:
        customer_id = gateway.sandbox.world.examples.customer_id
        wish = (await possible_upgrades(gateway.client, customer_id))[0]
        for each in (wish.customer_id, wish.subscription_id, wish.target_offer_id):
            upgrade = upgrade.replace("…", each, 1)
        payload = (await gateway.data(upgrade))["upgradeSubscription"]
    assert payload["operation"]["state"] == "DONE"
    assert payload["userErrors"] == []


async def test_the_curl_command_sends_a_document_that_is_answered() -> None:
    (command,) = [line for line in "".join(blocks("sh")).splitlines() if line.startswith("curl")]
    body = json.loads(shlex.split(command)[-1])
    async with journey(sandbox_as_served()) as gateway:
        assert len((await gateway.data(body["query"]))["customers"]["nodes"]) == 2


async def test_the_guards_match_the_callers_and_customers_that_they_name(tmp_path: Path) -> None:
    (example,) = [block for block in blocks("toml") if "[callers." in block]
    guarded = tomllib.loads(example)
    (closed_customer,) = guarded["customers"]
    keys = {name: format_key(name, bytes(32)) for name in ("billing", "reports")}
    guards, keys_file = tmp_path / "guards.toml", tmp_path / "keys.toml"
    keys_file.write_text(
        "\n".join(
            format_key_entry(name, key, ["upgrades:write"], ["*"]) for name, key in keys.items()
        )
    )
    guards.write_text(example)
    settings = {"auth": {"mode": "keys", "keys_file": keys_file}, "guards": {"file": guards}}
    async with journey(settings=settings) as gateway:
        customer_id = gateway.sandbox.world.examples.legacy_customer_id
        gateway.client.headers["Authorization"] = f"Bearer {keys['billing']}"
        wish, other = (await possible_upgrades(gateway.client, customer_id))[:2]
        elsewhere = {**other.input("key-2"), "customerId": closed_customer}
        bought = await upgraded(gateway.client, wish.input("key-1"))
        closed = await upgraded(gateway.client, elsewhere)
        gateway.client.headers["Authorization"] = f"Bearer {keys['reports']}"
        refused = await upgraded(gateway.client, other.input("key-1"))

    assert bought["operation"]["state"] == "DONE"
    for payload, said in ((closed, f"for customer {closed_customer}"), (refused, "your purchases")):
        (error,) = payload["userErrors"]
        assert (error["code"], payload["operation"]) == ("FORBIDDEN_BY_OPERATOR", None)
        assert said in error["message"]


def test_the_guards_that_are_shown_let_ordinary_batches_through() -> None:
    (text,) = blocks("toml")
    auth = AuthSettings.model_validate({"mode": "keys", "keys_file": "keys.toml"})
    guards = guards_of(PrincipalForms(auth, PartnerSettings()), text)
    assert guards.writes
    assert guards.upgrade_types == frozenset(get_args(RestrictedUpgradeType))
    assert (guards.seats_per_hour or 0) >= 5_000, "a batch has up to 5,000 lines"


async def test_probes_answer_as_they_are_described(tmp_path: Path) -> None:
    guards, keys = tmp_path / "guards.toml", tmp_path / "keys.toml"
    guards.write_text("wrong")
    key = format_key("prometheus", bytes(32))
    keys.write_text(format_key_entry("prometheus", key, ["upgrades:read"], ["*"]))
    auth = {"mode": "keys", "keys_file": keys}
    async with journey(settings={"auth": auth, "guards": {"file": guards}}) as gateway:
        live, ready = [await gateway.client.get(path) for path in ("/live", "/ready")]
        stranger = await gateway.client.get("/metrics")
        known = await gateway.client.get("/metrics", headers={"Authorization": f"Bearer {key}"})
    assert (live.status_code, ready.status_code, ready.json()["status"]) == (200, 200, "degraded")
    assert (stranger.status_code, known.status_code) == (401, 200)


def test_every_make_target_exists() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"\bmake (\w+)", README))
    assert targets
    assert targets <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (Path(__file__).parents[2] / link).exists()
