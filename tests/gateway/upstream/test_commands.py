import asyncio
import json
from collections.abc import Awaitable
from typing import Any

import pytest

from gateway.upstream.catalog_cache import CatalogCaches
from gateway.upstream.commands import (
    CommandResult,
    PartnerCommands,
    PreparedCommand,
    TransitionCommand,
    UpgradeCommand,
    find_upgrade_id,
    parse_upgrade_id,
)
from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.errors import UpstreamBadInput, UpstreamNotFound
from gateway.upstream.scheduled_changes import (
    NextTerm,
    NextTermProduct,
    ScheduleCommand,
)
from gateway.upstream.transport.base import UpstreamResponse
from gateway.upstream.write_outcome import NeverSent, Rejected, Unconfirmed
from schema.keys import ProductUpgradeKey, SubscriptionKey
from schema.upgrade import UpgradeResult, UpgradeType
from tests.gateway.upstream.scripted_client import (
    ScriptedTransport,
    build_client,
    build_scope,
    response,
)

ID = "5d3f8a3f-4a0e-4b75-8b6f-7b1b7c3f6a1e"
CUSTOMER = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
OTHER = "7a1f6b52-94a5-4c2c-8a37-1f2a9a0f5b11"
SOURCE = SubscriptionKey("customer-1", "subscription-1")
WISH = UpgradeCommand(SOURCE, "offer-1", UpgradeType.UPGRADE_ONLY, 3)


def build_commands(transport: ScriptedTransport) -> PartnerCommands:
    return PartnerCommands(build_client(transport), build_scope(), "request-1")


async def send_prepared(preparing: Awaitable[PreparedCommand[Any] | NeverSent]) -> Any:
    """Prepare a command and send it at once."""
    prepared = await preparing
    return prepared if isinstance(prepared, NeverSent) else await prepared.send()


async def send_upgrade(reply: UpstreamResponse) -> Any:
    return await send_prepared(build_commands(ScriptedTransport(reply)).prepare_upgrade(WISH))


async def test_an_upgrade_is_sent_to_its_source_with_target_type_and_quantity() -> None:
    transport = ScriptedTransport(response(200, {"sourceSubscriptionId": "a", "upgradeType": 1}))
    outcome = await send_prepared(build_commands(transport).prepare_upgrade(WISH))
    request = transport.requests[0]
    assert request.method == "POST"
    assert request.url.endswith("/v1/customers/customer-1/subscriptions/subscription-1/upgrades")
    assert json.loads(request.body or b"") == {
        "targetOffer": {"id": "offer-1"},
        "upgradeType": 1,
        "quantity": 3,
    }
    assert transport.sent_headers(0)["MS-RequestId"] == "request-1"
    assert isinstance(outcome, CommandResult)
    assert isinstance(outcome.value, UpgradeResult)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"sourceSubscr', b"<html>", b"[]"])
async def test_a_2xx_that_cannot_be_decoded_is_unconfirmed(body: bytes) -> None:
    assert isinstance(await send_upgrade(response(200, body)), Unconfirmed)


async def test_a_rejection_is_returned() -> None:
    assert isinstance(await send_upgrade(response(403, {"code": 13605})), Rejected)


@pytest.mark.parametrize(
    "location",
    [
        f"productUpgrades/{ID}",
        f"/v1/productupgrades/{ID}/status",
        f"https://api.partnercenter.microsoft.com/v1/productUpgrades/{ID}?a=b",
        f"/v1/customers/{CUSTOMER}/productUpgrades/{ID}",
        f"/v1/productUpgrades/{ID}/customers/{CUSTOMER}",
        f"productUpgrades/{ID}#{CUSTOMER}",
        f"/v1/{ID}/status",
        f" {ID.upper()} ",
    ],
)
def test_the_upgrade_id_is_found_in_any_location(location: str) -> None:
    assert (parse_upgrade_id(location) or "").lower() == ID


@pytest.mark.parametrize(
    "location",
    [
        "",
        "productUpgrades",
        f"productUpgrades/x{ID}",
        f"/v1/{CUSTOMER}/{ID}",
        f"/v1/customers/{CUSTOMER}/productUpgrades",
        f"/v1/customers/{CUSTOMER}/productUpgrades/new",
    ],
)
def test_an_ambiguous_location_has_no_id(location: str) -> None:
    assert parse_upgrade_id(location) is None


@pytest.mark.parametrize(
    "text",
    [
        f"This upgrade isn't allowed as original upgrade {ID} is in progress",
        f"Can't process the upgrade request for completed upgrade {ID}",
        f"This purchase isn't allowed as the upgrade request {ID} failed",
        f"The upgrade ID provided doesn't belong to customer {CUSTOMER}."
        f" The customer is mapped to upgrade ID {ID}",
        f"The upgrade Id {OTHER} does not belong to customer {CUSTOMER};"
        f" the customer is mapped to upgrade Id {ID}.",
        f"Customer '{CUSTOMER}' is mapped to upgradeId: '{ID.upper()}'.",
        f"Upgrade ({ID}) of customer {CUSTOMER} is in progress: follow upgrade {ID.upper()}.",
        f'{{"customerId": "{CUSTOMER}", "upgradeId": "{ID}"}}',
    ],
)
def test_the_upgrade_id_is_the_one_that_the_text_names(text: str) -> None:
    assert (find_upgrade_id(text, OTHER.upper(), CUSTOMER.upper()) or "").lower() == ID


@pytest.mark.parametrize(
    "text",
    [
        "An upgrade is in progress.",
        f"{ID} is in progress.",
        f"The upgrade ID provided doesn't belong to customer {ID}.",
        f"The upgrade of customer {ID} is in progress.",
        f"An upgrade for customer {CUSTOMER} exists: {ID}.",
        f"Upgrade {CUSTOMER} is unknown.",
        f"Upgrade {OTHER} does not belong to this customer; {ID} does.",
        f"Upgrade {ID} or upgrade {CUSTOMER[:-1]}f is in progress.",
        f"Upgrade {ID}-1 is in progress.",
        f"Upgrade {ID}0 is in progress.",
        f"Subscription {ID} cannot be upgraded.",
    ],
)
def test_an_id_that_the_text_does_not_name_clearly_is_ignored(text: str) -> None:
    assert find_upgrade_id(text, OTHER, CUSTOMER) is None


@pytest.mark.parametrize(
    "reply",
    [
        response(202, b"", Location=f"productUpgrades/{ID}"),
        response(202, {"id": ID}),
        response(202, b"\xef\xbb\xbf" + json.dumps({"Id": ID}).encode()),
    ],
    ids=["location", "body", "body with a mark"],
)
async def test_a_created_product_upgrade_has_an_id(reply: UpstreamResponse) -> None:
    commands = build_commands(ScriptedTransport(reply))
    outcome = await send_prepared(
        commands.prepare_product_upgrade(ProductUpgradeKey("customer-1", "azure"))
    )
    assert isinstance(outcome, CommandResult)
    assert outcome.value == ID


@pytest.mark.parametrize("body", [b"", b"nothing", b"[]", b'{"id": 7}'])
async def test_a_202_without_an_id_is_unconfirmed(body: bytes) -> None:
    commands = build_commands(ScriptedTransport(response(202, body)))
    outcome = await send_prepared(
        commands.prepare_product_upgrade(ProductUpgradeKey("customer-1", "azure"))
    )
    assert isinstance(outcome, Unconfirmed)


async def test_a_transition_is_sent_with_its_members() -> None:
    transport = ScriptedTransport(response(200, {"toCatalogItemId": "p:s:a", "quantity": 2}))
    command = TransitionCommand(SOURCE, {"toCatalogItemId": "p:s:a", "quantity": 2})
    outcome = await send_prepared(build_commands(transport).prepare_transition(command))
    assert json.loads(transport.requests[0].body or b"") == dict(command.members)
    assert isinstance(outcome, CommandResult)
    assert outcome.value.to_catalog_item_id == "p:s:a"


CHANGE = ScheduleCommand(
    SOURCE,
    NextTerm(
        product=NextTermProduct(
            product_id="P",
            sku_id="0002",
            availability_id="A",
            billing_cycle="annual",
            term_duration="P1Y",
        ),
        quantity=3,
    ),
)
READ = {"id": "subscription-1", "unknown": 1, "attributes": {"etag": "7"}}


async def test_a_change_at_renewal_is_the_fresh_subscription_with_the_change() -> None:
    answered = {"id": "subscription-1", "scheduledNextTermInstructions": {"quantity": 3}}
    transport = ScriptedTransport(response(200, READ), response(200, answered))
    outcome = await send_prepared(build_commands(transport).prepare_schedule(CHANGE))
    read, write = transport.requests
    assert (read.method, write.method) == ("GET", "PATCH")
    assert read.url == write.url
    assert write.url.endswith("/v1/customers/customer-1/subscriptions/subscription-1")
    sent = json.loads(write.body or b"")
    assert sent.keys() == {*READ, "scheduledNextTermInstructions", "autoRenewEnabled"}
    assert (sent["unknown"], sent["autoRenewEnabled"]) == (1, True)
    assert transport.sent_headers(1)["If-Match"] == "7"
    assert transport.sent_headers(1)["MS-RequestId"] == "request-1"
    assert isinstance(outcome, CommandResult)
    assert outcome.value.scheduled_change.quantity == 3


async def test_the_subscription_is_read_anew_although_the_same_read_is_in_flight() -> None:
    transport = ScriptedTransport(*[response(200, READ)] * 3)
    client = build_client(transport)
    directory = PartnerDirectory(client, build_scope(), CatalogCaches(0, 0, 0, lambda: 0.0))
    commands = PartnerCommands(client, build_scope(), "request-1")
    _, _, prepared = await asyncio.gather(
        directory.subscription(SOURCE),
        directory.subscription(SOURCE),
        commands.prepare_schedule(CHANGE),
    )
    assert isinstance(prepared, PreparedCommand)
    prepared.release()
    assert [request.method for request in transport.requests] == ["GET", "GET"]


async def test_a_subscription_that_cannot_be_read_is_not_changed() -> None:
    transport = ScriptedTransport(response(404, {"code": 20003}))
    outcome = await send_prepared(build_commands(transport).prepare_schedule(CHANGE))
    assert isinstance(outcome, NeverSent)
    assert isinstance(outcome.error, UpstreamNotFound)


async def test_nothing_is_sent_over_scheduled_actions() -> None:
    read = {"id": "subscription-1", "scheduledActions": [{"actionType": "Cancel"}]}
    transport = ScriptedTransport(response(200, read))
    outcome = await send_prepared(build_commands(transport).prepare_schedule(CHANGE))
    assert isinstance(outcome, NeverSent)
    assert isinstance(outcome.error, UpstreamBadInput)
    assert len(transport.requests) == 1


async def test_a_change_without_a_readable_response_is_unconfirmed() -> None:
    transport = ScriptedTransport(response(200, READ), response(200, b""))
    outcome = await send_prepared(build_commands(transport).prepare_schedule(CHANGE))
    assert isinstance(outcome, Unconfirmed)
