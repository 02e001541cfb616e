"""The guides to product upgrades, transitions and accounts, executed."""

import itertools
import re
import shlex
from functools import partial
from typing import Any

import httpx

from gateway.doctor.remedies import REMEDIES
from gateway.sandbox.options import Credentials
from tests.architecture.test_guides import GUIDES, blocks
from tests.support.journey import journey, served_journey
from tests.support.sandbox_clock import SandboxClock
from tests.support.streaming_clients import event_payloads
from tests.support.waiting import eventually

ORDERS = "product-upgrades-and-transitions.md"
ACCOUNT = "partner-center-account.md"


def test_every_mutation_of_an_order_is_in_the_guide() -> None:
    documents = "".join(blocks(ORDERS, "graphql"))
    assert "requestProductUpgrade(" in documents
    assert "transitionSubscription(" in documents


async def test_a_product_upgrade_is_requested_and_followed_as_the_guide_shows() -> None:
    eligibility, request, progress, *_ = blocks(ORDERS, "graphql")
    clock = SandboxClock()
    async with served_journey(clock=clock) as gateway:
        clock.journey = gateway
        customer = gateway.sandbox.world.examples.azure_customer_id
        found = await gateway.data(eligibility, customer=customer)
        assert found["customer"]["productUpgradeEligibility"]["isEligible"]
        ordered = (await gateway.data(request, customer=customer))["requestProductUpgrade"]
        assert ordered["userErrors"] == []
        found = await eventually(
            partial(gateway.data, eligibility, customer=customer),
            lambda data: bool(data["customer"]["productUpgradeEligibility"]["upgrade"]),
        )
        upgrade = found["customer"]["productUpgradeEligibility"]["upgrade"]["id"]
        payloads = await event_payloads(
            gateway.client, progress, customer=customer, upgrade=upgrade
        )
    assert payloads[-1]["data"]["productUpgradeStatus"]["status"] == "COMPLETED"


async def test_a_transition_is_ordered_as_the_guide_shows() -> None:
    *_, targets, transition = blocks(ORDERS, "graphql")
    clock = SandboxClock()
    async with journey(clock=clock) as gateway:
        clock.journey = gateway
        examples = gateway.sandbox.world.examples
        ids = {
            "customer": examples.transition_customer_id,
            "subscription": examples.new_commerce_subscription_id,
        }
        source = (await gateway.data(targets, **ids))["subscription"]
        target = next(
            each["catalogItemId"]
            for each in source["transitionEligibilities"]
            if each["eligibilities"][0]["isEligible"]
        )
        document = transition.replace("waitSeconds: 0", "waitSeconds: 60")
        ordered = await gateway.data(document, **ids, target=target, quantity=source["quantity"])
    operation = ordered["transitionSubscription"]["operation"]
    assert operation["state"] == "DONE"
    events = {each["name"] for each in operation["transition"]["events"]}
    assert events == {"CONVERSION", "LICENSE_REASSIGNMENT"}


async def test_the_command_for_the_refresh_token_fits_the_token_endpoint() -> None:
    (command,) = [block for block in blocks(ACCOUNT, "sh") if "curl" in block]
    credentials = Credentials()
    variables = {
        "$TENANT_ID": credentials.tenant_id,
        "$CLIENT_ID": credentials.client_id,
        "$CLIENT_SECRET": credentials.client_secret,
        "$CODE": credentials.authorization_code,
    }
    for name, value in variables.items():
        command = command.replace(name, value)
    words = shlex.split(command.partition("|")[0])
    form: dict[str, Any] = dict(
        word.split("=", 1) for option, word in itertools.pairwise(words) if "--data" in option
    )
    (url,) = [word for word in words if word.startswith("https://")]
    path = url.removeprefix("https://login.microsoftonline.com")
    async with journey() as gateway, httpx.AsyncClient() as client:
        response = await client.post(f"{gateway.sandbox_url}{path}", data=form)
    assert response.status_code == 200
    assert response.json()["refresh_token"]


def test_every_error_of_an_account_has_a_remedy_in_doctor() -> None:
    text = (GUIDES / ACCOUNT).read_text("utf-8")
    codes = set(re.findall(r"\b900\d{3}\b", text))
    assert codes
    assert codes <= set(REMEDIES)
