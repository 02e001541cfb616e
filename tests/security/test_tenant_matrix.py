"""Callers times customers times every path of the graph: data exactly where it is allowed.

The documents are made from the graph: a root field without a recipe here fails, and so does a
field that needs arguments which nobody said. All callers are one principal, so what keeps them
apart is their customers alone.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from graphql import GraphQLObjectType, GraphQLSchema, OperationType, get_named_type

from gateway.auth.caller import Caller
from gateway.clock import SystemClock
from gateway.edge.error_codes import INTERNAL, format_errors
from gateway.engine import Engine
from gateway.engine.graphql_internals import unwrap_schema
from gateway.limits.factory import build_limits
from gateway.observability.metrics import Metrics
from gateway.performing.writes import Writes
from gateway.request_context import RequestContextFactory
from gateway.sandbox.app import Sandbox
from gateway.sandbox.options import SandboxOptions, ThrottleOptions
from gateway.upstream.partner_center import PartnerCenter
from resolvers.graph import build_graph
from schema.scopes import ALL_SCOPES
from tests.support.every_path import Paths
from tests.support.patience import patient_settings
from tests.support.resting_sandbox import resting_sandbox
from tests.support.server import serving
from tests.support.waiting import NEVER_S

PRINCIPAL: Final = "somebody"
FAR_TOO_MUCH: Final = 100_000
# Made anew for every answer.
VOLATILE: Final = {"previewToken", "expiresAt"}
NOBODYS: Final = {"offer", "offers", "offerCategories"}
"""Root fields of the catalog, which is of no customer."""

REFUSALS: Final = {"FORBIDDEN", "NOT_FOUND"}


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer, and what is asked about it."""

    id: str
    subscription_ids: tuple[str, ...]
    product_upgrade_id: str

    @property
    def key(self) -> str:
        return f"key-{self.id}"

    @property
    def subscription_id(self) -> str:
        return self.subscription_ids[0]

    @property
    def request(self) -> str:
        return f'request: {{customerId: "{self.id}"}}'


@dataclass(frozen=True, slots=True)
class Made:
    """What was done for a customer before the matrix is run."""

    operation_id: str
    node_ids: Mapping[str, str]
    batch_id: str


Recipe = Callable[[Customer, Made], str]

QUERIES: Final[Mapping[str, Recipe]] = {
    "customer": lambda c, m: f'id: "{c.id}"',
    "subscription": lambda c, m: f'customerId: "{c.id}", id: "{c.subscription_id}"',
    "productUpgradeEligibility": lambda c, m: c.request,
    "productUpgradeStatus": lambda c, m: f'upgradeId: "{c.product_upgrade_id}", {c.request}',
    "upgradePreview": lambda c, m: (
        f'input: {{customerId: "{c.id}", subscriptionId: "{c.subscription_id}",'
        f' targetOfferId: "{c.subscription_id}", upgradeType: UPGRADE_ONLY}}'
    ),
    "operation": lambda c, m: f'id: "{m.operation_id}"',
    "operationByKey": lambda c, m: f'idempotencyKey: "{c.key}"',
    "operations": lambda c, m: f'customerId: "{c.id}"',
    "customers": lambda c, m: "first: 100",
    "batch": lambda c, m: f'id: "{m.batch_id}"',
    "batchByKey": lambda c, m: 'idempotencyKey: "all"',
    "batches": lambda c, m: "first: 100",
    "throttle": lambda c, m: "",
}
# `node` is asked for one of each type, which the matrix does besides.
STREAMS: Final[Mapping[str, Recipe]] = {
    "operation": QUERIES["operation"],
    "batch": QUERIES["batch"],
    "productUpgradeStatus": QUERIES["productUpgradeStatus"],
}
# Each as an input that names the customer; what is settled and cancelled is found by its id.
MUTATIONS: Final[Mapping[str, Recipe]] = {
    "upgradeSubscription": lambda c, m: (
        f'customerId: "{c.id}", subscriptionId: "{c.subscription_id}", idempotencyKey: "new",'
        f' targetOfferId: "{c.subscription_id}", upgradeType: UPGRADE_ONLY'
    ),
    "requestProductUpgrade": lambda c, m: f'customerId: "{c.id}", idempotencyKey: "new"',
    "transitionSubscription": lambda c, m: (
        f'customerId: "{c.id}", subscriptionId: "{c.subscription_id}", idempotencyKey: "new",'
        ' toCatalogItemId: "A:0001:B", quantity: 1, transitionType: TRANSITION_ONLY'
    ),
    "upgradeSubscriptions": lambda c, m: (
        f'lines: [{{customerId: "{c.id}", subscriptionId: "{c.subscription_id}",'
        f' targetOfferId: "{c.subscription_id}", upgradeType: UPGRADE_ONLY}}],'
        ' idempotencyKey: "new"'
    ),
    "settleOperation": lambda c, m: f'operationId: "{m.operation_id}", outcome: DONE, note: "n"',
}
HARMLESS_MUTATIONS: Final = {"cancelBatch"}
"""A batch names no customer; cancelling sends nothing."""
SHARED: Final = {"customers", "batch", "batchByKey", "batches", "node UpgradeBatch", "throttle"}
"""Answered to everybody, with the caller's own customers alone."""


@dataclass
class Gateway:
    """The composition that serves requests, asked with callers of every kind."""

    contexts: RequestContextFactory
    engine: Engine
    graph: GraphQLSchema
    sandbox: Sandbox
    customers: list[Customer]
    made: dict[str, Made]

    async def ask(self, document: str, caller: Caller) -> tuple[dict[str, Any], set[Any]]:
        """Return the data, and the errors as paths with codes. Faults are no answers."""
        context = self.contexts.create(caller)
        result = await self.engine.execute(document, context=context)
        presented = format_errors(result.errors or (), "")
        errors = {(tuple(e.path or (e.message,)), (e.extensions or {})["code"]) for e in presented}
        assert INTERNAL not in {code for _, code in errors}, result.errors
        return _plain(_sent(result.data)), errors

    def forbidden(self, caller: Caller) -> Iterator[Customer]:
        """The customers that a caller may not see."""
        for customer in self.customers:
            if caller.customers is not None and customer.id not in caller.customers:
                yield customer

    def documents(self, customer: Customer) -> dict[str, str]:
        """A document for each root of queries with every path behind it, about one customer."""
        made, root = self.made[customer.id], self.graph.query_type
        assert root is not None
        paths = Paths(self.graph, {})
        asked = {
            name: f"{name}{_parenthesised(recipe(customer, made))} {paths.below(root.fields[name])}"
            for name, recipe in QUERIES.items()
        }
        for typename, node_id in made.node_ids.items():
            asked[f"node {typename}"] = f'node(nodeId: "{node_id}") {paths.on(typename)}'
        return {name: f"{{ {each} }}" for name, each in asked.items()}


def caller(*customers: Customer) -> Caller:
    """One who may see these alone."""
    return Caller(PRINCIPAL, ALL_SCOPES, frozenset(each.id for each in customers))


EVERYTHING: Final = Caller(PRINCIPAL, ALL_SCOPES, None)


def _parenthesised(arguments: str) -> str:
    return f"({arguments})" if arguments else ""


def _sent(data: Any) -> Any:
    """As a client reads it."""
    return msgspec.json.decode(msgspec.json.encode(data))


def _plain(data: Any) -> Any:
    """Leave out what is made anew for every answer."""
    if isinstance(data, Mapping):
        return {name: _plain(each) for name, each in data.items() if name not in VOLATILE}
    return [_plain(each) for each in data] if isinstance(data, list) else data


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    sandbox = resting_sandbox(SandboxOptions(throttle=ThrottleOptions(enabled=False)))
    async with serving(sandbox) as url:
        settings = patient_settings(
            {
                "partner": {"base_url": url},
                "database_url": f"sqlite:///{tmp_path}/operations.db",
                "limits": {
                    "max_tokens": FAR_TOO_MUCH,
                    "max_depth": 100,
                    "max_selections": FAR_TOO_MUCH,
                    "max_root_fields": 100,
                    "max_aliases": 100,
                    "max_upstream_calls": FAR_TOO_MUCH,
                },
            }
        )
        schema = build_graph()
        limits = build_limits(schema, settings, SystemClock())
        clock = SystemClock()
        upstream = PartnerCenter(settings, Metrics().upstream_calls.observe, clock)
        writes = Writes(settings, upstream, clock, lambda: FAR_TOO_MUCH)
        await writes.engine.start()
        contexts = RequestContextFactory(settings, limits, upstream, writes, clock)
        started = Gateway(contexts, limits.current.engine, unwrap_schema(schema), sandbox, [], {})
        await _find(started)
        await _make(started)
        sandbox.calls.clear()
        yield started
        await writes.engine.stop(1.0)
        await upstream.client.aclose()


async def _find(gateway: Gateway) -> None:
    """Pick three customers with subscriptions, and a product upgrade that has ended."""
    known = gateway.sandbox.world.examples
    upgrades = {
        known.customer_id: known.completed_product_upgrade_id,
        known.completed_product_upgrade_customer_id: known.completed_product_upgrade_id,
        known.failed_product_upgrade_customer_id: known.failed_product_upgrade_id,
    }
    for customer_id, upgrade_id in upgrades.items():
        document = f'{{ customer(id: "{customer_id}") {{ subscriptions {{ nodes {{ id }} }} }} }}'
        data, _ = await gateway.ask(document, EVERYTHING)
        held = tuple(node["id"] for node in data["customer"]["subscriptions"]["nodes"])
        gateway.customers.append(Customer(customer_id, held, upgrade_id))


async def _make(gateway: Gateway) -> None:
    """Order an upgrade for each customer, and a batch for all of them."""
    lines = ", ".join(
        f'{{customerId: "{c.id}", subscriptionId: "{c.subscription_id}", upgradeType: UPGRADE_ONLY,'
        f' targetOfferId: "{c.subscription_id}"}}'
        for c in gateway.customers
    )
    batch = f'upgradeSubscriptions(input: {{idempotencyKey: "all", lines: [{lines}]}})'
    data, _ = await gateway.ask(
        f"mutation {{ {batch} {{ batch {{ __typename id nodeId }} userErrors {{ message }} }} }}",
        EVERYTHING,
    )
    batch_made = data["upgradeSubscriptions"]["batch"]
    for customer in gateway.customers:
        order = MUTATIONS["upgradeSubscription"](customer, Made("", {}, ""))
        order = order.replace('"new"', f'"{customer.key}"')
        nodes = (
            "operation { __typename id nodeId customer { __typename nodeId }"
            " sourceSubscription { __typename nodeId } }"
        )
        document = f"mutation {{ upgradeSubscription(input: {{{order}}}) {{ {nodes} }} }}"
        data, errors = await gateway.ask(document, EVERYTHING)
        assert not errors
        made = data["upgradeSubscription"]["operation"]
        things = [made, made["customer"], made["sourceSubscription"], batch_made]
        node_ids = {each["__typename"]: each["nodeId"] for each in things}
        gateway.made[customer.id] = Made(made["id"], node_ids, batch_made["id"])


def test_every_root_field_has_a_recipe_or_is_of_no_customer(gateway: Gateway) -> None:
    roots = {each: gateway.graph.get_root_type(each) for each in OperationType}

    def fields(root: GraphQLObjectType | None) -> set[str]:
        return set(root.fields) if root else set()

    assert fields(roots[OperationType.QUERY]) == QUERIES.keys() | NOBODYS | {"node"}
    assert fields(roots[OperationType.MUTATION]) == MUTATIONS.keys() | HARMLESS_MUTATIONS
    assert fields(roots[OperationType.SUBSCRIPTION]) == STREAMS.keys()


def test_the_documents_follow_every_link_of_the_graph(gateway: Gateway) -> None:
    paths = Paths(gateway.graph, {})
    root = gateway.graph.query_type
    assert root is not None
    for name in QUERIES:
        paths.below(root.fields[name])

    payloads = {"UserError"} | {name for name in gateway.graph.type_map if name.endswith("Payload")}
    catalog = {"OfferConnection", "OfferEdge", "OfferCategory"}
    links = {
        f"{each.name}.{name}"
        for each in gateway.graph.type_map.values()
        if isinstance(each, GraphQLObjectType) and not each.name.startswith("__")
        if each.name not in {"Query", "Mutation", "Subscription"} | payloads | catalog
        for name, field in each.fields.items()
        if isinstance(get_named_type(field.type), GraphQLObjectType)
    }
    assert links <= paths.followed


async def test_queries_answer_exactly_where_a_caller_may_see_the_customer(
    gateway: Gateway,
) -> None:
    first, second, third = gateway.customers
    callers = [caller(), caller(first), caller(second, third)]
    for customer in gateway.customers:
        for name, document in gateway.documents(customer).items():
            whole = await gateway.ask(document, EVERYTHING)
            assert not (name.startswith("node") and _is_silent(whole[0])), name
            gateway.sandbox.calls.clear()
            for each in callers:
                data, errors = await gateway.ask(document, each)
                _nothing_leaks(gateway, each, data)
                if name in SHARED:
                    continue
                if customer in gateway.forbidden(each):
                    assert _is_silent(data), f"{name} of {customer.id} for {each.customers}"
                    assert {code for _, code in errors} <= REFUSALS
                else:
                    assert (data, errors) == whole


def _is_silent(data: Any) -> bool:
    """Whether nothing is there but null, or a page without a node."""
    return data is None or all(told is None or told.get("nodes") == [] for told in data.values())


def _nothing_leaks(gateway: Gateway, each: Caller, data: Any) -> None:
    """Fail where an id of a forbidden customer is in the answer, or in a call it caused."""
    text = json.dumps(data).lower()
    called = " ".join(call.path.lower() for call in gateway.sandbox.calls)
    gateway.sandbox.calls.clear()
    for customer in gateway.forbidden(each):
        made = gateway.made[customer.id]
        for secret in (customer.id, *customer.subscription_ids, made.operation_id):
            assert secret.lower() not in text
        assert customer.id.lower() not in called


async def test_lists_have_the_callers_own_customers_alone(gateway: Gateway) -> None:
    batch_id = gateway.made[gateway.customers[0].id].batch_id
    document = f"""{{
        customers(first: 100) {{ nodes {{ id }} }}
        operations {{ nodes {{ customer {{ id }} }} }}
        batch(id: "{batch_id}") {{ lines {{ nodes {{ operation {{ customer {{ id }} }} }} }} }}
        throttle {{ customerId }}
    }}"""
    for seen in ([], gateway.customers[:1], gateway.customers[1:]):
        data, errors = await gateway.ask(document, caller(*seen))
        ids = {customer.id for customer in seen}
        lines = data["batch"]["lines"]["nodes"]
        assert not errors
        assert {node["id"] for node in data["customers"]["nodes"]} == ids
        assert {node["customer"]["id"] for node in data["operations"]["nodes"]} == ids
        assert {line["operation"]["customer"]["id"] for line in lines} == ids
        assert {scope["customerId"] for scope in data["throttle"]} <= {*ids, None}


@pytest.mark.parametrize("name", MUTATIONS)
async def test_nothing_is_ordered_for_a_customer_that_is_not_the_callers(
    gateway: Gateway, name: str
) -> None:
    first, second, _ = gateway.customers
    arguments = MUTATIONS[name](first, gateway.made[first.id])
    thing = "batch" if name == "upgradeSubscriptions" else "operation"
    document = (
        f"mutation {{ {name}(input: {{{arguments}}})"
        f" {{ {thing} {{ id }} userErrors {{ code }} }} }}"
    )

    data, errors = await gateway.ask(document, caller(second))

    assert not errors
    assert data[name] == {thing: None, "userErrors": [{"code": "NOT_FOUND"}]}
    assert list(gateway.sandbox.calls) == []
    known, _ = await gateway.ask('{ operationByKey(idempotencyKey: "new") { id } }', EVERYTHING)
    assert known["operationByKey"] is None


@pytest.mark.parametrize("name", STREAMS)
async def test_streams_tell_nothing_of_a_customer_that_is_not_the_callers(
    gateway: Gateway, name: str
) -> None:
    first, second, _ = gateway.customers
    root = gateway.graph.subscription_type
    assert root is not None
    paths = Paths(gateway.graph, {})
    arguments = STREAMS[name](first, gateway.made[first.id])
    document = f"subscription {{ {name}({arguments}) {paths.below(root.fields[name])} }}"

    seen = [event async for event in _events(gateway, document, caller(first))]
    gateway.sandbox.calls.clear()
    hidden = [event async for event in _events(gateway, document, caller(second))]

    assert seen
    if name == "batch":
        assert [event["batch"]["lines"]["nodes"] for event in seen] != [[]]
    for event in hidden:
        _nothing_leaks(gateway, caller(second), event)
    assert name == "batch" or not any(hidden)


async def _events(gateway: Gateway, document: str, each: Caller) -> AsyncIterator[Any]:
    prepared = gateway.engine.prepare(document)
    async with asyncio.timeout(NEVER_S):
        stream = await gateway.engine.stream(prepared, context=gateway.contexts.create(each))
        async for event in stream:
            yield _sent(event.data)
