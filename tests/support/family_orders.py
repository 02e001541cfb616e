"""One order of each family of upgrades, to claim the same of all."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from gateway.sandbox.examples import Examples
from tests.support.upgrades import execute, find_possible_upgrades

TARGETS: Final = """
query Targets($customer: ID!, $id: ID!) {
  subscription(customerId: $customer, id: $id) {
    quantity transitionEligibilities { catalogItemId title }
  }
}
"""
RENEWAL_TARGETS: Final = """
query Targets($customer: ID!, $id: ID!) {
  subscription(customerId: $customer, id: $id) {
    quantity transitionEligibilities(eligibilityType: SCHEDULED) { catalogItemId title }
  }
}
"""
Members = Mapping[str, object]


async def _find_upgrade(
    client: httpx.AsyncClient, examples: Examples, token: str | None
) -> Members:
    upgrade = (await find_possible_upgrades(client, examples.legacy_customer_id, token))[0]
    given = upgrade.input("")
    return {name: given[name] for name in given if name != "idempotencyKey"}


async def _find_transition(
    client: httpx.AsyncClient, examples: Examples, token: str | None
) -> Members:
    ids = {
        "customer": examples.transition_customer_id,
        "id": examples.new_commerce_subscription_id,
    }
    source = (await execute(client, TARGETS, token, **ids))["subscription"]
    return {
        "customerId": ids["customer"],
        "subscriptionId": ids["id"],
        "toCatalogItemId": source["transitionEligibilities"][0]["catalogItemId"],
        "quantity": source["quantity"],
        "transitionType": "TRANSITION_ONLY",
    }


async def _find_schedule(
    client: httpx.AsyncClient, examples: Examples, token: str | None
) -> Members:
    ids = {"customer": examples.renewal_customer_id, "id": examples.renewable_subscription_id}
    source = (await execute(client, RENEWAL_TARGETS, token, **ids))["subscription"]
    return {
        "kind": "SCHEDULE_UPGRADE",
        "customerId": ids["customer"],
        "subscriptionId": ids["id"],
        "toCatalogItemId": source["transitionEligibilities"][0]["catalogItemId"],
        "quantity": source["quantity"] + 1,
    }


async def _find_scheduled(_: Any, examples: Examples, __: Any) -> Members:
    return {
        "kind": "CANCEL_SCHEDULED_UPGRADE",
        "customerId": examples.renewal_customer_id,
        "subscriptionId": examples.scheduled_subscription_id,
    }


async def _find_product_upgrade(_: Any, examples: Examples, __: Any) -> Members:
    return {"customerId": examples.azure_customer_id}


@dataclass(frozen=True, slots=True)
class FamilyOrder:
    """An order that the sandbox executes.

    Attributes:
        kind: its `OperationKind`.
        mutation: the field that places it.
        sends: the upstream operation that spends money.
        reads: the upstream operations of its preview.
        others: members that make it another order.
        find: returns the members that identify it.
    """

    kind: str
    mutation: str
    sends: str
    reads: tuple[str, ...]
    others: Members
    find: Callable[[httpx.AsyncClient, Examples, str | None], Awaitable[Members]]

    @property
    def document(self) -> str:
        name = f"{self.mutation[0].upper()}{self.mutation[1:]}Input"
        return f"""
        mutation Place($input: {name}!) {{
          placed: {self.mutation}(input: $input) {{
            operation {{ id kind state attempts {{ outcome }} }}
            userErrors {{ code message field retry }}
          }}
        }}
        """

    async def place(
        self, client: httpx.AsyncClient, members: Members, token: str | None = None
    ) -> dict[str, Any]:
        """Send the mutation, which waits for the outcome, and return its payload."""
        given = {"idempotencyKey": "key-1", "waitSeconds": 60, **members}
        given.pop("kind", None)  # which the mutation says
        payload: dict[str, Any] = (await execute(client, self.document, token, input=given))[
            "placed"
        ]
        return payload


UPGRADE: Final = FamilyOrder(
    kind="UPGRADE_SUBSCRIPTION",
    mutation="upgradeSubscription",
    sends="perform_upgrade",
    reads=("list_subscriptions", "list_upgrades"),
    others={"quantity": 1},
    find=_find_upgrade,
)
TRANSITION: Final = FamilyOrder(
    kind="TRANSITION_SUBSCRIPTION",
    mutation="transitionSubscription",
    sends="create_transition",
    reads=("list_subscriptions", "list_transition_eligibilities"),
    others={"quantity": 1},
    find=_find_transition,
)
PRODUCT_UPGRADE: Final = FamilyOrder(
    kind="REQUEST_PRODUCT_UPGRADE",
    mutation="requestProductUpgrade",
    sends="create_product_upgrade",
    reads=("get_product_upgrade_eligibility",),
    others={"attributes": {"etag": "another"}},
    find=_find_product_upgrade,
)
SCHEDULE: Final = FamilyOrder(
    kind="SCHEDULE_UPGRADE",
    mutation="scheduleUpgrade",
    sends="update_subscription",
    reads=("list_subscriptions", "list_transition_eligibilities", "get_availability"),
    others={"quantity": 1},
    find=_find_schedule,
)
CANCEL_SCHEDULE: Final = FamilyOrder(
    kind="CANCEL_SCHEDULED_UPGRADE",
    mutation="cancelScheduledUpgrade",
    sends="update_subscription",
    reads=("list_subscriptions",),
    others={"replaceScheduledActions": True},
    find=_find_scheduled,
)
FAMILY_ORDERS: Final = (UPGRADE, TRANSITION, PRODUCT_UPGRADE, SCHEDULE, CANCEL_SCHEDULE)
