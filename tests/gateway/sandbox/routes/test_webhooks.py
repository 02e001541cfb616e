"""The registration for webhook events (CONTRACT 4.24 to 4.27)."""

from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.timestamps import DAY_S
from tests.gateway.sandbox.bodies.test_samples import list_members
from tests.support.samples import samples

REGISTRATION = "/webhooks/v1/registration"
TEST_EVENTS = f"{REGISTRATION}/validationEvents"
CORRELATION_ID = "04af2aea-d413-42db-824e-f328001484d1"
BODY: dict[str, Any] = {
    "WebhookUrl": "https://partner.example/callback",
    "WebhookEvents": ["subscription-updated", "test-created"],
}


@pytest.fixture
async def registered(api: httpx.AsyncClient) -> None:
    assert (await api.post(REGISTRATION, json=BODY)).status_code == 200


async def test_the_events_are_a_bare_array_with_those_of_the_sample(
    api: httpx.AsyncClient,
) -> None:
    events = (await api.get(f"{REGISTRATION}/events")).json()
    assert events[:3] == samples()["webhook-events-list.response"].json
    assert len(set(events)) == len(events) == 18
    assert not {each for each in events if "upgrade" in each or "transition" in each}


async def test_a_registration_is_echoed_in_pascal_case(api: httpx.AsyncClient) -> None:
    assert (await api.get(REGISTRATION)).status_code == 404
    response = await api.post(REGISTRATION, json=BODY)
    assert set(list_members(response.json())) == set(
        list_members(samples()["webhook-register.response"].json)
    )
    assert response.json().items() >= BODY.items()
    assert (await api.get(REGISTRATION)).json() == response.json()


@pytest.mark.usefixtures("registered")
async def test_a_second_registration_conflicts_and_is_replaced_by_put(
    api: httpx.AsyncClient,
) -> None:
    assert (await api.post(REGISTRATION, json=BODY)).status_code == 409
    body = {
        "webhookUrl": "https://other.example/",
        "webhookEvents": ["USAGERECORDS-thresholdexceeded"],
    }
    replaced = (await api.put(REGISTRATION, json=body)).json()
    assert replaced["WebhookUrl"] == "https://other.example/"
    assert replaced["WebhookEvents"] == ["usagerecords-thresholdExceeded"]
    assert (await api.delete(REGISTRATION)).status_code == 405


@pytest.mark.usefixtures("registered")
async def test_an_empty_list_of_events_switches_the_registration_off(
    api: httpx.AsyncClient,
) -> None:
    body = {**BODY, "WebhookEvents": [], "SignatureTokenToMsSignatureHeader": True}
    replaced = (await api.put(REGISTRATION, json=body)).json()
    assert (replaced["WebhookEvents"], replaced["SignatureTokenToMsSignatureHeader"]) == ([], True)
    response = await api.post(TEST_EVENTS)
    assert (response.status_code, response.json()["code"]) == (400, 800002)


@pytest.mark.parametrize(
    "change",
    [
        {"WebhookUrl": None},
        {"WebhookUrl": "ftp://x"},
        {"WebhookEvents": None},
        {"WebhookEvents": ["x"]},
    ],
)
async def test_invalid_registrations_are_rejected(
    api: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    assert (await api.post(REGISTRATION, json={**BODY, **change})).status_code == 400


async def test_a_test_event_needs_a_registration(api: httpx.AsyncClient) -> None:
    assert (await api.post(TEST_EVENTS)).status_code == 404


@pytest.mark.usefixtures("registered")
async def test_two_test_events_a_minute_are_sent(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    responses = [await api.post(TEST_EVENTS) for _ in range(3)]
    assert [each.status_code for each in responses] == [200, 200, 429]
    assert responses[2].headers["Retry-After"] == "60"
    sandbox.clock.advance(60)
    assert (await api.post(TEST_EVENTS)).status_code == 200


@pytest.mark.usefixtures("registered")
async def test_the_state_of_a_test_event_is_kept_for_seven_days(
    api: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sent = await api.post(TEST_EVENTS, headers={"MS-CorrelationId": CORRELATION_ID})
    assert sent.json() == samples()["webhook-validation-event.response"].json
    sandbox.clock.advance(7 * DAY_S - 1)
    state = (await api.get(f"{TEST_EVENTS}/{CORRELATION_ID}")).json()
    expected = samples()["webhook-validation-status.response"].json
    assert set(list_members(state)) == set(list_members(expected))
    assert (state["status"], state["callbackUrl"]) == ("completed", BODY["WebhookUrl"])
    assert not state["results"][0]["dateTimeUtc"].endswith("Z")
    sandbox.clock.advance(1)
    assert (await api.get(f"{TEST_EVENTS}/{CORRELATION_ID}")).status_code == 404
