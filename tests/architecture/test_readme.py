"""What the README shows is what happens."""

import json
import re
import shlex
from pathlib import Path

import pytest

from gateway.sandbox.options import SandboxOptions
from gateway.settings import SandboxSettings
from tests.support.journey import journey
from tests.support.upgrades import possible_upgrades

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


def test_every_make_target_exists() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"\bmake (\w+)", README))
    assert targets
    assert targets <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (Path(__file__).parents[2] / link).exists()
