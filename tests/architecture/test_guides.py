"""The guides' examples, executed."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import get_args

import pytest
import typer
from graphql import parse, validate

from gateway.auth.api_keys import format_key, format_key_entry
from gateway.cli import app
from gateway.client.upgrade_table import read_upgrades
from gateway.operations.policy.policy_file import RestrictedUpgradeType, parse_policy
from gateway.settings import AuthSettings, PartnerSettings
from gateway.settings.principals import PrincipalForms
from schema.preview import PreviewWarningCode
from tests.support.journey import journey
from tests.support.upgrades import find_possible_upgrades, request_upgrade
from tests.support.upstream import cached_graph

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(guide: str, language: str) -> list[str]:
    """The fenced code blocks of a language, in order."""
    text = (GUIDES / guide).read_text("utf-8")
    return [block for name, block in BLOCK.findall(text) if name == language]


def commands() -> list[str]:
    """Every command line of the gateway in a guide, without its comment."""
    lines = [
        line
        for guide in sorted(GUIDES.glob("*.md"))
        for block in blocks(guide.name, "sh")
        for line in block.splitlines()
    ]
    found = (re.search(r"\bupgrade-gateway (.*)", line) for line in lines)
    return [shlex.join(shlex.split(match[1], comments=True)) for match in found if match]


@pytest.mark.parametrize("command", commands())
def test_a_command_has_the_arguments_that_the_guide_gives(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "upgrades.csv").touch()
    (tmp_path / "queries").mkdir()
    context = typer.main.get_command(app).make_context("upgrade-gateway", shlex.split(command))
    while isinstance(context.command, typer.core.TyperGroup):
        words = [*context._protected_args, *context.args]
        name, found, rest = context.command.resolve_command(context, words)
        assert found is not None
        context = found.make_context(name, rest, parent=context)


def graphql_documents() -> list[str]:
    found = [block for guide in GUIDES.glob("*.md") for block in blocks(guide.name, "graphql")]
    return [block for block in found if not block.startswith("directive ")]


@pytest.mark.parametrize("document", graphql_documents())
def test_a_document_of_a_guide_is_valid(document: str) -> None:
    assert validate(cached_graph()._schema, parse(document)) == []


def test_the_guide_to_previews_names_every_warning() -> None:
    text = (GUIDES / "previews.md").read_text("utf-8")
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))
    assert named == {each.name for each in PreviewWarningCode} - {"UNKNOWN"}


async def test_the_purchase_policy_of_the_guide_restricts_whom_it_names(
    tmp_path: Path,
) -> None:
    (example,) = [block for block in blocks("purchase-policy.md", "toml") if "[callers." in block]
    parsed = tomllib.loads(example)
    (closed_customer,) = parsed["customers"]
    keys = {name: format_key(name, bytes(32)) for name in ("billing", "reports")}
    policy, keys_file = tmp_path / "policy.toml", tmp_path / "keys.toml"
    keys_file.write_text(
        "\n".join(
            format_key_entry(name, key, ["upgrades:write"], ["*"]) for name, key in keys.items()
        )
    )
    policy.write_text(example)
    settings = {"auth": {"mode": "keys", "keys_file": keys_file}, "guards": {"file": policy}}
    async with journey(settings=settings) as gateway:
        customer_id = gateway.sandbox.world.examples.legacy_customer_id
        gateway.client.headers["Authorization"] = f"Bearer {keys['billing']}"
        upgrade, other = (await find_possible_upgrades(gateway.client, customer_id))[:2]
        elsewhere = {**other.input("key-2"), "customerId": closed_customer}
        bought = await request_upgrade(gateway.client, upgrade.input("key-1"))
        closed = await request_upgrade(gateway.client, elsewhere)
        gateway.client.headers["Authorization"] = f"Bearer {keys['reports']}"
        refused = await request_upgrade(gateway.client, other.input("key-1"))

    assert bought["operation"]["state"] == "DONE"
    for payload, message in (
        (closed, f"for customer {closed_customer}"),
        (refused, "your purchases"),
    ):
        (error,) = payload["userErrors"]
        assert (error["code"], payload["operation"]) == ("FORBIDDEN_BY_OPERATOR", None)
        assert message in error["message"]


def test_the_purchase_policy_of_the_guide_allows_the_longest_batch() -> None:
    (text,) = blocks("purchase-policy.md", "toml")
    auth = AuthSettings.model_validate({"mode": "keys", "keys_file": "keys.toml"})
    policy = parse_policy(PrincipalForms(auth, PartnerSettings()), text)
    assert policy.writes
    assert policy.upgrade_types == frozenset(get_args(RestrictedUpgradeType))
    assert (policy.seats_per_hour or 0) >= 5_000, "a batch has up to 5,000 lines"


async def test_probes_respond_as_documented(tmp_path: Path) -> None:
    policy, keys = tmp_path / "policy.toml", tmp_path / "keys.toml"
    policy.write_text("wrong")
    key = format_key("prometheus", bytes(32))
    keys.write_text(format_key_entry("prometheus", key, ["upgrades:read"], ["*"]))
    auth = {"mode": "keys", "keys_file": keys}
    async with journey(settings={"auth": auth, "guards": {"file": policy}}) as gateway:
        live, ready = [await gateway.client.get(path) for path in ("/live", "/ready")]
        anonymous = await gateway.client.get("/metrics")
        known = await gateway.client.get("/metrics", headers={"Authorization": f"Bearer {key}"})
    assert (live.status_code, ready.status_code, ready.json()["status"]) == (200, 200, "degraded")
    assert (anonymous.status_code, known.status_code) == (401, 200)


def test_the_table_of_the_guide_has_an_order_of_every_kind() -> None:
    (table,) = blocks("cli.md", "csv")
    orders = read_upgrades(table.splitlines(), "cli.md").values()
    targets = {"targetOfferId", "toCatalogItemId", "productFamily"}
    assert [each.keys() & targets for each in orders] == [
        {"targetOfferId"},
        {"toCatalogItemId"},
        {"productFamily"},
    ]
