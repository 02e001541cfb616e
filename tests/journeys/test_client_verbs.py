"""The verbs that talk to a running gateway, over real HTTP."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from gateway.app import create_app
from gateway.cli import app
from gateway.client.connection import Connection
from gateway.client.watching import told
from gateway.sandbox.app import Sandbox
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.patience import patient_settings
from tests.support.resting_sandbox import resting_sandbox
from tests.support.server import serving
from tests.support.upgrades import Wish, possible_upgrades, upgraded
from tests.support.waiting import NEVER_S


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway at an address, and what can be upgraded there."""

    url: str
    sandbox: Sandbox
    wishes: list[Wish]


async def run(*arguments: str, **environ: str) -> Result:
    """Run a command line beside the loop that serves the gateway."""
    return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environ)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    sandbox = resting_sandbox()
    async with serving(sandbox) as sandbox_url:
        partner = {"base_url": sandbox_url}
        database_url = f"sqlite:///{tmp_path}/operations.db"
        settings = patient_settings({"partner": partner, "database_url": database_url})
        async with (
            serving(create_app(settings)) as url,
            httpx.AsyncClient(base_url=url, timeout=NEVER_S) as client,
        ):
            customer = sandbox.world.examples.legacy_customer_id
            yield Running(url, sandbox, await possible_upgrades(client, customer))


def place(wish: Wish) -> list[str]:
    return [wish.customer_id, wish.subscription_id, wish.target_offer_id]


async def test_an_upgrade_is_previewed_bought_once_and_recorded(running: Running) -> None:
    wish = running.wishes[0]
    at = ("--url", running.url)
    preview = await run("preview", *place(wish), *at)
    bought = await run("upgrade", *place(wish), "--key", "key-1", *at)
    again = await run("upgrade", *place(wish), "--key", "key-1", *at)
    late = await run("preview", *place(wish), *at)
    other = await run("upgrade", *place(wish), "--key", "key-2", GATEWAY_URL=running.url)
    operation_id = json.loads(bought.stdout)["operation"]["id"]
    watched = await run("watch", operation_id, *at)
    listed = await run("operations", "list", "--state", "DONE", *at)
    shown = await run("operations", "show", operation_id, *at)
    exported = await run("operations", "export", *at)
    table = await run("operations", "export", "--format", "csv", *at)

    assert (preview.exit_code, json.loads(preview.stdout)["isEligible"]) == (0, True)
    assert (bought.exit_code, again.exit_code) == (0, 0)
    assert running.sandbox.world.upgrades_performed[wish.subscription_id] == 1
    assert (late.exit_code, other.exit_code) == (3, 3)
    assert (watched.exit_code, watched.stdout) == (0, "DONE: 1 of 1 done\n")
    assert listed.stdout.count("\n") == 1
    assert operation_id in listed.stdout
    recorded = json.loads(shown.stdout)
    assert recorded["principal"]
    assert recorded["attempts"][0]["correlationId"]
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    assert [line["idempotencyKey"] for line in lines] == ["key-2", "key-1"]
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert [row["state"] for row in rows] == ["REFUSED", "DONE"]
    ordered = (rows[1]["customerId"], rows[1]["subscriptionId"], rows[1]["target"])
    assert ordered == tuple(place(wish))
    assert rows[1]["targetSubscriptionId"]
    assert rows[1]["correlationIds"] == recorded["attempts"][0]["correlationId"]


async def test_a_table_is_bought_as_one_batch(running: Running, tmp_path: Path) -> None:
    table = tmp_path / "upgrades.csv"
    lines = [",".join((*place(wish), "UPGRADE_ONLY")) for wish in running.wishes[:3]]
    head = "customerId,subscriptionId,targetOfferId,upgradeType"
    table.write_text("\n".join((head, *lines)))
    bought = await run("upgrade-all", str(table), "--key", "key-1", "--url", running.url)
    table.write_text("\n".join((head, lines[0])))
    reused = await run("upgrade-all", str(table), "--key", "key-1", "--url", running.url)

    assert (bought.exit_code, bought.stdout.splitlines()[-1]) == (0, "DONE: 3 of 3 done")
    assert sum(running.sandbox.world.upgrades_performed.values()) == 3
    assert (reused.exit_code, "IDEMPOTENCY_KEY_REUSED" in reused.stderr) == (3, True)


async def test_a_table_is_bought_with_its_quantities_however_its_columns_are_spelt(
    running: Running, tmp_path: Path
) -> None:
    table = tmp_path / "upgrades.csv"
    header = "CUSTOMERID,subscriptionId,targetOfferId,upgradeType, Quantity"
    line = ",".join((*place(running.wishes[0]), "UPGRADE_ONLY", " 1 "))
    table.write_text(f"{header}\r\n{line}\r\n,,,,\r\n", "utf-8-sig", newline="")
    bought = await run("upgrade-all", str(table), "--key", "key-1", "--url", running.url)
    exported = await run("operations", "export", "--url", running.url)

    assert (bought.exit_code, bought.stdout.splitlines()[-1]) == (0, "DONE: 1 of 1 done")
    assert json.loads(exported.stdout)["order"]["quantity"] == 1


@pytest.mark.parametrize(
    ("header", "quantity", "said"),
    [
        ("qty", "5", "line 1, column 5: unknown column 'qty'. Did you mean 'quantity'?"),
        ("quantity,Quantity", "5,6", "line 1, column 6: 'quantity' is named twice"),
        ("quantity", "1,500", "line 3, column 6: surplus field '500'"),
        ("quantity", '"1,500"', "line 3, column 5: 'quantity' is '1,500'"),
    ],
)
async def test_a_table_that_may_mean_something_else_buys_nothing(
    running: Running, tmp_path: Path, header: str, quantity: str, said: str
) -> None:
    table = tmp_path / "upgrades.csv"
    rows = [
        ("customerId,subscriptionId,targetOfferId,upgradeType", header),
        (*place(running.wishes[0]), "UPGRADE_ONLY", "1"),
        (*place(running.wishes[1]), "UPGRADE_ONLY", quantity),
    ]
    table.write_text("\n".join(",".join(row) for row in rows))
    refused = await run("upgrade-all", str(table), "--key", "key-1", "--url", running.url)
    exported = await run("operations", "export", "--url", running.url)

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"{table}: {said}" in refused.stderr
    assert exported.stdout == ""


async def test_the_gateway_tells_who_watches_without_being_asked_again(running: Running) -> None:
    running.sandbox.faults.add(Fault(FaultKind.HOLD, "perform_upgrade"))
    with httpx.Client(base_url=running.url, timeout=NEVER_S) as http:
        gateway = Connection(http)
        async with httpx.AsyncClient(base_url=running.url, timeout=NEVER_S) as client:
            payload = await upgraded(client, running.wishes[0].input("key-1", waitSeconds=0))
        states = told(gateway, payload["operation"]["id"])
        first = await asyncio.to_thread(next, states)
        running.sandbox.faults.release()
        rest = await asyncio.to_thread(list, states)

    assert first.state in {"ACCEPTED", "RUNNING"}
    assert rest[-1].state == "DONE"


async def test_what_does_not_exist_is_said(running: Running) -> None:
    unknown = await run("operations", "show", "nothing", "--url", running.url)
    watched = await run("watch", "nothing", "--url", running.url)
    assert (unknown.exit_code, watched.exit_code) == (1, 1)
    assert "You have no operation 'nothing'" in unknown.stderr


async def test_a_wrong_argument_ends_a_preview_as_it_ends_an_upgrade(running: Running) -> None:
    order = ("nobody", *place(running.wishes[0])[1:], "--url", running.url)
    preview = await run("preview", *order)
    upgrade = await run("upgrade", *order, "--key", "key-1")
    assert (preview.exit_code, upgrade.exit_code) == (3, 3)
    assert "customerId is a GUID" in preview.stderr
    assert "customerId is a GUID" in upgrade.stdout


async def test_a_gateway_that_is_down_is_said() -> None:
    listed = await run("operations", "list", "--url", "http://127.0.0.1:1")
    assert listed.exit_code == 1
    assert "no gateway answers at http://127.0.0.1:1" in listed.stderr
