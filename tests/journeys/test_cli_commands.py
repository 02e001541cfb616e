"""The commands that use a running gateway, over real HTTP."""

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
from gateway.cli.order_options import upgrade_members
from gateway.client import documents
from gateway.client.batch import submit_batch
from gateway.client.gateway_client import GatewayClient
from gateway.client.orders import submit_order
from gateway.client.progress import stream_progress
from gateway.client.upgrade_table import read_upgrades
from gateway.sandbox.app import Sandbox
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.long_timeouts import long_timeout_settings
from tests.support.server import serving
from tests.support.upgrades import PossibleUpgrade, find_possible_upgrades
from tests.support.waiting import HANG_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Running:
    """A running gateway and its possible upgrades."""

    url: str
    sandbox: Sandbox
    candidates: list[PossibleUpgrade]


async def run(*arguments: str, **environ: str) -> Result:
    """Run a command in a thread beside the event loop of the gateway."""
    return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environ)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    sandbox = frozen_clock_sandbox()
    async with serving(sandbox) as sandbox_url:
        partner = {"base_url": sandbox_url}
        database_url = f"sqlite:///{tmp_path}/operations.db"
        given = {"partner": partner, "database_url": database_url, "profile": "production"}
        # Without a retry, an unanswered request is in doubt at once.
        settings = long_timeout_settings({**given, "operations": {"idempotency_window_s": 0}})
        async with (
            serving(create_app(settings)) as url,
            httpx.AsyncClient(base_url=url, timeout=HANG_TIMEOUT_S) as client,
        ):
            customer = sandbox.world.examples.legacy_customer_id
            yield Running(url, sandbox, await find_possible_upgrades(client, customer))


def place(candidate: PossibleUpgrade) -> list[str]:
    return [candidate.customer_id, candidate.subscription_id, candidate.target_offer_id]


async def test_an_upgrade_is_previewed_bought_once_and_recorded(
    running: Running, tmp_path: Path
) -> None:
    candidate = running.candidates[0]
    at = ("--url", running.url)
    preview = await run("preview", *place(candidate), *at)
    bought = await run("upgrade", *place(candidate), "--key", "key-1", *at)
    again = await run("upgrade", *place(candidate), "--key", "key-1", *at)
    late = await run("preview", *place(candidate), *at)
    other = await run(
        "upgrade", *place(candidate), "--key", "key-2", UPGRADE_GATEWAY_URL=running.url
    )
    operation_id = json.loads(bought.stdout)["operation"]["id"]
    watched = await run("watch", operation_id, *at)
    listed = await run("operations", "list", "--state", "DONE", *at)
    filters = ("--kind", "UPGRADE_SUBSCRIPTION", "--customer", candidate.customer_id)
    since, until = ("--created-from", "2020-01-01"), ("--created-before", "2020-01-01")
    filtered = await run("operations", "list", "--state", "DONE", *filters, *since, *at)
    earlier = await run("operations", "list", *until, *at)
    shown = await run("operations", "show", operation_id, *at)
    exported = await run("operations", "export", *at)
    table = await run("operations", "export", "--format", "csv", *at)
    files = [tmp_path / f"{name}.jsonl" for name in ("chained", "later", "filtered")]
    for file, filter_ in zip(files, ((), (), ("--state", "DONE")), strict=True):
        chained = await run("operations", "export", "--format", "chained", *filter_, *at)
        file.write_text(chained.stdout)
    verified = await run("operations", "verify", *map(str, files[:1]))
    later = await run("operations", "verify", str(files[1]), "--earlier", str(files[0]))
    mixed = await run("operations", "verify", str(files[2]), "--earlier", str(files[0]))
    replaced = await run("operations", "verify", str(files[0]), "--hash", "00")
    missing = await run("operations", "verify", str(tmp_path / "missing"))

    assert (verified.exit_code, later.exit_code) == (0, 0)
    assert verified.stdout.startswith("2 operations, unchanged; hash ")
    for refused, said in ((mixed, "other filters"), (replaced, "another"), (missing, "be read")):
        assert refused.exit_code == 1
        assert said in refused.stderr
    assert (preview.exit_code, json.loads(preview.stdout)["isEligible"]) == (0, True)
    assert (bought.exit_code, again.exit_code) == (0, 0)
    assert running.sandbox.world.upgrades_performed[candidate.subscription_id] == 1
    assert (late.exit_code, other.exit_code) == (3, 3)
    assert (watched.exit_code, watched.stdout) == (0, "DONE: 1 of 1 done\n")
    assert listed.stdout.count("\n") == 1
    assert operation_id in listed.stdout
    assert (filtered.stdout, earlier.stdout) == (listed.stdout, "")
    recorded = json.loads(shown.stdout)
    assert recorded["principal"]
    assert recorded["attempts"][0]["correlationId"]
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    assert [line["idempotencyKey"] for line in lines] == ["key-2", "key-1"]
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert [row["state"] for row in rows] == ["REFUSED", "DONE"]
    ordered = (rows[1]["customerId"], rows[1]["subscriptionId"], rows[1]["target"])
    assert ordered == tuple(place(candidate))
    assert rows[1]["targetSubscriptionId"]
    assert rows[1]["correlationIds"] == recorded["attempts"][0]["correlationId"]


async def test_a_table_is_bought_as_one_batch(running: Running, tmp_path: Path) -> None:
    table = tmp_path / "upgrades.csv"
    lines = [",".join((*place(candidate), "UPGRADE_ONLY")) for candidate in running.candidates[:3]]
    head = "customerId,subscriptionId,targetOfferId,upgradeType"
    table.write_text("\n".join((head, *lines)))
    bought = await run("upgrade-all", str(table), "--key", "key-1", "--url", running.url)
    table.write_text("\n".join((head, lines[0])))
    reused = await run("upgrade-all", str(table), "--key", "key-1", "--url", running.url)

    assert (bought.exit_code, bought.stdout.splitlines()[-1]) == (0, "COMPLETED: 3 of 3 done")
    assert sum(running.sandbox.world.upgrades_performed.values()) == 3
    assert (reused.exit_code, "IDEMPOTENCY_KEY_REUSED" in reused.stderr) == (3, True)


async def test_a_table_is_bought_with_its_quantities_in_any_column_spelling(
    running: Running, tmp_path: Path
) -> None:
    table = tmp_path / "upgrades.csv"
    header = "CUSTOMERID,subscriptionId,targetOfferId,upgradeType, Quantity"
    line = ",".join((*place(running.candidates[0]), "UPGRADE_ONLY", " 1 "))
    table.write_text(f"{header}\r\n{line}\r\n,,,,\r\n", "utf-8-sig", newline="")
    bought = await run("upgrade-all", str(table), "--key", "key-1", "--url", running.url)
    exported = await run("operations", "export", "--url", running.url)

    assert (bought.exit_code, bought.stdout.splitlines()[-1]) == (0, "COMPLETED: 1 of 1 done")
    assert json.loads(exported.stdout)["order"]["quantity"] == 1


async def test_failed_batch_lines_are_reported_by_file_line(
    running: Running, tmp_path: Path
) -> None:
    table, report, at = tmp_path / "upgrades.csv", tmp_path / "report.csv", ("--url", running.url)
    good, doubtful, bought = running.candidates[:3]
    await run("upgrade", *place(bought), "--key", "key-1", *at)
    running.sandbox.faults.add(
        Fault(FaultKind.CUT_BEFORE, "perform_upgrade", subscription_id=doubtful.subscription_id)
    )
    head = "customerId,subscriptionId,targetOfferId,upgradeType"
    lines = [
        ",".join((*place(candidate), "UPGRADE_ONLY")) for candidate in (bought, good, doubtful)
    ]
    table.write_text("\n".join(("", head, "", lines[0], ",,,", *lines[1:])))
    ordered = await run("upgrade-all", str(table), "--key", "key-2", "--report", str(report), *at)
    batch_id, *refusals, summary = ordered.stdout.splitlines()
    watched = await run("watch", batch_id, *at)
    shown = await run("operations", "show", batch_id, *at)
    listed = await run("operations", "list", "--batch", batch_id, "--state", "IN_DOUBT", *at)
    all_lines = await run("operations", "list", "--batch", batch_id, *at)
    cancelled = await run("batch", "cancel", batch_id, *at)
    rows = list(csv.DictReader(io.StringIO(report.read_text("utf-8"))))

    assert (ordered.exit_code, summary) == (4, "COMPLETED: 1 of 3 done")
    refused, doubted = refusals
    assert refused.startswith(f"{table}:4: REFUSED {bought.customer_id} {bought.subscription_id} ")
    assert doubted.startswith(f"{table}:7: IN_DOUBT {bought.customer_id} ")
    assert " OUTCOME_UNKNOWN: " in doubted
    assert "operations settle " in doubted
    assert [(row["line"], row["state"]) for row in rows] == [
        ("4", "REFUSED"),
        ("6", "DONE"),
        ("7", "IN_DOUBT"),
    ]
    assert rows[0]["code"] in refused
    assert [line.split(":")[:2] for line in watched.stdout.splitlines()[:2]] == [
        ["line", "1"],
        ["line", "3"],
    ]
    described = json.loads(shown.stdout)
    assert described["counts"]["refused"] == 1
    assert [line["line"] for line in described["notDone"]] == [1, 3]
    assert listed.stdout.count("\n") == 1
    assert doubtful.subscription_id in listed.stdout
    assert "operations settle " in listed.stdout
    assert all_lines.stdout.count("\n") == 3
    assert (cancelled.exit_code, "BATCH_ENDED" in cancelled.stderr) == (3, True)


async def test_a_refused_argument_is_reported_by_file_line(
    running: Running, tmp_path: Path
) -> None:
    table = tmp_path / "upgrades.csv"
    head = "customerId,subscriptionId,targetOfferId,upgradeType"
    table.write_text(
        f"\n{head}\n\nnobody,{','.join(place(running.candidates[0])[1:])},UPGRADE_ONLY"
    )
    refused = await run("upgrade-all", str(table), "--key", "key-1", "--url", running.url)
    assert refused.exit_code == 3
    assert f"INVALID_INPUT: {table}:4: customerId must be a GUID" in refused.stderr


async def test_an_unwritable_report_prevents_the_order(running: Running, tmp_path: Path) -> None:
    table, at = tmp_path / "upgrades.csv", ("--url", running.url)
    head = "customerId,subscriptionId,targetOfferId,upgradeType"
    table.write_text(f"{head}\n{','.join(place(running.candidates[0]))},UPGRADE_ONLY")
    report = str(tmp_path / "no-folder" / "report.csv")
    refused = await run("upgrade-all", str(table), "--key", "key-1", "--report", report, *at)
    exported = await run("operations", "export", *at)
    assert (refused.exit_code, exported.stdout) == (1, "")
    assert report in refused.stderr


async def test_an_operation_in_doubt_is_settled_once(running: Running) -> None:
    running.sandbox.faults.add(Fault(FaultKind.CUT_BEFORE, "perform_upgrade"))
    at, settle = ("--url", running.url), ("--outcome", "not_done", "--note", "it is not there")
    doubted = await run("upgrade", *place(running.candidates[0]), "--key", "key-1", *at)
    operation_id = json.loads(doubted.stdout)["operation"]["id"]
    watched = await run("watch", operation_id, *at)
    settled = await run("operations", "settle", operation_id, *settle, *at)
    again = await run("operations", "settle", operation_id, *settle, *at)

    assert (doubted.exit_code, watched.exit_code) == (4, 4)
    assert f"operations settle {operation_id}" in watched.stdout
    recorded = json.loads(settled.stdout)
    assert (settled.exit_code, recorded["state"]) == (0, "FAILED")
    assert recorded["settlementNote"] == "it is not there"
    assert (again.exit_code, "NOT_IN_DOUBT" in again.stderr) == (3, True)


async def test_a_batch_is_cancelled(running: Running, tmp_path: Path) -> None:
    table, at = tmp_path / "upgrades.csv", ("--url", running.url)
    head = "customerId,subscriptionId,targetOfferId,upgradeType"
    lines = [",".join((*place(candidate), "UPGRADE_ONLY")) for candidate in running.candidates[:3]]
    table.write_text("\n".join((head, *lines)))
    running.sandbox.faults.add(Fault(FaultKind.HOLD, "perform_upgrade"))
    with httpx.Client(base_url=running.url, timeout=HANG_TIMEOUT_S) as http:
        upgrades = list(read_upgrades(table.read_text().splitlines(), "").values())
        payload = await asyncio.to_thread(submit_batch, GatewayClient(http), upgrades, "key-1")
    batch_id = payload["batch"]["id"]
    async with asyncio.timeout(HANG_TIMEOUT_S):
        await running.sandbox.calls.wait_until(lambda calls: bool(calls.running("perform_upgrade")))
    cancelling = await run("batch", "cancel", batch_id, "--wait", "0", *at)
    running.sandbox.faults.release()
    watched = await run("watch", batch_id, *at)
    again = await run("batch", "cancel", batch_id, *at)

    assert (cancelling.exit_code, json.loads(cancelling.stdout)["state"]) == (5, "CANCELLING")
    assert watched.exit_code == 3
    assert watched.stdout.splitlines()[-1] == "CANCELLED: 1 of 3 done"
    assert (again.exit_code, json.loads(again.stdout)["state"]) == (0, "CANCELLED")


@pytest.mark.parametrize(
    ("header", "quantity", "message"),
    [
        ("qty", "5", "line 1, column 5: unknown column 'qty'. Did you mean 'quantity'?"),
        ("quantity,Quantity", "5,6", "line 1, column 6: 'quantity' is named twice"),
        ("quantity", "1,500", "line 3, column 6: surplus field '500'"),
        ("quantity", '"1,500"', "line 3, column 5: 'quantity' is '1,500'"),
    ],
)
async def test_an_ambiguous_table_buys_nothing(
    running: Running, tmp_path: Path, header: str, quantity: str, message: str
) -> None:
    table = tmp_path / "upgrades.csv"
    rows = [
        ("customerId,subscriptionId,targetOfferId,upgradeType", header),
        (*place(running.candidates[0]), "UPGRADE_ONLY", "1"),
        (*place(running.candidates[1]), "UPGRADE_ONLY", quantity),
    ]
    table.write_text("\n".join(",".join(row) for row in rows))
    refused = await run("upgrade-all", str(table), "--key", "key-1", "--url", running.url)
    exported = await run("operations", "export", "--url", running.url)

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"{table}: {message}" in refused.stderr
    assert exported.stdout == ""


async def test_watch_receives_updates_without_polling(running: Running) -> None:
    running.sandbox.faults.add(Fault(FaultKind.HOLD, "perform_upgrade"))
    with httpx.Client(base_url=running.url, timeout=HANG_TIMEOUT_S) as http:
        gateway = GatewayClient(http)
        customer, subscription, offer = place(running.candidates[0])
        members = upgrade_members(customer, subscription, offer, None, with_licenses=False)
        payload = await asyncio.to_thread(
            submit_order, gateway, documents.UPGRADE, members, "key-1", 0
        )
        states = stream_progress(gateway, payload["operation"]["id"])
        first = await asyncio.to_thread(next, states)
        running.sandbox.faults.release()
        rest = await asyncio.to_thread(list, states)

    assert first.state in {"QUEUED", "RUNNING"}
    assert rest[-1].state == "DONE"


async def test_unknown_ids_are_reported(running: Running) -> None:
    unknown = await run("operations", "show", "nothing", "--url", running.url)
    watched = await run("watch", "nothing", "--url", running.url)
    batch = await run("batch", "show", "nothing", "--url", running.url)
    listed = await run("operations", "list", "--batch", "nothing", "--url", running.url)
    ended = (unknown, watched, batch, listed)
    assert [each.exit_code for each in ended] == [1, 1, 1, 1]
    assert "You have no operation 'nothing'" in unknown.stderr
    assert "You have no batch 'nothing'" in listed.stderr


async def test_preview_and_upgrade_exit_alike_for_a_wrong_argument(running: Running) -> None:
    order = ("nobody", *place(running.candidates[0])[1:], "--url", running.url)
    preview = await run("preview", *order)
    upgrade = await run("upgrade", *order, "--key", "key-1")
    assert (preview.exit_code, upgrade.exit_code) == (3, 3)
    assert "customerId must be a GUID" in preview.stderr
    assert "customerId must be a GUID" in upgrade.stdout


async def test_an_unreachable_gateway_is_reported() -> None:
    listed = await run("operations", "list", "--url", "http://127.0.0.1:1")
    assert listed.exit_code == 1
    assert "cannot reach a gateway at http://127.0.0.1:1" in listed.stderr
