"""The audit feed (CONTRACT 4.22, 4.23, G25)."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.audit_log import MAX_ENTRIES, AuditedWrite, AuditLog
from gateway.sandbox.examples import Examples
from gateway.sandbox.options import AuditOptions
from gateway.sandbox.timestamps import DAY_S
from tests.gateway.sandbox.bodies.test_samples import list_members
from tests.gateway.sandbox.conftest import NOW_S
from tests.support.samples import samples

Body = dict[str, Any]
CORRELATION_ID = "de9c2ccc-40dd-4186-9660-65b9b64c3d14"
HEADERS = {"MS-CorrelationId": CORRELATION_ID}
FEED = "/v1/auditrecords"


def filter_by(field: str, value: str, operator: str = "equals") -> str:
    text = json.dumps({"Field": field, "Value": value, "Operator": operator})
    return f"{FEED}?filter={quote(text)}"


async def list_records(api: httpx.AsyncClient, path: str) -> list[Body]:
    response = await api.get(path)
    assert response.status_code == 200
    items: list[Body] = response.json()["items"]
    return items


async def upgrade(api: httpx.AsyncClient, examples: Examples, **members: object) -> httpx.Response:
    path = f"/v1/customers/{examples.customer_id}/subscriptions"
    path += f"/{examples.upgradable_subscription_id}/upgrades"
    order = {"targetOffer": {"id": examples.upgrade_target_offer_id}, "upgradeType": "upgrade_only"}
    return await api.post(path, json={**order, **members}, headers=HEADERS)


async def rename(api: httpx.AsyncClient, examples: Examples, name: str) -> None:
    path = f"/v1/customers/{examples.renewal_customer_id}/subscriptions"
    path += f"/{examples.renewable_subscription_id}"
    body = {**(await api.get(path)).json(), "friendlyName": name}
    assert (await api.patch(path, json=body, headers=HEADERS)).status_code == 200


@pytest.fixture
async def without_delay(api: httpx.AsyncClient) -> None:
    await api.put("/_sandbox/audit", json={"delay_s": 0})


async def test_an_upgrade_is_recorded_with_its_order_after_fifteen_minutes(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    result = (await upgrade(api, examples)).json()
    path = filter_by("CustomerId", examples.customer_id)
    sandbox.clock.advance(15 * 60 - 1)
    assert await list_records(api, path) == []
    sandbox.clock.advance(1)
    order, record = await list_records(api, path)
    assert (record["operationType"], order["operationType"]) == (
        "upgrade_subscription",
        "create_order",
    )
    for each in (order, record):
        assert each["originalCorrelationId"] == CORRELATION_ID
        assert each["operationStatus"] == "succeeded"
        assert each["applicationId"] == sandbox.options.credentials.client_id
        assert each["customerName"] == "Contoso Ltd."
    assert record["resourceType"] == "subscription"
    assert json.loads(record["resourceNewValue"])["Id"] == result["targetSubscriptionId"]
    assert order["resourceType"] == "order"
    values = {pair["key"]: pair["value"] for pair in order["customizedData"]}
    assert values["SubscriptionId-0"] == result["targetSubscriptionId"]
    assert values["PartnerOnRecord-0"] is None


@pytest.mark.usefixtures("without_delay")
async def test_a_refused_upgrade_is_recorded_as_failed(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    result = await upgrade(api, examples, targetOffer={"id": examples.offer_id})
    assert result.json()["upgradeErrors"]
    records = await list_records(api, filter_by("CustomerId", examples.customer_id))
    assert [(each["operationType"], each["operationStatus"]) for each in records] == [
        ("upgrade_subscription", "failed")
    ]


@pytest.mark.usefixtures("without_delay")
@pytest.mark.parametrize(
    ("example", "to_item", "status"),
    [
        ("new_commerce_subscription_id", "o365-e5", "succeeded"),
        ("failed_transition_subscription_id", "ems-e5", "failed"),
    ],
)
async def test_a_transition_is_recorded_as_an_update_in_progress(
    api: httpx.AsyncClient,
    sandbox: Sandbox,
    example: str,
    to_item: str,
    status: str,
) -> None:
    examples = sandbox.world.examples
    subscription_id = getattr(examples, example)
    path = f"/v1/customers/{examples.transition_customer_id}/subscriptions/{subscription_id}"
    target = sandbox.world.catalog.products[to_item]
    order = {"toCatalogItemId": target.id, "quantity": 1, "transitionType": "transition_only"}
    response = await api.post(f"{path}/transitions", json=order, headers=HEADERS)
    assert response.status_code == 200
    listing = filter_by("CustomerId", examples.transition_customer_id)
    (record,) = await list_records(api, listing)
    assert (record["operationType"], record["operationStatus"]) == (
        "update_subscription",
        "progress",
    )
    new = json.loads(record["resourceNewValue"])
    assert (new["OfferId"], new["Quantity"]) == (target.id, 1)
    assert json.loads(record["resourceOldValue"])["Id"] == subscription_id
    assert f"_{subscription_id}_updatesubscription_" in record["id"]
    sandbox.clock.advance(20)
    (record,) = await list_records(api, listing)
    assert record["operationStatus"] == status


@pytest.mark.usefixtures("without_delay")
async def test_a_scheduled_change_is_recorded_with_the_values_before_and_after(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    path = f"/v1/customers/{examples.renewal_customer_id}/subscriptions"
    path += f"/{examples.scheduled_subscription_id}"
    body = (await api.get(path)).json()
    change = body["scheduledNextTermInstructions"]
    body["scheduledNextTermInstructions"] = {**change, "quantity": 3}
    assert (await api.patch(path, json=body, headers=HEADERS)).status_code == 200
    (record,) = await list_records(api, filter_by("CustomerId", examples.renewal_customer_id))
    assert record["operationType"] == "update_subscription"
    old, new = (json.loads(record[f"resource{each}Value"]) for each in ("Old", "New"))
    assert old["ScheduledNextTermInstructions"]["Quantity"] == change["quantity"]
    assert new["ScheduledNextTermInstructions"]["Quantity"] == 3
    assert new["ScheduledNextTermInstructions"]["Product"]["ProductId"]


@pytest.mark.usefixtures("without_delay")
async def test_a_record_has_the_members_of_the_samples(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    await upgrade(api, examples)
    ours = set(list_members((await api.get(FEED)).json()))
    for sample in ("audit-records.response", "audit-records-day.response"):
        assert set(list_members(samples()[sample].json)) - ours == set()


@pytest.mark.usefixtures("without_delay")
async def test_the_ticks_of_an_id_are_those_of_the_operation_date(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    await rename(api, examples, "a")
    await rename(api, examples, "b")
    records = await list_records(api, filter_by("CustomerId", examples.renewal_customer_id))
    assert len({each["id"] for each in records}) == 2
    sample = samples()["audit-records-day.response"].json["items"][0]
    for each in (*records, sample):
        date, _, fraction = each["operationDate"].removesuffix("Z").partition(".")
        whole_s = (int(each["id"].rpartition("_")[2]) - 621_355_968_000_000_000) // 10_000_000
        assert each["id"].endswith(fraction)
        assert f"{date}+00:00" == datetime.fromtimestamp(whole_s, UTC).isoformat()


async def test_every_world_has_records_that_lack_members(
    api: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    newest, older = await list_records(api, FEED)
    assert newest["applicationId"] == "FulfillmentService"
    assert older["applicationId"] == "Partner Center Native App"
    assert "id" in newest
    assert "id" not in older
    assert not {"originalCorrelationId", "resourceNewValue"} & (newest.keys() | older.keys())
    day = "2025-05-06"
    (customer,) = await list_records(api, f"{FEED}?startDate={day}&endDate={day}")
    assert json.loads(customer["resourceNewValue"])["UserCredentials"]["password"] == ""


@pytest.mark.usefixtures("without_delay")
async def test_an_app_only_caller_is_recorded_without_a_user(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    api.headers["Authorization"] = "Bearer sandbox-app-only"
    await rename(api, examples, "a")
    (record,) = await list_records(api, filter_by("CustomerId", examples.renewal_customer_id))
    assert "userPrincipalName" not in record


@pytest.mark.usefixtures("without_delay")
@pytest.mark.parametrize("kind", ["same", "other", "absent"])
async def test_the_correlation_id_can_be_another_one_or_absent(
    api: httpx.AsyncClient, examples: Examples, kind: str
) -> None:
    await api.put("/_sandbox/audit", json={"correlation_id": kind})
    await rename(api, examples, "a")
    (record,) = await list_records(api, filter_by("CustomerId", examples.renewal_customer_id))
    assert ("originalCorrelationId" in record) is (kind != "absent")
    assert (record.get("originalCorrelationId") == CORRELATION_ID) is (kind == "same")


async def test_writes_need_not_be_recorded(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    await api.put("/_sandbox/audit", json={"is_recording": False})
    await rename(api, examples, "a")
    await api.put("/_sandbox/audit", json={"is_recording": True})
    sandbox.clock.advance(DAY_S)
    assert await list_records(api, filter_by("CustomerId", examples.renewal_customer_id)) == []


@pytest.mark.usefixtures("without_delay")
async def test_a_replayed_write_is_recorded_once(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    api.headers["MS-RequestId"] = "8d0c9a53-9c2d-4d0e-8f4e-0b6a8a1f5a11"
    for _ in range(2):
        await upgrade(api, examples)
    assert len(await list_records(api, filter_by("CustomerId", examples.customer_id))) == 2


@pytest.mark.usefixtures("without_delay")
async def test_pages_are_followed_with_the_token_and_new_records_do_not_move_them(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    for name in "abcde":
        await rename(api, examples, name)
    path = filter_by("CustomerId", examples.renewal_customer_id) + "&size=2"
    names = []
    response = await api.get(path)
    while True:
        page = response.json()
        names += [json.loads(each["resourceNewValue"])["FriendlyName"] for each in page["items"]]
        link = page["links"].get("next")
        assert (link is None) is ("continuationToken" not in page)
        if link is None:
            break
        await rename(api, examples, "new")
        headers = {pair["key"]: pair["value"] for pair in link["headers"]}
        assert headers == {"MS-ContinuationToken": page["continuationToken"]}
        response = await api.get(f"/v1{link['uri']}", headers=headers)
    assert names == ["e", "d", "c", "b", "a"]


async def test_the_default_size_is_500(api: httpx.AsyncClient) -> None:
    for path in (FEED, f"{FEED}?size=9000"):
        assert "&size=500" in (await api.get(path)).json()["links"]["self"]["uri"]


async def test_an_altered_token_is_rejected(api: httpx.AsyncClient) -> None:
    response = await api.get(FEED, headers={"MS-ContinuationToken": "x"})
    assert (response.status_code, response.json()["code"]) == (400, 2000)


@pytest.mark.parametrize(
    ("field", "value", "operator", "count"),
    [
        ("CompanyName", "ski", "substring", 2),
        ("companyname", "SKI", "SUBSTRING", 2),
        ("CompanyName", "nobody", "substring", 0),
        ("ResourceType", "License", "equals", 2),
        ("ResourceType", "Subscription", "equals", 0),
    ],
)
async def test_records_are_filtered_by_one_member(
    api: httpx.AsyncClient, field: str, value: str, operator: str, count: int
) -> None:
    assert len(await list_records(api, filter_by(field, value, operator))) == count


@pytest.mark.parametrize(
    ("field", "operator", "message"),
    [
        ("OriginalCorrelationId", "equals", "CompanyName, CustomerId or ResourceType"),
        ("OperationType", "equals", "CompanyName, CustomerId or ResourceType"),
        ("CompanyName", "equals", "filter.Operator must be substring"),
        ("CustomerId", "substring", "filter.Operator must be equals"),
    ],
)
async def test_other_filters_are_rejected(
    api: httpx.AsyncClient, field: str, operator: str, message: str
) -> None:
    response = await api.get(filter_by(field, "x", operator))
    assert response.status_code == 400
    assert message in response.json()["description"]


@pytest.mark.parametrize("text", ["[]", "x", "1"])
async def test_a_filter_that_is_no_object_is_rejected(api: httpx.AsyncClient, text: str) -> None:
    assert (await api.get(f"{FEED}?filter={text}")).status_code == 400


# The clock of the sandbox is at 2025-06-15.
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("startDate=2025-06-13", 1),
        ("startDate=2025-06-12&endDate=2025-06-12", 1),
        ("startDate=6/12/2025 12:00:00 AM", 2),
        ("startDate=06/13/2025 00:00:00", 1),
        ("startDate=2025-06-13T00:00:00Z", 1),
        ("STARTDATE=2025-06-13", 1),
        ("endDate=2025-06-12", 1),
        ("startDate=2025-05-16&endDate=2025-06-15", 2),
        ("startDate=2025-03-17&endDate=2025-04-16", 0),
    ],
)
async def test_dates_are_read_in_three_forms(
    api: httpx.AsyncClient, query: str, count: int
) -> None:
    assert len(await list_records(api, f"{FEED}?{query}")) == count


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("startDate=2025-03-16&endDate=2025-04-10", "more than 90 days ago"),
        ("startDate=2025-05-15&endDate=2025-06-15", "more than 30 days apart"),
        ("startDate=2025-05-15", "more than 30 days apart"),
        ("startDate=2025-06-02&endDate=2025-06-01", "startDate is after endDate"),
        ("startDate=today", "startDate must be a date like 2026-01-31"),
        ("endDate=31.01.2025", "endDate must be a date like 2026-01-31"),
    ],
)
async def test_dates_outside_the_limits_are_rejected(
    api: httpx.AsyncClient, query: str, message: str
) -> None:
    response = await api.get(f"{FEED}?{query}")
    assert (response.status_code, response.json()["code"]) == (400, 2000)
    assert message in response.json()["description"]


@pytest.mark.parametrize("base", ["/v1", "/auditactivity/v1"])
async def test_records_are_listed_and_read_by_id_under_both_paths(
    api: httpx.AsyncClient, base: str
) -> None:
    record = (await list_records(api, f"{base}/auditrecords"))[0]
    response = await api.get(f"{base}/auditrecords/{record['id']}")
    assert response.json() == record


async def test_a_missing_record_is_null_or_not_found(api: httpx.AsyncClient) -> None:
    response = await api.get(f"{FEED}/x")
    assert (response.status_code, response.content) == (200, b"null")
    await api.put("/_sandbox/audit", json={"missing_record": "404"})
    assert (await api.get(f"{FEED}/x")).status_code == 404


async def test_a_record_cannot_be_read_before_it_appears(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    await rename(api, examples, "a")
    entry = next(sandbox.world.audit.iter_visible(NOW_S + DAY_S))
    path = f"/auditactivity/v1/auditrecords/{entry.id.upper()}"
    assert (await api.get(path)).json() is None
    sandbox.clock.advance(15 * 60)
    assert (await api.get(path)).json()["id"] == entry.id


async def test_the_call_log_names_both_operations(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    await api.get("/auditactivity/v1/auditrecords")
    await api.get("/v1/auditrecords/x")
    assert [call.operation for call in sandbox.calls] == ["list_audit_records", "get_audit_record"]


def test_the_log_keeps_the_latest_records(sandbox: Sandbox) -> None:
    log = AuditLog(AuditOptions(delay_s=0), max_entries=2)
    for number in range(3):
        profile = sandbox.world.get_profile(0)
        log.add(AuditedWrite(profile, f"w{number}", "x", "y", "app"), "partner", NOW_S)
    assert [each.write.operation_type for each in log.iter_visible(NOW_S)] == ["w2", "w1"]
    assert MAX_ENTRIES == 10_000
