"""The calls of each read of the Directory, and its errors."""

import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.errors import Throttled
from resolvers.ports.directory import CustomersKey, Directory, OffersKey
from schema.keys import (
    AuditDayKey,
    AvailabilitiesKey,
    AvailabilityKey,
    CustomTermEndDatesKey,
    Market,
    OfferKey,
    ProductUpgradeKey,
    ProductUpgradeStatusKey,
    SkuKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
)
from schema.throttle import ThrottleBucket
from tests.support.upstream import CORRELATION_ID, ScriptedResponse, graph_over

CUSTOMER = "eebd1b55-5360-4438-a11d-5c06918c3014"
SUBSCRIPTION = "a356ac8c-e310-44f4-bf85-c7f29044af99"
KEY = SubscriptionKey(CUSTOMER, SUBSCRIPTION)
PATH = f"/v1/customers/{CUSTOMER}/subscriptions/{SUBSCRIPTION}"
AZURE = ProductUpgradeKey(CUSTOMER, "azure")
MARKET = Market("DE", "de-DE")
SKU = SkuKey("P", "0001", MARKET)
Read = Callable[[Directory], Awaitable[Any]]

# Endpoint, read, path, query.
QUESTIONS: list[tuple[str, Read, str, dict[str, str]]] = [
    ("list_customers", lambda d: d.customers(CustomersKey(5)), "/v1/customers", {"size": "5"}),
    ("get_customer", lambda d: d.customer(CUSTOMER), f"/v1/customers/{CUSTOMER}", {}),
    (
        "list_subscriptions",
        lambda d: d.subscriptions(CUSTOMER),
        f"/v1/customers/{CUSTOMER}/subscriptions",
        {},
    ),
    ("get_subscription", lambda d: d.subscription(KEY), PATH, {}),
    (
        "get_provisioning_status",
        lambda d: d.provisioning_status(KEY),
        f"{PATH}/provisioningstatus",
        {},
    ),
    ("list_upgrades", lambda d: d.upgrades(KEY), f"{PATH}/upgrades", {}),
    (
        "list_transition_eligibilities",
        lambda d: d.transition_eligibilities(TransitionEligibilitiesKey(KEY, scheduled=False)),
        f"{PATH}/transitionEligibilities",
        {},
    ),
    (
        "list_transition_eligibilities",
        lambda d: d.transition_eligibilities(TransitionEligibilitiesKey(KEY, scheduled=True)),
        f"{PATH}/transitionEligibilities",
        {"eligibilityType": "scheduled"},
    ),
    ("list_transitions", lambda d: d.transitions(KEY), f"{PATH}/transitions", {}),
    (
        "list_audit_records",
        lambda d: d.audit_records(AuditDayKey(CUSTOMER, date(2026, 1, 31))),
        "/v1/auditrecords",
        {
            "startDate": "2026-01-31",
            "endDate": "2026-01-31",
            "size": "500",
            "filter": f'{{"Field":"CustomerId","Value":"{CUSTOMER}","Operator":"equals"}}',
        },
    ),
    (
        "list_custom_term_end_dates",
        lambda d: d.custom_term_end_dates(
            CustomTermEndDatesKey(CUSTOMER, "P1Y", date(2026, 1, 31), SUBSCRIPTION)
        ),
        f"/v1/customers/{CUSTOMER}/subscriptions/customTermEndDates",
        {
            "term_duration": "P1Y",
            "term_start_date": "2026-01-31",
            "target_coterm_subscription_id": SUBSCRIPTION,
        },
    ),
    (
        "get_webhook_registration",
        lambda d: d.webhook_registration(),
        "/webhooks/v1/registration",
        {},
    ),
    (
        "get_webhook_validation",
        lambda d: d.webhook_validation_event("e"),
        "/webhooks/v1/registration/validationEvents/e",
        {},
    ),
    ("get_product", lambda d: d.product(SKU.product), "/v1/products/P", {"country": "DE"}),
    ("get_sku", lambda d: d.sku(SKU), "/v1/products/P/skus/0001", {"country": "DE"}),
    (
        "list_availabilities",
        lambda d: d.availabilities(AvailabilitiesKey(SKU, "education")),
        "/v1/products/P/skus/0001/availabilities",
        {"country": "DE", "targetSegment": "education"},
    ),
    (
        "get_availability",
        lambda d: d.availability(AvailabilityKey(SKU, "A")),
        "/v1/products/P/skus/0001/availabilities/A",
        {"country": "DE"},
    ),
    (
        "product_upgrade_eligibility",
        lambda d: d.product_upgrade_eligibility(AZURE),
        "/v1/productUpgrades/eligibility",
        {},
    ),
    (
        "product_upgrade_status",
        lambda d: d.product_upgrade_status(ProductUpgradeStatusKey("u", AZURE)),
        "/v1/productUpgrades/u/status",
        {},
    ),
    (
        "list_offers",
        lambda d: d.offers_page(OffersKey(MARKET, "Key", 20, 10)),
        "/v1/offers",
        {"country": "DE", "offset": "20", "size": "10", "offer_category_id": "Key"},
    ),
    ("get_offer", lambda d: d.offers(MARKET, ["o"]), "/v1/offers/o", {"country": "DE"}),
    (
        "list_offer_add_ons",
        lambda d: d.offer_add_ons(OfferKey("o", MARKET)),
        "/v1/offers/o/addons",
        {"country": "DE"},
    ),
    (
        "list_offer_categories",
        lambda d: d.offer_categories(MARKET),
        "/v1/offercategories",
        {"country": "DE"},
    ),
]


@pytest.mark.parametrize(
    ("operation", "read", "path", "query"), QUESTIONS, ids=[q[0] for q in QUESTIONS]
)
async def test_each_read_is_one_call(
    operation: str, read: Read, path: str, query: dict[str, str]
) -> None:
    body = {"id": "any", "items": [], "webhookUrl": "u", "correlationId": "e"}
    async with graph_over({operation: ScriptedResponse(body)}) as graph:
        await read(graph.context().directory)
    (received,) = graph.upstream.received
    assert (received.operation, received.path, received.query) == (operation, path, query)
    assert received.headers["MS-CorrelationId"] == CORRELATION_ID
    assert received.headers["X-Locale"] == ("de-DE" if "country" in query else "en-US")


@pytest.mark.parametrize("read", [q[1] for q in QUESTIONS if q[0].startswith("product_upgrade")])
async def test_a_product_upgrade_is_requested_in_the_body(read: Read) -> None:
    replies = {
        "product_upgrade_eligibility": ScriptedResponse({}),
        "product_upgrade_status": ScriptedResponse({"id": "u"}),
    }
    async with graph_over(replies) as graph:
        await read(graph.context().directory)
    (received,) = graph.upstream.received
    assert json.loads(received.body) == {"customerId": CUSTOMER, "productFamily": "azure"}
    assert received.headers["Content-Type"] == "application/json"


async def test_a_paused_rate_limit_of_one_customer_is_shown() -> None:
    reply = ScriptedResponse({"statusCode": 429}, 429, {"Retry-After": "57"})
    async with graph_over({"list_upgrades": reply}) as graph:
        directory = graph.context().directory
        assert isinstance(directory, PartnerDirectory)
        assert directory.throttle() == []
        with pytest.raises(Throttled):
            await directory.upgrades(KEY)
        (scope,) = directory.throttle()
    assert (scope.bucket, scope.customer_id) == (ThrottleBucket.UPGRADES, CUSTOMER)
    assert (scope.in_flight, scope.limit) == (0, None)


async def test_a_paused_rate_limit_shows_its_delay() -> None:
    reply = ScriptedResponse({"statusCode": 429}, 429, {"Retry-After": "57"})
    async with graph_over({"list_customers": reply}) as graph:
        error = await graph.error("{ customers { nodes { id } } }")
        data = await graph.data("{ throttle { bucket customerId retryAfterSeconds } }")
    assert error["extensions"]["retryAfterSeconds"] == 57
    (scope,) = data["throttle"]
    assert (scope["bucket"], scope["customerId"]) == ("CUSTOMER_LIST", None)
    assert 50 < scope["retryAfterSeconds"] <= 57


@pytest.mark.parametrize(
    ("links", "offer_id", "country"),
    [
        ({"offer": {"uri": "/offers/A?country=DE"}}, None, "DE"),
        ({"offer": {"uri": "/v1/offers/A?x=1&country=de"}}, "B", "de"),
        ({"offer": {"uri": "/offers/A"}}, None, "US"),
        ({}, "B", "US"),
        (None, "B", "US"),
    ],
)
async def test_the_offer_of_a_subscription_is_read_in_the_market_its_link_names(
    links: object, offer_id: str | None, country: str
) -> None:
    sent = {"id": SUBSCRIPTION, "links": links, "offerId": offer_id}
    replies = {
        "get_subscription": ScriptedResponse(sent),
        "get_offer": ScriptedResponse({"id": "any"}),
    }
    document = f'{{ subscription(customerId: "{CUSTOMER}", id: "{SUBSCRIPTION}") {{ @ }} }}'
    async with graph_over(replies) as graph:
        await graph.data(document.replace("@", "offer { id }"))
        await graph.data(document.replace("@", 'offer(country: "FR") { id }'))
    calls = [r for r in graph.upstream.received if r.operation == "get_offer"]
    assert [r.path for r in calls] == [f"/v1/offers/{offer_id or 'A'}"] * 2
    assert [r.query["country"] for r in calls] == [country, "FR"]


@pytest.mark.parametrize(
    "sent",
    [
        {"offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971"},
        {"productType": {"id": "onlineservicesnce"}, "offerId": "A"},
        {"links": {"offer": {"uri": None}}},
        {},
    ],
)
async def test_a_subscription_without_a_catalog_offer_costs_no_call(
    sent: dict[str, object],
) -> None:
    replies = {"get_subscription": ScriptedResponse({"id": SUBSCRIPTION, **sent})}
    document = (
        f'{{ subscription(customerId: "{CUSTOMER}", id: "{SUBSCRIPTION}") {{ offer {{ id }} }} }}'
    )
    async with graph_over(replies) as graph:
        assert await graph.data(document) == {"subscription": {"offer": None}}


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (
            'country: "USA"',
            "country must be an ISO 3166 code of two letters such as US, not 'USA'.",
        ),
        (
            'locale: "en-US\\r\\nX-Evil: 1"',
            "locale must be a language and a country such as en-US, not 'en-US\\r\\nX-Evil: 1'.",
        ),
    ],
)
async def test_a_malformed_market_is_rejected_without_a_call(argument: str, message: str) -> None:
    replies = {"get_subscription": ScriptedResponse({"id": SUBSCRIPTION, "offerId": "A"})}
    document = (
        f'{{ subscription(customerId: "{CUSTOMER}", id: "{SUBSCRIPTION}")'
        f" {{ offer({argument}) {{ id }} }} }}"
    )
    async with graph_over(replies) as graph:
        error = await graph.error(document)
    assert (error["message"], error["extensions"]["code"]) == (message, "INVALID_INPUT")
    assert len(graph.upstream.received) == 1


@pytest.mark.parametrize(
    ("billing", "commerce"),
    [("license", "LEGACY_LICENSE"), (None, "LEGACY_LICENSE"), (1, "UNKNOWN")],
)
async def test_a_guid_is_a_legacy_license_unless_usage_is_billed(
    billing: object, commerce: str
) -> None:
    sent = {"id": SUBSCRIPTION, "offerId": SUBSCRIPTION, "billingType": billing}
    document = f'{{ subscription(customerId: "{CUSTOMER}", id: "{SUBSCRIPTION}") {{ commerce }} }}'
    async with graph_over({"get_subscription": ScriptedResponse(sent)}) as graph:
        data = await graph.data(document)
    assert data == {"subscription": {"commerce": commerce}}


@pytest.mark.parametrize(
    ("offer_id", "operations"),
    [
        (SUBSCRIPTION, {"list_upgrades", "list_transition_eligibilities"}),
        ("MS-AZR-0145P", set()),
        ("a:b:c", {"list_transition_eligibilities", "list_transitions"}),
        ("?", {"list_upgrades", "list_transition_eligibilities", "list_transitions"}),
    ],
    ids=["legacy license", "legacy Azure", "new commerce", "unknown"],
)
async def test_only_the_upgrade_paths_of_a_subscriptions_family_are_requested(
    offer_id: str, operations: set[str]
) -> None:
    empty = ScriptedResponse({"items": []})
    replies = dict.fromkeys(
        ["list_upgrades", "list_transition_eligibilities", "list_transitions"], empty
    )
    replies["get_subscription"] = ScriptedResponse({"id": SUBSCRIPTION, "offerId": offer_id})
    document = (
        f'{{ subscription(customerId: "{CUSTOMER}", id: "{SUBSCRIPTION}")'
        " { upgrades { isEligible } transitions { quantity }"
        " transitionEligibilities(eligibilityType: SCHEDULED) { title } } }"
    )
    async with graph_over(replies) as graph:
        data = await graph.data(document)
    assert all(entries == [] for entries in data["subscription"].values())
    assert {r.operation for r in graph.upstream.received} - {"get_subscription"} == operations
