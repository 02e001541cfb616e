"""The README's examples, executed."""

import json
import re
import shlex
from pathlib import Path

from gateway.sandbox.options import SandboxOptions
from gateway.settings import SandboxSettings
from tests.support.journey import journey
from tests.support.upgrades import find_possible_upgrades

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The fenced code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def sandbox_as_served() -> SandboxOptions:
    """The sandbox of `make run`."""
    defaults = SandboxSettings()
    return SandboxOptions(customers=defaults.customers, seed=defaults.seed)


async def test_the_query_returns_the_response_below_it_with_three_upstream_calls() -> None:
    (query, _), (response,) = blocks("graphql"), blocks("json")
    async with journey(sandbox_as_served()) as gateway:
        assert await gateway.execute(query) == json.loads(response)
        assert sum(gateway.take_call_counts().values()) == 3


async def test_the_upgrade_is_performed_when_its_ids_are_filled_in() -> None:
    _, upgrade = blocks("graphql")
    async with journey(sandbox_as_served()) as gateway:
        customer_id = gateway.sandbox.world.examples.customer_id
        candidate = (await find_possible_upgrades(gateway.client, customer_id))[0]
        for each in (candidate.customer_id, candidate.subscription_id, candidate.target_offer_id):
            upgrade = upgrade.replace("…", each, 1)
        payload = (await gateway.data(upgrade))["upgradeSubscription"]
    assert payload["operation"]["state"] == "DONE"
    assert payload["userErrors"] == []


async def test_the_curl_command_returns_customers() -> None:
    (command,) = [line for line in "".join(blocks("sh")).splitlines() if line.startswith("curl")]
    body = json.loads(shlex.split(command)[-1])
    async with journey(sandbox_as_served()) as gateway:
        assert (await gateway.data(body["query"]))["customers"]["nodes"]


def test_every_make_target_exists() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"\bmake (\w+)", README))
    assert targets
    assert targets <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))


def test_it_fits_on_one_screen_and_a_half() -> None:
    assert len(README.splitlines()) <= 120
