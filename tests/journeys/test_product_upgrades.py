"""Product upgrades through the whole gateway: requested once, polled by a fake clock."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from gateway.sandbox.faults import Fault, FaultKind
from tests.support.journey import Journey, journey
from tests.support.sandbox_clock import SandboxClock
from tests.support.upgrades import execute

REQUEST: Final = """
mutation Request($input: RequestProductUpgradeInput!) {
  requestProductUpgrade(input: $input) {
    operation {
      id kind state requestId
      attempts { outcome correlationId upstreamStatus upstreamCode }
      productUpgrade { id status lineItems { status targetProduct { name } } }
      failure { code message }
      customer { id }
      sourceSubscription { id }
    }
    userErrors { code message }
  }
}
"""


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock()


@pytest.fixture
async def gateway(clock: SandboxClock) -> AsyncIterator[Journey]:
    async with journey(clock=clock) as started:
        clock.journey = started
        yield started


async def requested(
    gateway: Journey, customer_id: str, key: str = "key-1", family: str = "azure"
) -> dict[str, Any]:
    upgrade = {"idempotencyKey": key, "customerId": customer_id, "productFamily": family}
    data = await execute(gateway.client, REQUEST, input=upgrade)
    payload: dict[str, Any] = data["requestProductUpgrade"]
    return payload


async def test_a_product_upgrade_is_requested_once_and_polled_until_it_ends(
    gateway: Journey, clock: SandboxClock
) -> None:
    customer_id = gateway.sandbox.world.examples.azure_customer_id

    payload = await requested(gateway, customer_id)

    operation = payload["operation"]
    assert payload["userErrors"] == []
    assert (operation["state"], operation["kind"]) == ("DONE", "REQUEST_PRODUCT_UPGRADE")
    assert operation["productUpgrade"]["status"] == "COMPLETED"
    assert [each["upstreamStatus"] for each in operation["attempts"]] == [202]
    assert operation["sourceSubscription"] is None
    calls = gateway.take_call_counts()
    assert calls["create_product_upgrade"] == 1
    assert calls["get_product_upgrade_status"] == len(clock.slept) + 1
    assert clock.slept[0] == 5


async def test_many_subscribers_cost_one_call_an_interval(
    gateway: Journey, clock: SandboxClock
) -> None:
    customer_id = gateway.sandbox.world.examples.azure_customer_id

    responses = await asyncio.gather(*(requested(gateway, customer_id) for _ in range(200)))

    assert {each["operation"]["state"] for each in responses} == {"DONE"}
    calls = gateway.take_call_counts()
    assert calls["create_product_upgrade"] == 1
    assert calls["get_product_upgrade_status"] == len(clock.slept) + 1


async def test_a_failed_product_upgrade_has_the_vendors_reason(gateway: Journey) -> None:
    payload = await requested(gateway, gateway.sandbox.world.examples.failing_azure_customer_id)

    assert payload["operation"]["state"] == "FAILED"
    assert payload["operation"]["productUpgrade"]["status"] == "FAILED"
    (error,) = payload["userErrors"]
    assert error["code"] == "FAILED_UPSTREAM"
    assert error["message"]


async def test_a_completed_product_upgrade_is_adopted_without_a_request(gateway: Journey) -> None:
    examples = gateway.sandbox.world.examples

    payload = await requested(gateway, examples.completed_product_upgrade_customer_id)

    assert payload["operation"]["state"] == "DONE"
    assert payload["operation"]["productUpgrade"]["id"] == examples.completed_product_upgrade_id
    assert payload["operation"]["attempts"] == []
    assert "create_product_upgrade" not in gateway.take_call_counts()


@pytest.mark.parametrize(
    ("status", "code", "text"),
    [
        (409, 900109, "This upgrade isn't allowed as original upgrade {} is in progress"),
        (400, 900110, "Can't process the upgrade request for completed upgrade {}"),
    ],
)
async def test_a_product_upgrade_named_in_a_refusal_is_adopted(
    gateway: Journey, status: int, code: int, text: str
) -> None:
    examples = gateway.sandbox.world.examples
    gateway.sandbox.faults.add(
        Fault(
            FaultKind.STATUS,
            "create_product_upgrade",
            status=status,
            code=code,
            text=text.format(examples.failed_product_upgrade_id),
        )
    )

    payload = await requested(gateway, examples.failed_product_upgrade_customer_id)

    (attempt,) = payload["operation"]["attempts"]
    assert (attempt["outcome"], attempt["upstreamStatus"]) == ("SUCCEEDED", status)
    assert gateway.sandbox.calls.count("create_product_upgrade") == 1
    followed = gateway.sandbox.calls.for_operation("get_product_upgrade_status")
    assert examples.failed_product_upgrade_id in followed[0].path


async def test_only_the_id_of_the_customers_own_upgrade_is_polled(
    gateway: Journey,
) -> None:
    examples = gateway.sandbox.world.examples
    foreign_id = examples.completed_product_upgrade_id
    text = f"This upgrade isn't allowed as original upgrade {foreign_id} is in progress"
    fault = Fault(FaultKind.STATUS, "create_product_upgrade", status=409, code=900109, text=text)
    gateway.sandbox.faults.add(fault)

    payload = await requested(gateway, examples.failed_product_upgrade_customer_id)

    followed = [
        call.path for call in gateway.sandbox.calls.for_operation("get_product_upgrade_status")
    ]
    assert foreign_id in followed[0]
    assert all(examples.failed_product_upgrade_id in path for path in followed[1:])
    assert payload["operation"]["productUpgrade"]["id"] == examples.failed_product_upgrade_id
    assert payload["operation"]["state"] == "FAILED"


@pytest.mark.parametrize("code", [900109, 900110])
async def test_an_id_in_a_refusal_that_is_not_an_upgrade_id_is_ignored(
    gateway: Journey, code: int
) -> None:
    customer_id = gateway.sandbox.world.examples.azure_customer_id
    text = f"An upgrade of customer {customer_id} exists already."
    fault = Fault(FaultKind.STATUS, "create_product_upgrade", status=409, code=code, text=text)
    gateway.sandbox.faults.add(fault)

    payload = await requested(gateway, customer_id)

    followed = [
        call.path for call in gateway.sandbox.calls.for_operation("get_product_upgrade_status")
    ]
    assert not any(customer_id in path for path in followed)
    assert payload["operation"]["attempts"][0]["outcome"] == "UNANSWERED"
    assert payload["operation"]["state"] == "DONE"


@pytest.mark.parametrize("kind", [FaultKind.CUT_AFTER, FaultKind.CUT_BEFORE])
async def test_a_lost_response_ends_done_after_one_product_upgrade(
    gateway: Journey, kind: FaultKind
) -> None:
    customer_id = gateway.sandbox.world.examples.azure_customer_id
    gateway.sandbox.faults.add(Fault(kind, "create_product_upgrade"))

    payload = await requested(gateway, customer_id)

    assert payload["operation"]["state"] == "DONE"
    assert payload["operation"]["attempts"][0]["outcome"] == "UNANSWERED"
    assert list(gateway.sandbox.world.upgrades_performed.values()) == [1]
    request_ids = {
        c.request_id for c in gateway.sandbox.calls.for_operation("create_product_upgrade")
    }
    assert request_ids == {payload["operation"]["requestId"]}


async def test_failed_polls_do_not_end_the_operation(gateway: Journey) -> None:
    gateway.sandbox.faults.add(
        Fault(FaultKind.STATUS, "get_product_upgrade_status", status=503, times=10)
    )
    payload = await requested(gateway, gateway.sandbox.world.examples.azure_customer_id)
    assert payload["operation"]["state"] == "DONE"


@pytest.mark.parametrize(
    "example",
    [
        "suspended_azure_customer_id",
        "young_azure_customer_id",
        "without_azure_customer_id",
        "failed_product_upgrade_customer_id",
    ],
)
async def test_the_eligibility_check_decides(gateway: Journey, example: str) -> None:
    customer_id = getattr(gateway.sandbox.world.examples, example)
    payload = await requested(gateway, customer_id)
    is_possible = example == "failed_product_upgrade_customer_id"
    assert payload["operation"]["state"] == ("DONE" if is_possible else "REFUSED")
    assert [e["code"] for e in payload["userErrors"]] == ([] if is_possible else ["NOT_ELIGIBLE"])


async def test_an_unknown_product_family_is_refused(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.azure_customer_id
    payload = await requested(gateway, customer_id, family="office")
    assert payload["operation"]["state"] == "REFUSED"
    (error,) = payload["userErrors"]
    assert error["code"] == "REFUSED_BY_VENDOR"
    assert "not a product family" in error["message"]
    assert "create_product_upgrade" not in gateway.take_call_counts()


LINKS: Final = """
fragment Links on ProductUpgradesStatus {
  customer { id companyProfile { companyName } }
  lineItems {
    sourceProduct { id subscription { id commerce } }
    targetProduct { id subscription { id } }
  }
}
"""


async def test_a_status_leads_to_its_customer_and_its_products_to_subscriptions(
    gateway: Journey,
) -> None:
    examples = gateway.sandbox.world.examples
    customer_id = examples.completed_product_upgrade_customer_id
    document = """
query Status($customerId: ID!, $upgradeId: ID!) {
  productUpgradeStatus(upgradeId: $upgradeId, request: {customerId: $customerId}) { ...Links }
}"""

    data = await gateway.data(
        document + LINKS,
        customerId=customer_id,
        upgradeId=examples.completed_product_upgrade_id,
    )

    status = data["productUpgradeStatus"]
    assert status["customer"]["id"] == customer_id
    assert status["lineItems"]
    for line in status["lineItems"]:
        source = line["sourceProduct"]
        assert source["subscription"] == {"id": source["id"], "commerce": "LEGACY_AZURE"}
        assert line["targetProduct"]["subscription"] is None
    assert gateway.take_call_counts() == {
        "get_product_upgrade_status": 1,
        "get_customer": 1,
        "list_subscriptions": 1,
    }


async def test_links_cost_nothing_where_the_customer_was_read_already(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.completed_product_upgrade_customer_id
    document = """
query Known($id: ID!) {
  customer(id: $id) {
    subscriptions { totalCount }
    productUpgradeEligibility { upgrade { ...Links } }
  }
}"""

    data = await gateway.data(document + LINKS, id=customer_id)

    status = data["customer"]["productUpgradeEligibility"]["upgrade"]
    assert status["customer"]["id"] == customer_id
    assert all(line["sourceProduct"]["subscription"] for line in status["lineItems"])
    assert gateway.take_call_counts() == {
        "get_customer": 1,
        "list_subscriptions": 1,
        "get_product_upgrade_eligibility": 1,
        "get_product_upgrade_status": 1,
    }


async def test_a_recorded_product_upgrade_links_to_its_customer(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.azure_customer_id
    await requested(gateway, customer_id)
    document = "query ($key: String!) { operationByKey(idempotencyKey: $key) { productUpgrade {"

    data = await gateway.data(document + " ...Links } } }" + LINKS, key="key-1")

    status = data["operationByKey"]["productUpgrade"]
    assert status["customer"]["id"] == customer_id
    assert all(line["sourceProduct"]["subscription"] for line in status["lineItems"])


async def test_unprintable_attributes_are_refused_before_a_call(gateway: Journey) -> None:
    upgrade = {
        "idempotencyKey": "key-1",
        "customerId": gateway.sandbox.world.examples.azure_customer_id,
        "attributes": {"etag": "a\n"},
    }
    data = await gateway.data(REQUEST, input=upgrade)
    (error,) = data["requestProductUpgrade"]["userErrors"]
    assert error["message"].startswith("attributes.etag must be at most 255 printable characters")
    assert not gateway.take_call_counts()
