"""Every response that the vendor's documents print, read through the graph."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
import strawberry
from strawberry.types.base import StrawberryObjectDefinition

from gateway.upstream.decoding import Decoder
from gateway.upstream.endpoints import ENDPOINTS
from gateway.upstream.models.transition import WireTransition, to_transition
from gateway.upstream.models.upgrade_result import WireUpgradeResult, to_upgrade_result
from resolvers.graph import Graph
from schema.scalars import CONFIG
from schema.transition import Transition
from schema.upgrade import UpgradeResult
from tests.support.sample_comparison import SampleComparison
from tests.support.samples import Sample, samples
from tests.support.upstream import ScriptedResponse, cached_graph, graph_over

CUSTOMER = "eebd1b55-5360-4438-a11d-5c06918c3014"
LEGACY = "a356ac8c-e310-44f4-bf85-c7f29044af99"
UPGRADE = "42d075a4-bfe7-43e7-af6d-7c68a57edcb4"
OFFER = "195416C1-3447-423A-B37B-EE59A99A19C4"
REQUEST = f'{{ customerId: "{CUSTOMER}", productFamily: "Azure" }}'

# Members around the resource, which become connections and are not in the graph.
ENVELOPE = {"totalCount", "items", "transition", "links", "attributes"}

# Documented samples of operations that the graph does not read.
FOREIGN = (*("seek-paging", "partner-", "cart-pricing", "webhook-validation-event"),)


@dataclass(frozen=True)
class Reading:
    """The query for a sample's resources; `@` stands for the selection."""

    sample: str
    operation: str
    type_name: str
    document: str
    also: tuple[tuple[str, str], ...] = ()


A_CUSTOMER = ("get_customer", "get-customer.response")
A_LEGACY = ("get_subscription", "get-subscription.addon.response")
A_NEW = ("get_subscription", "get-subscription.new-commerce.response")
SUBSCRIPTIONS = f'{{ customer(id: "{CUSTOMER}") {{ subscriptions {{ nodes {{ @ }} }} }} }}'
AUDIT_RECORDS = f'{{ auditRecords(customerId: "{CUSTOMER}", day: "2020-09-02") {{ @ }} }}'
SUBSCRIPTION = f'{{ subscription(customerId: "{CUSTOMER}", id: "{LEGACY}") {{ @ }} }}'


def _of_subscription(field: str) -> str:
    return SUBSCRIPTION.replace("@", f"{field} {{ @ }}")


def _subscriptions(sample: str) -> Reading:
    return Reading(
        sample, "list_subscriptions", "CustomerSubscription", SUBSCRIPTIONS, (A_CUSTOMER,)
    )


READINGS = [
    Reading(
        "list-customers.response",
        "list_customers",
        "Customer",
        "{ customers(first: 40) { nodes { @ } } }",
    ),
    Reading(
        "list-customers-filtered.response",
        "list_customers",
        "Customer",
        '{ customers(companyNameStartsWith: "Cont") { nodes { @ } } }',
    ),
    Reading(
        "get-customer.response",
        "get_customer",
        "Customer",
        f'{{ customer(id: "{CUSTOMER}") {{ @ }} }}',
    ),
    _subscriptions("list-subscriptions.response"),
    _subscriptions("list-subscriptions.software.response"),
    _subscriptions("list-subscriptions-by-order.response"),
    _subscriptions("list-subscriptions-by-partner.response"),
    # The items of 4.5 are those of 4.3 with the same parent. The graph reads 4.3.
    _subscriptions("list-subscription-addons.response"),
    Reading(
        "get-subscription.addon.response",
        "get_subscription",
        "CustomerSubscription",
        SUBSCRIPTION,
    ),
    Reading(
        "get-subscription.azure.response",
        "get_subscription",
        "CustomerSubscription",
        SUBSCRIPTION,
    ),
    Reading(
        "get-subscription.new-commerce.response",
        "get_subscription",
        "CustomerSubscription",
        SUBSCRIPTION,
    ),
    Reading(
        "schedule-change.response",
        "get_subscription",
        "CustomerSubscription",
        SUBSCRIPTION,
    ),
    Reading(
        "get-provisioning-status.response",
        "get_provisioning_status",
        "SubscriptionProvisioningStatus",
        _of_subscription("provisioningStatus"),
        (A_LEGACY,),
    ),
    Reading(
        "list-upgrades.response",
        "list_upgrades",
        "Upgrade",
        _of_subscription("upgrades"),
        (A_LEGACY,),
    ),
    Reading(
        "list-transition-eligibilities.response",
        "list_transition_eligibilities",
        "TransitionEligibility",
        _of_subscription("transitionEligibilities"),
        (A_NEW,),
    ),
    Reading(
        "list-transitions.response",
        "list_transitions",
        "Transition",
        _of_subscription("transitions"),
        (A_NEW,),
    ),
    Reading(
        "custom-term-end-dates.response",
        "list_custom_term_end_dates",
        "CustomTermEndDate",
        f'{{ customer(id: "{CUSTOMER}") {{ customTermEndDates(termDuration: "P1M") {{ @ }} }} }}',
        (A_CUSTOMER,),
    ),
    Reading(
        "webhook-register.response",
        "get_webhook_registration",
        "WebhookRegistration",
        "{ webhookRegistration { @ } }",
    ),
    Reading(
        "webhook-validation-status.response",
        "get_webhook_validation",
        "WebhookValidationEvent",
        f'{{ webhookValidationEvent(correlationId: "{UPGRADE}") {{ @ }} }}',
    ),
    Reading(
        "get-product.new-commerce.response",
        "get_product",
        "Product",
        _of_subscription("product"),
        (A_NEW,),
    ),
    Reading(
        "get-sku.new-commerce.response",
        "get_sku",
        "Sku",
        _of_subscription("sku"),
        (A_NEW,),
    ),
    Reading(
        "get-availability.new-commerce.response",
        "get_availability",
        "Availability",
        _of_subscription("availability"),
        (A_NEW,),
    ),
    Reading(
        # A document prints a single object for the list (Q45).
        "get-availability.new-commerce.response",
        "list_availabilities",
        "Availability",
        '{ sku(productId: "CFQ7TTC0LH18", id: "0001") { availabilities { @ } } }',
        (("get_sku", "get-sku.new-commerce.response"),),
    ),
    Reading("audit-records.response", "list_audit_records", "AuditRecord", AUDIT_RECORDS),
    Reading("audit-records-day.response", "list_audit_records", "AuditRecord", AUDIT_RECORDS),
    Reading(
        "product-upgrade-eligibility.response",
        "product_upgrade_eligibility",
        "ProductUpgradesEligibility",
        f"{{ productUpgradeEligibility(request: {REQUEST}) {{ @ }} }}",
    ),
    Reading(
        "product-upgrade-status.response",
        "product_upgrade_status",
        "ProductUpgradesStatus",
        f'{{ productUpgradeStatus(upgradeId: "{UPGRADE}", request: {REQUEST}) {{ @ }} }}',
    ),
    Reading("list-offers.response", "list_offers", "Offer", "{ offers { nodes { @ } } }"),
    Reading("get-offer.response", "get_offer", "Offer", f'{{ offer(id: "{OFFER}") {{ @ }} }}'),
    Reading(
        "list-offer-addons.response",
        "list_offer_add_ons",
        "Offer",
        f'{{ offer(id: "{OFFER}") {{ addOns {{ @ }} }} }}',
        (("get_offer", "get-offer.response"),),
    ),
    Reading(
        "list-offer-categories.response",
        "list_offer_categories",
        "OfferCategory",
        "{ offerCategories { @ } }",
    ),
]


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.sample)
async def test_every_member_of_a_response_is_in_the_graph(reading: Reading) -> None:
    sample = samples()[reading.sample]
    bodies = _resources(sample.json)
    members = SampleComparison(cached_graph()._schema)
    replies = {name: _reply(samples()[other]) for name, other in reading.also}
    replies[reading.operation] = _reply(sample)
    document = reading.document.replace("@", members.select(reading.type_name, *bodies))

    async with graph_over(replies) as graph:
        data = await graph.data(document)

    nodes = _innermost(data, reading.document)
    assert len(nodes) == len(bodies)
    for body, node in zip(bodies, nodes, strict=True):
        members.assert_same(reading.type_name, body, node)
    assert graph.upstream.count_calls(reading.operation) == 1


async def test_the_names_of_events_are_in_the_graph_as_sent_q43() -> None:
    sample = samples()["webhook-events-list.response"]
    async with graph_over({"list_webhook_events": _reply(sample)}) as graph:
        assert await graph.data("{ webhookEventNames }") == {"webhookEventNames": sample.json}
        (asked,) = graph.upstream.received
    assert asked.path == "/webhooks/v1/registration/events"


async def test_every_member_of_a_performed_upgrade_is_in_the_graph() -> None:
    sent = Decoder(WireUpgradeResult)(samples()["perform-upgrade.response"].body)
    await _assert_served(
        "perform-upgrade.response", UpgradeResult, to_upgrade_result(sent, CUSTOMER)
    )


async def test_every_member_of_a_created_transition_is_in_the_graph() -> None:
    sent = Decoder(WireTransition)(samples()["create-transition.response"].body)
    await _assert_served("create-transition.response", Transition, to_transition(sent))


async def _assert_served(sample_id: str, kind: type[Any], noun: object) -> None:
    """Return a type that only mutations return from a root field of this test."""

    @strawberry.type
    class Query:
        @strawberry.field(graphql_type=kind)
        def result(self) -> object:
            return noun

    graph = Graph(query=Query, config=CONFIG)
    members = SampleComparison(graph._schema)
    definition: StrawberryObjectDefinition = kind.__strawberry_definition__
    body = samples()[sample_id].json
    document = f"{{ result {{ {members.select(definition.name, body)} }} }}"
    result = await graph.execute(document)
    assert not result.errors
    assert result.data
    members.assert_same(definition.name, body, result.data["result"])


def test_every_documented_response_is_covered() -> None:
    written = {"perform-upgrade.response", "create-transition.response"}
    others = {"webhook-events-list.response"}
    empty = {"product-upgrade-create.response"}
    # Responses of operations that the graph does not read.
    foreign = {sample for sample in samples() if sample.startswith(FOREIGN)}
    tokens = {sample for sample in samples() if sample.startswith("token.")}
    responses = {sample.id for sample in samples().values() if sample.kind == "response"}
    read = {reading.sample for reading in READINGS}
    assert responses - foreign - tokens == read | written | empty | others
    assert samples()["product-upgrade-create.response"].body == b""


def test_every_documented_path_is_covered() -> None:
    patterns = [
        (e.method, re.compile(e.path.replace("{}", "[^/]+"), re.IGNORECASE)) for e in ENDPOINTS
    ]
    ours = ("/v1/customers", "/v1/offer", "/v1/productupgrades", "/v1/auditrecords")
    printed = [
        s
        for s in samples().values()
        if s.path and s.path.startswith(ours) and not s.id.startswith(FOREIGN)
    ]
    assert len(printed) == 25
    for sample in printed:
        path = (sample.path or "").partition("?")[0]
        assert any(m == sample.method and p.fullmatch(path) for m, p in patterns), path


def _reply(sample: Sample) -> ScriptedResponse:
    """Return a documented response. Its length and encoding are not those of the body (Q17)."""
    dropped = {"content-length", "content-encoding", "transfer-encoding"}
    headers = {n: v for n, v in sample.headers.items() if n.lower() not in dropped}
    return ScriptedResponse(sample.body, sample.status or 200, headers)


def _resources(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the items of a collection, or the body itself."""
    listed: list[dict[str, Any]] | None = body.get("items") or body.get("transition")
    if listed is None:
        return [body]
    assert body.keys() <= ENVELOPE
    return listed


def _innermost(data: Any, document: str) -> list[dict[str, Any]]:
    """Return the innermost value of a response."""
    for field in re.findall(r"(\w+)(?:\([^)]*\))? \{", document):
        data = data[field]
    return data if isinstance(data, list) else [data]
