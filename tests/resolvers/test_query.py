"""Root fields and links between types, over a directory in memory."""

from typing import Any

import pytest
import strawberry

from gateway.edge.error_codes import format_errors
from gateway.upstream.models import product_upgrade
from gateway.upstream.models.product_upgrade import WireProductUpgradesEligibility
from gateway.upstream.models.upgrade import WireUpgrade, to_upgrade
from gateway.upstream.models.upgrade_result import WireUpgradeResult, to_upgrade_result
from resolvers.graph import Graph
from resolvers.ports.directory import CustomersPage, OffersPage
from schema.keys import Market, ProductUpgradeKey, SubscriptionKey
from schema.pagination import encode_cursor
from schema.scalars import CONFIG
from schema.upgrade import UpgradeResult
from tests.support.directory import (
    StubDirectory,
    guid,
    make_full_customer,
    make_offer,
    make_partial_customer,
    make_request_context,
    make_subscription,
    make_wire_model,
)
from tests.support.upstream import cached_graph

CUSTOMER = guid(1)


async def execute(directory: StubDirectory, document: str, **variables: object) -> Any:
    """Execute a document that must succeed."""
    result = await cached_graph().execute(document, variables, make_request_context(directory))
    assert not result.errors, result.errors
    return result.data


async def refusal(directory: StubDirectory, document: str, **variables: object) -> str:
    """Execute a document that must fail with INVALID_INPUT, and return the message."""
    result = await cached_graph().execute(document, variables, make_request_context(directory))
    (error,) = format_errors(result.errors or [], "correlation-1")
    assert error.extensions is not None
    assert error.extensions["code"] == "INVALID_INPUT"
    return error.message


DETAILS = (
    "commerceId billingProfile { id } allowDelegatedAccess customDomains associatedPartnerId"
    " companyProfile { address { city } email organizationRegistrationNumber }"
)


async def test_members_missing_from_lists_are_read_once_for_each_customer() -> None:
    page = CustomersPage([make_partial_customer(1), make_partial_customer(2)], None)
    directory = StubDirectory(customers=page, customer=lambda i: make_full_customer(int(i[-3:])))
    data = await execute(directory, f"{{ customers {{ nodes {{ id {DETAILS} }} }} }}")
    assert [node["commerceId"] for node in data["customers"]["nodes"]] == [guid(1), guid(2)]
    assert directory.count_calls("customer") == 2


async def test_members_in_lists_cost_no_call() -> None:
    directory = StubDirectory(customers=CustomersPage([make_partial_customer(1)], None))
    await execute(directory, "{ customers { nodes { id nodeId companyProfile { companyName } } } }")
    assert directory.count_calls("customer") == 0


async def test_a_full_customer_costs_no_second_call() -> None:
    directory = StubDirectory(customer=make_full_customer(1))
    await execute(directory, f'{{ customer(id: "{CUSTOMER}") {{ {DETAILS} }} }}')
    assert directory.count_calls("customer") == 1


SUBSCRIPTIONS = """
query ($id: ID!, $after: String, $statuses: [SubscriptionStatusInput!]) {
  customer(id: $id) {
    subscriptions(first: 2, after: $after, statuses: $statuses) {
      totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor }
    }
  }
}
"""


def five_subscriptions() -> StubDirectory:
    states = ["active", "suspended", "active", "future", "active"]
    listed = [make_subscription(CUSTOMER, n, status=state) for n, state in enumerate(states)]
    return StubDirectory(customer=make_full_customer(1), subscriptions=listed)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (None, [0, 1, 2, 3, 4]),
        (["ACTIVE"], [0, 2, 4]),
        (["SUSPENDED", "DELETED"], [1]),
        (["DELETED"], []),
        ([], []),
    ],
    ids=str,
)
async def test_pages_of_subscriptions_follow_each_other(
    statuses: list[str] | None, expected: list[int]
) -> None:
    found, after, pages = [], None, 0
    while True:
        data = await execute(
            five_subscriptions(), SUBSCRIPTIONS, id=CUSTOMER, after=after, statuses=statuses
        )
        page, pages = data["customer"]["subscriptions"], pages + 1
        assert page["totalCount"] == len(expected)
        assert page["pageInfo"]["hasPreviousPage"] == (pages > 1)
        found += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
        assert after == page["edges"][-1]["cursor"]
    assert found == [guid(number) for number in expected]


async def test_a_cursor_of_other_statuses_or_another_customer_is_refused() -> None:
    data = await execute(five_subscriptions(), SUBSCRIPTIONS, id=CUSTOMER)
    cursor = data["customer"]["subscriptions"]["pageInfo"]["endCursor"]
    message = await refusal(
        five_subscriptions(), SUBSCRIPTIONS, id=CUSTOMER, after=cursor, statuses=["ACTIVE"]
    )
    assert "for the same arguments" in message

    other = StubDirectory(customer=make_full_customer(2), subscriptions=[])
    assert "for the same" in await refusal(other, SUBSCRIPTIONS, id=guid(2), after=cursor)


@pytest.mark.parametrize(
    ("connection", "document", "variables"),
    [
        (["subscriptions", CUSTOMER], SUBSCRIPTIONS, {"id": CUSTOMER}),
        (
            ["offers", "us", "en-us", ""],
            "query ($after: String) { offers(after: $after) { nodes { id } } }",
            {},
        ),
    ],
    ids=["subscriptions", "offers"],
)
async def test_a_cursor_without_a_position_is_refused(
    connection: list[str], document: str, variables: dict[str, object]
) -> None:
    forged = encode_cursor(connection, "first")
    message = await refusal(five_subscriptions(), document, after=forged, **variables)
    assert message.startswith(f"after must be a cursor of a page of {connection[0]}")


@pytest.mark.parametrize("first", [0, -1])
@pytest.mark.parametrize(
    "field", ["customers", "offers", f'customer(id: "{CUSTOMER}") {{ subscriptions']
)
async def test_first_out_of_range_is_refused(field: str, first: int) -> None:
    closing = " }" if "{" in field else ""
    document = f"{{ {field}(first: {first}) {{ nodes {{ id }} }}{closing} }}"
    message = await refusal(StubDirectory(customer=make_full_customer(1)), document)
    assert message == f"first must be at least 1, not {first}."


async def test_add_ons_and_their_parent_are_found_in_the_one_list() -> None:
    parent = make_subscription(CUSTOMER, 10)
    add_on = make_subscription(CUSTOMER, 11, parent_subscription_id=guid(10).upper())
    directory = StubDirectory(customer=make_full_customer(1), subscriptions=[parent, add_on])
    data = await execute(
        directory,
        f'{{ customer(id: "{CUSTOMER}") {{ subscriptions'
        " { nodes { id parent { id } addOns { id } customer { id } } } } }",
    )
    first, second = data["customer"]["subscriptions"]["nodes"]
    assert (first["parent"], first["addOns"]) == (None, [{"id": guid(11)}])
    assert (second["parent"], second["addOns"]) == ({"id": guid(10)}, [])
    assert [name for name, _ in directory.calls] == ["customer", "subscriptions"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", [0, 1, 2]),
        ("(eligibleOnly: true)", [0, 2]),
        ("(upgradeType: UPGRADE_ONLY)", [0, 1]),
        ("(eligibleOnly: true, upgradeType: UPGRADE_WITH_LICENSE_TRANSFER)", [2]),
    ],
)
async def test_arguments_filter_the_upgrades_of_one_call(
    arguments: str, expected: list[int]
) -> None:
    key = SubscriptionKey(CUSTOMER, guid(10))
    kinds = [(True, 1), (False, 1), (True, 2)]
    listed = [
        to_upgrade(
            make_wire_model(
                WireUpgrade, target_offer={"id": str(n)}, is_eligible=e, upgrade_type=t
            ),
            key,
        )
        for n, (e, t) in enumerate(kinds)
    ]
    directory = StubDirectory(subscription=make_subscription(CUSTOMER, 10), upgrades=listed)
    data = await execute(
        directory,
        f'{{ subscription(customerId: "{CUSTOMER}", id: "{guid(10)}")'
        f" {{ chosen: upgrades{arguments} {{ targetOffer {{ id }} }}"
        " all: upgrades { sourceSubscription { id } } } }",
    )
    chosen = [each["targetOffer"]["id"] for each in data["subscription"]["chosen"]]
    assert chosen == [str(number) for number in expected]
    assert directory.count_calls("upgrades") == 1
    assert directory.count_calls("subscription") == 1


async def test_a_missing_product_upgrade_costs_no_call() -> None:
    key = ProductUpgradeKey(CUSTOMER, "azure")
    response = product_upgrade.to_eligibility(WireProductUpgradesEligibility(is_eligible=True), key)
    directory = StubDirectory(product_upgrade_eligibility=response)
    data = await execute(
        directory,
        f'{{ productUpgradeEligibility(request: {{ customerId: "{CUSTOMER}" }})'
        " { isEligible upgrade { id } } }",
    )
    assert data["productUpgradeEligibility"] == {"isEligible": True, "upgrade": None}
    assert directory.count_calls("product_upgrade_status") == 0


async def test_a_malformed_family_of_a_customer_is_refused_without_a_call() -> None:
    directory = StubDirectory(customer=make_full_customer(1))
    document = '{ customer(id: "@") { productUpgradeEligibility(productFamily: "") { reason } } }'
    message = await refusal(directory, document.replace("@", CUSTOMER))
    assert message == "productFamily must be a product family such as azure, not ''."
    assert directory.count_calls("product_upgrade_eligibility") == 0


async def test_offers_have_edges_too() -> None:
    page = OffersPage([make_offer("a"), make_offer("b")], has_next=False)
    data = await execute(
        StubDirectory(offers_page=page),
        "{ offers { edges { cursor node { id nodeId } } pageInfo { startCursor endCursor } } }",
    )
    edges, info = data["offers"]["edges"], data["offers"]["pageInfo"]
    assert [edge["node"]["id"] for edge in edges] == ["a", "b"]
    assert [edge["cursor"] for edge in edges] == [info["startCursor"], info["endCursor"]]


async def test_prerequisites_are_read_in_the_markets_of_their_add_on() -> None:
    market = Market("DE", "de-DE")
    add_on = make_offer("add-on", market, prerequisite_offers=("a",))
    directory = StubDirectory(
        offers=lambda key: [add_on if i == "add-on" else make_offer(i, key[0]) for i in key[1]]
    )
    data = await execute(
        directory,
        '{ offer(id: "add-on", country: "DE", locale: "de-DE") { prerequisites { id } } }',
    )
    assert data["offer"]["prerequisites"] == [{"id": "a"}]
    assert directory.calls == [("offers", (market, ["add-on"])), ("offers", (market, ["a"]))]


@pytest.mark.parametrize("target", [guid(11), None])
async def test_a_result_links_to_its_subscriptions(target: str | None) -> None:
    ended = WireUpgradeResult(source_subscription_id=guid(10), target_subscription_id=target)
    noun = to_upgrade_result(ended, CUSTOMER)

    @strawberry.type
    class Query:
        @strawberry.field
        def result(self) -> UpgradeResult:
            return noun

    listed = [make_subscription(CUSTOMER, 10), make_subscription(CUSTOMER, 11)]
    directory = StubDirectory(subscriptions=listed, subscription=listed[0])
    result = await Graph(query=Query, config=CONFIG).execute(
        "{ result { sourceSubscription { id } targetSubscription { id } } }",
        context_value=make_request_context(directory),
    )
    assert not result.errors
    assert result.data
    assert result.data["result"]["sourceSubscription"] == {"id": guid(10)}
    assert result.data["result"]["targetSubscription"] == (target and {"id": target})
    assert len(directory.calls) == 1
