"""Reads everything from a small sandbox through the graph."""

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from gateway.sandbox.app import Sandbox
from gateway.sandbox.options import MIN_CUSTOMERS, SandboxOptions, ThrottleOptions
from gateway.sandbox.quirks import Quirk, WireProfile
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.sample_comparison import SampleComparison
from tests.support.server import serving
from tests.support.upstream import cached_graph, graph_at

WORLD: Final = """
query World($rich: ID!, $moving: ID!, $failed: ID!, $done: ID!) {
  customers(first: 3) { nodes { CustomerOfAList } pageInfo { hasNextPage } }
  rich: customer(id: $rich) {
    Customer
    subscriptions(first: 100) {
      totalCount
      nodes {
        CustomerSubscription
        parent { id }
        addOns { id }
        offer { Offer }
        upgrades { Upgrade sourceSubscription { id } }
        provisioningStatus { SubscriptionProvisioningStatus }
      }
    }
  }
  moving: customer(id: $moving) {
    subscriptions(first: 100) {
      nodes {
        CustomerSubscription
        transitions { Transition }
        transitionEligibilities { TransitionEligibility }
      }
    }
  }
  failed: customer(id: $failed) { productUpgradeEligibility { ProductUpgradesEligibility } }
  done: customer(id: $done) { productUpgradeEligibility { ProductUpgradesEligibility } }
  offers(first: 100) { nodes { Offer } }
  offerCategories { OfferCategory }
}
"""


def world_document() -> str:
    """Return a document that selects every field of every type."""
    members = SampleComparison(cached_graph()._schema)
    document = WORLD.replace(
        "CustomerOfAList", "id companyProfile { companyName } relationshipToPartner"
    )
    eligibility_members = members.select_all("ProductUpgradesEligibility")
    status = members.select_all("ProductUpgradesStatus")
    document = document.replace(
        "{ ProductUpgradesEligibility }",
        f"{{ {eligibility_members} customer {{ id }} upgrade {{ {status} }} }}",
    )
    for name in (
        "CustomerSubscription",
        "SubscriptionProvisioningStatus",
        "TransitionEligibility",
        "OfferCategory",
        "Transition",
        "Customer",
        "Upgrade",
        "Offer",
    ):
        own = members.select_all(name, without=frozenset({"nodeId"}))
        document = document.replace(f" {name} ", f" {own} ").replace(f" {name}\n", f" {own}\n")
    return document


@contextlib.asynccontextmanager
async def serve_small_sandbox(*quirks: Quirk) -> AsyncIterator[tuple[Sandbox, str]]:
    """Serve a small sandbox whose clock stands still."""
    options = SandboxOptions(
        customers=MIN_CUSTOMERS,
        throttle=ThrottleOptions(enabled=False),
        wire=WireProfile(frozenset(quirks)),
    )
    sandbox = frozen_clock_sandbox(options)
    async with serving(sandbox) as url:
        yield sandbox, url


async def read_world(url: str, sandbox: Sandbox) -> Any:
    """Read everything; `refusals` in the result are the errors."""
    examples = sandbox.world.examples
    async with graph_at(url) as graph:
        result = await graph.execute(
            world_document(),
            rich=examples.customer_id,
            moving=examples.transition_customer_id,
            failed=examples.failed_product_upgrade_customer_id,
            done=examples.completed_product_upgrade_customer_id,
        )
    refusals = [(e["path"], e["extensions"]["upstreamCode"]) for e in result.errors]
    return {**result.data, "refusals": sorted(refusals, key=str)}


def without(data: Any, is_dropped: Callable[[str], bool]) -> Any:
    """Drop the members of these names at any depth."""
    if isinstance(data, dict):
        return {n: without(v, is_dropped) for n, v in data.items() if not is_dropped(n)}
    return [without(item, is_dropped) for item in data] if isinstance(data, list) else data


def is_raw(name: str) -> bool:
    return name.startswith("raw")


def collect_values(data: Any, name: str) -> list[Any]:
    """Collect the values of a member at any depth."""
    if isinstance(data, list):
        return [value for item in data for value in collect_values(item, name)]
    if not isinstance(data, dict):
        return []
    own = [data[name]] if name in data else []
    return own + [value for item in data.values() for value in collect_values(item, name)]
