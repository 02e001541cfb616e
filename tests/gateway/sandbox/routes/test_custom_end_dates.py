"""Custom term end dates (CONTRACT 4.20, 10.4). The clock of the sandbox is at 2025-06-15."""

from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.sandbox.examples import Examples
from gateway.sandbox.options import MIN_CUSTOMERS, SandboxOptions
from gateway.sandbox.timestamps import DAY_S
from tests.gateway.sandbox.bodies.test_samples import list_members
from tests.gateway.sandbox.conftest import NOW_S
from tests.gateway.sandbox.routes.test_scheduled_changes import INSTRUCTIONS, read, schedule
from tests.support.samples import samples

Body = dict[str, Any]


@pytest.fixture
def subscriptions(examples: Examples) -> str:
    return f"/v1/customers/{examples.renewal_customer_id}/subscriptions"


@pytest.fixture
def path(subscriptions: str) -> str:
    return f"{subscriptions}/customTermEndDates?term_duration="


async def list_dates(api: httpx.AsyncClient, path: str, kind: str = "") -> list[str]:
    items = (await read(api, path))["items"]
    return [
        each["allowedCustomTermEndDate"]
        for each in items
        if kind in each["allowedCustomTermEndDateType"]
    ]


@pytest.mark.parametrize("term", ["P1M", "p1y", "P3Y"])
async def test_a_response_has_the_members_of_the_sample(
    api: httpx.AsyncClient, path: str, term: str
) -> None:
    body = await read(api, f"{path}{term}")
    expected = samples()["custom-term-end-dates.response"].json
    assert set(list_members(body)) == set(list_members(expected))
    assert body["totalCount"] == len(body["items"])
    assert body["links"]["self"]["uri"].endswith(
        f"/customTermEndDates?term_duration={term.upper()}"
    )


async def test_the_ends_of_the_months_within_the_term_are_allowed(
    api: httpx.AsyncClient, path: str
) -> None:
    assert await list_dates(api, f"{path}P1M", "calendar") == ["2025-06-30T00:00:00"]
    year = await list_dates(api, f"{path}P1Y", "calendar")
    assert (len(year), year[0], year[-1]) == (12, "2025-06-30T00:00:00", "2026-05-31T00:00:00")
    assert "2026-02-28T00:00:00" in year
    assert len(await list_dates(api, f"{path}P3Y", "calendar")) == 36


async def test_the_ends_of_active_subscriptions_are_allowed(
    api: httpx.AsyncClient, subscriptions: str, path: str, examples: Examples
) -> None:
    source = await read(api, f"{subscriptions}/{examples.renewable_subscription_id}")
    items = (await read(api, f"{path}P1Y"))["items"]
    found = {
        subscription_id: each["allowedCustomTermEndDate"]
        for each in items
        for subscription_id in each.get("cotermSubscriptionIds", ())
    }
    assert found[source["id"]] == source["commitmentEndDate"].removesuffix("Z")
    assert examples.trial_subscription_id not in found
    assert examples.upgradable_subscription_id not in found
    target = f"{path}P1Y&target_coterm_subscription_id={source['id'].upper()}"
    assert await list_dates(api, target) == [found[source["id"]]]


async def test_a_year_is_not_aligned_to_a_month_but_a_month_is_to_any(
    api: httpx.AsyncClient, subscriptions: str, path: str
) -> None:
    listed = (await read(api, subscriptions))["items"]
    monthly = {
        each["id"] for each in listed if each.get("termDuration") == "P1M" and not each["isTrial"]
    }
    assert monthly
    for term, expected in (("P1M", True), ("P1Y", False)):
        items = (await read(api, f"{path}{term}"))["items"]
        found = {id_ for each in items for id_ in each.get("cotermSubscriptionIds", ())}
        assert bool(found & monthly) is expected
        assert found - monthly


async def test_the_term_can_start_later(api: httpx.AsyncClient, path: str) -> None:
    later = await list_dates(api, f"{path}P1M&term_start_date=2026-02-10", "calendar")
    assert later == ["2026-02-28T00:00:00"]
    past = await api.get(f"{path}P1M&term_start_date=2025-06-14")
    assert (past.status_code, past.json()["code"]) == (400, 800002)
    assert (await api.get(f"{path}P1M&term_start_date=soon")).status_code == 400


@pytest.mark.parametrize("query", ["", "?term_duration=P2Y", "?TermDuration=P1Y"])
async def test_the_term_is_required_in_snake_case(
    api: httpx.AsyncClient, subscriptions: str, query: str
) -> None:
    response = await api.get(f"{subscriptions}/customTermEndDates{query}")
    assert (response.status_code, response.json()["code"]) == (400, 2000)


async def test_an_unknown_target_is_not_found(
    api: httpx.AsyncClient, path: str, examples: Examples
) -> None:
    target = f"{path}P1Y&target_coterm_subscription_id={examples.customer_id}"
    assert (await api.get(target)).status_code == 404


async def test_more_than_300_dates_are_read_with_the_token_of_a_header() -> None:
    options = SandboxOptions(customers=MIN_CUSTOMERS, subscriptions_per_customer=3_000)
    sandbox = create_sandbox(options, clock=lambda: NOW_S)
    path = f"http://sandbox.test/v1/customers/{sandbox.world.examples.renewal_customer_id}"
    path += "/subscriptions/customTermEndDates?term_duration=P3Y"
    transport = httpx.ASGITransport(sandbox)
    headers = {"Authorization": "Bearer sandbox"}
    pages = []
    async with httpx.AsyncClient(transport=transport, headers=headers) as api:
        while True:
            response = await api.get(path, headers=headers)
            pages.append(response.json()["items"])
            token = response.headers.get("MS-ContinuationToken")
            if token is None:
                break
            headers["MS-ContinuationToken"] = token
    assert len(pages) > 1
    assert {len(page) for page in pages[:-1]} == {300}
    keys = [
        (each["allowedCustomTermEndDate"], each["allowedCustomTermEndDateType"])
        for page in pages
        for each in page
    ]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize(
    ("end", "term", "code"),
    [
        ("2025-12-31T00:00:00", "P1Y", None),
        ("2025-12-31", "P1Y", None),
        ("2025-12-30T00:00:00", "P1Y", 900246),
        ("2026-06-30T00:00:00", "P1Y", 900245),
        ("2025-06-17T00:00:00", "P1Y", 900245),
        ("2025-06-28T00:00:00", "P1M", 900245),
        ("at the end", "P1Y", 800002),
    ],
)
async def test_a_scheduled_end_date_must_be_an_allowed_one(
    api: httpx.AsyncClient,
    subscriptions: str,
    sandbox: Sandbox,
    end: str,
    term: str,
    code: int | None,
) -> None:
    source = f"{subscriptions}/{sandbox.world.examples.scheduled_subscription_id}"
    change = (await read(api, source))[INSTRUCTIONS]
    change["product"]["termDuration"] = term
    change["customTermEndDate"] = end
    response = await schedule(api, source, change)
    if code is None:
        assert response.json()[INSTRUCTIONS] == change
    else:
        assert (response.status_code, response.json()["code"]) == (400, code)


async def test_a_renewal_ends_on_the_scheduled_date(
    api: httpx.AsyncClient, sandbox: Sandbox, subscriptions: str, examples: Examples
) -> None:
    source = f"{subscriptions}/{examples.scheduled_subscription_id}"
    change = (await read(api, source))[INSTRUCTIONS]
    change["customTermEndDate"] = "2025-12-31T00:00:00"
    await schedule(api, source, change)
    sandbox.clock.advance(5 * DAY_S)
    after = await read(api, source)
    assert after["commitmentEndDate"] == "2025-12-31T00:00:00Z"
    assert after["customTermEndDate"] == "2025-12-31T00:00:00"
    sandbox.clock.advance(200 * DAY_S)
    later = await read(api, source)
    assert "customTermEndDate" not in later
    assert later["commitmentEndDate"] == "2026-12-31T00:00:00Z"
