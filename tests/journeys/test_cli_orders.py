"""The commands that preview, place, settle and cancel orders of every kind, over real HTTP."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.journey import Journey, served_journey
from tests.support.sandbox_clock import SandboxClock
from tests.support.upgrades import find_possible_upgrades


@dataclass(frozen=True, slots=True)
class Orders:
    """A served gateway, and the arguments of an order of each kind by the name of its command.

    Attributes:
        sends: the vendor's operation that sends each order.
    """

    gateway: Journey
    arguments: dict[str, list[str]]
    sends: dict[str, str]

    async def run(self, *arguments: str) -> Result:
        """Run a command in a thread beside the event loop of the gateway."""
        url = str(self.gateway.client.base_url)
        return await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--url", url])


@pytest.fixture
async def orders() -> AsyncIterator[Orders]:
    clock = SandboxClock()
    # Without a retry, an unanswered request is in doubt at once.
    settings = {"operations": {"idempotency_window_s": 0}}
    async with served_journey(settings=settings, clock=clock) as gateway:
        clock.journey = gateway
        examples = gateway.sandbox.world.examples
        upgrade = (await find_possible_upgrades(gateway.client, examples.legacy_customer_id))[0]
        source = [examples.transition_customer_id, examples.new_commerce_subscription_id]
        read = await gateway.data(
            """
            query Item($customer: ID!, $id: ID!) {
              subscription(customerId: $customer, id: $id) {
                quantity transitionEligibilities { catalogItemId }
              }
            }
            """,
            customer=source[0],
            id=source[1],
        )
        found = read["subscription"]
        item = found["transitionEligibilities"][0]["catalogItemId"]
        arguments = {
            "upgrade": [
                upgrade.customer_id,
                upgrade.subscription_id,
                upgrade.target_offer_id,
            ],
            "transition": [*source, item, "--quantity", str(found["quantity"])],
            "product-upgrade": [examples.azure_customer_id],
        }
        sends = {
            "upgrade": "perform_upgrade",
            "transition": "create_transition",
            "product-upgrade": "create_product_upgrade",
        }
        gateway.take_call_counts()
        yield Orders(gateway, arguments, sends)


KINDS = {
    "upgrade": "UPGRADE_SUBSCRIPTION",
    "transition": "TRANSITION_SUBSCRIPTION",
    "product-upgrade": "REQUEST_PRODUCT_UPGRADE",
}


@pytest.mark.parametrize("verb", KINDS)
async def test_an_order_of_each_kind_is_placed_once_and_watched(orders: Orders, verb: str) -> None:
    command = (verb, *orders.arguments[verb], "--key", "key-1", "--json")
    first = await orders.run(*command)
    again = await orders.run(*command)
    operation = json.loads(first.stdout)["operation"]
    watched = await orders.run("watch", operation["id"])
    listed = await orders.run("operations", "list", "--kind", KINDS[verb])

    assert (first.exit_code, again.exit_code, watched.exit_code) == (0, 0, 0)
    assert (operation["state"], operation["kind"]) == ("DONE", KINDS[verb])
    assert json.loads(again.stdout)["operation"]["id"] == operation["id"]
    assert watched.stdout == "DONE: 1 of 1 done\n"
    assert operation["id"] in listed.stdout
    assert orders.gateway.take_call_counts()[orders.sends[verb]] == 1


@pytest.mark.parametrize("verb", KINDS)
async def test_an_order_of_each_kind_is_bound_to_its_preview(orders: Orders, verb: str) -> None:
    arguments = orders.arguments[verb]
    previewed = await orders.run("preview", *arguments, "--json")
    preview = json.loads(previewed.stdout)
    bound = ("--preview-token", preview["previewToken"])
    done = await orders.run(verb, *arguments, "--key", "key-1", *bound)
    later = await orders.run("preview", *arguments)
    forged = await orders.run(verb, *arguments, "--key", "key-2", "--preview-token", "forged")

    assert (previewed.exit_code, done.exit_code, forged.exit_code) == (0, 0, 3)
    assert (preview["kind"], preview["isEligible"]) == (KINDS[verb], True)
    assert preview["targetName"]
    assert json.loads(later.stdout) != preview
    assert "previewToken" in json.loads(forged.stdout)["userErrors"][0]["message"]


@pytest.mark.parametrize("verb", KINDS)
async def test_an_order_in_doubt_of_each_kind_is_settled(orders: Orders, verb: str) -> None:
    lost = Fault(FaultKind.CUT_BEFORE, orders.sends[verb])
    orders.gateway.sandbox.faults.add(lost)
    doubted = await orders.run(verb, *orders.arguments[verb], "--key", "key-1")
    operation_id = json.loads(doubted.stdout)["operation"]["id"]
    settle = ("settle", operation_id, "--outcome", "NOT_DONE", "--note", "looked", "--json")
    settled = await orders.run(*settle)
    again = await orders.run(*settle)

    assert (doubted.exit_code, settled.exit_code, again.exit_code) == (4, 0, 3)
    assert json.loads(settled.stdout)["state"] == "FAILED"
    assert "NOT_IN_DOUBT" in again.stderr


async def test_a_renewal_is_previewed_scheduled_and_not_removed_without_the_operator(
    orders: Orders,
) -> None:
    examples = orders.gateway.sandbox.world.examples
    source = (examples.renewal_customer_id, examples.renewable_subscription_id)
    previewed = await orders.run("preview", *source, "--quantity", "9", "--at-renewal", "--json")
    preview = json.loads(previewed.stdout)
    bound = ("--quantity", "9", "--preview-token", preview["previewToken"])
    scheduled = await orders.run("schedule", *source, "--key", "key-1", *bound, "--json")
    removed = await orders.run("cancel-schedule", *source, "--key", "key-2", "--json")

    assert (previewed.exit_code, scheduled.exit_code, removed.exit_code) == (0, 0, 3)
    assert preview["kind"] == "SCHEDULE_UPGRADE"
    operation = json.loads(scheduled.stdout)["operation"]
    assert (operation["state"], operation["scheduledChange"]["quantity"]) == ("DONE", 9)
    (error,) = json.loads(removed.stdout)["userErrors"]
    assert "partner.scheduled_change_removal" in error["message"]


@pytest.mark.parametrize("verb", KINDS)
async def test_a_wrong_argument_of_each_kind_is_reported(orders: Orders, verb: str) -> None:
    _, *others = orders.arguments[verb]
    refused = await orders.run(verb, "nobody", *others, "--key", "key-1")
    assert refused.exit_code == 3
    assert json.loads(refused.stdout)["userErrors"][0]["code"] == "INVALID_INPUT"


async def test_a_file_that_mixes_orders_of_every_kind_is_one_batch(
    orders: Orders, tmp_path: Path
) -> None:
    upgrade, transition = orders.arguments["upgrade"], orders.arguments["transition"]
    (azure_customer,) = orders.arguments["product-upgrade"]
    customer, source, item, _, quantity = transition
    table, report = tmp_path / "orders.csv", tmp_path / "report.csv"
    header = (
        "customerId,subscriptionId,targetOfferId,upgradeType,toCatalogItemId,transitionType,"
        "quantity,productFamily"
    )
    lines = [
        ",".join((*upgrade, "UPGRADE_ONLY,,,,")),
        f"{customer},{source},,,{item},TRANSITION_ONLY,{quantity},",
        f"{azure_customer},,,,,,,azure",
        f"{azure_customer},{source},,,{item},TRANSITION_ONLY,{quantity},",
    ]
    table.write_text("\n".join((header, *lines)))
    ordered = await orders.run("upgrade-all", str(table), "--key", "k", "--report", str(report))
    batch_id, refused, summary = ordered.stdout.splitlines()
    described = await orders.run("batch", "show", batch_id)
    cancelled = await orders.run("cancel", batch_id)
    table.write_text("\n".join((header, lines[1].replace(quantity, "", 1), lines[2])))
    rejected = await orders.run("upgrade-all", str(table), "--key", "k-2")
    rows = list(csv.DictReader(io.StringIO(report.read_text("utf-8"))))

    assert (ordered.exit_code, summary) == (3, "COMPLETED: 3 of 4 done")
    assert refused.startswith(f"{table}:5: REFUSED {azure_customer} {source} NOT_FOUND: ")
    assert [(row["line"], row["state"], row["kind"]) for row in rows] == [
        *(("2", "DONE", KINDS["upgrade"]), ("3", "DONE", KINDS["transition"])),
        *(("4", "DONE", KINDS["product-upgrade"]), ("5", "REFUSED", KINDS["transition"])),
    ]
    assert [row["target"] for row in rows] == [upgrade[2], item, "azure", item]
    assert json.loads(described.stdout)["counts"]["done"] == 3
    assert (cancelled.exit_code, "BATCH_ENDED" in cancelled.stderr) == (3, True)
    assert rejected.exit_code == 1
    assert "taken for TRANSITION_SUBSCRIPTION" in rejected.stderr


async def test_a_batch_is_cancelled_by_its_id(orders: Orders) -> None:
    ended = await orders.run("cancel", "nothing", "--json")
    assert (ended.exit_code, ended.stdout) == (3, "")
    assert "NOT_FOUND: You have no batch 'nothing'" in ended.stderr


@pytest.mark.parametrize(
    ("option", "member"),
    [(["--with-licenses"], "transitionType"), (["--to-subscription", "x"], "toSubscriptionId")],
    ids=["licenses", "receiver"],
)
async def test_an_option_that_no_renewal_has_is_refused(
    orders: Orders, option: list[str], member: str
) -> None:
    examples = orders.gateway.sandbox.world.examples
    source = [examples.renewal_customer_id, examples.renewable_subscription_id]
    previewed = await orders.run("preview", *source, "--at-renewal", *option)
    assert previewed.exit_code == 3
    assert f"{member} does not belong to an order of kind SCHEDULE_UPGRADE" in previewed.stderr


async def test_all_that_can_be_scheduled_is_previewed_and_bound(orders: Orders) -> None:
    examples = orders.gateway.sandbox.world.examples
    source = [examples.renewal_customer_id, examples.renewable_subscription_id]
    found = await orders.gateway.data(
        """
        query EndDates($customer: ID!) {
          customer(id: $customer) {
            customTermEndDates(termDuration: "P1Y") { allowedCustomTermEndDate }
          }
        }
        """,
        customer=source[0],
    )
    *_, ends = found["customer"]["customTermEndDates"]
    change = ["--quantity", "3", "--term", "P1Y", "--replace-actions"]
    change += ["--term-end", ends["allowedCustomTermEndDate"]]
    previewed = await orders.run("preview", *source, "--at-renewal", *change)
    token = json.loads(previewed.stdout)["previewToken"]
    done = await orders.run("schedule", *source, *change, "--key", "k", "--preview-token", token)
    assert (previewed.exit_code, done.exit_code) == (0, 0)
