"""Every caller sees the data of its own customers only, on every path of the graph.

The documents are generated from the schema, so a new root field, or a field with new required
arguments, fails until it has arguments here. All callers are one principal; only their customers
differ.
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
from gateway.families.write_services import WriteServices
from gateway.limits.factory import build_limits
from gateway.observability.metrics import Metrics
from gateway.request_context import RequestContextFactory
from gateway.sandbox.app import Sandbox
from gateway.sandbox.options import SandboxOptions, ThrottleOptions
from gateway.upstream.partner_center import PartnerCenter
from resolvers.graph import build_graph
from schema.scopes import ALL_SCOPES
from tests.support.exhaustive_queries import ExhaustiveQueries
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.long_timeouts import long_timeout_settings
from tests.support.server import serving
from tests.support.waiting import HANG_TIMEOUT_S

PRINCIPAL: Final = "principal-1"
NO_LIMIT: Final = 100_000
# Different in every response.
VOLATILE: Final = {"previewToken", "expiresAt"}
CATALOG_FIELDS: Final = {"offer", "offers", "offerCategories", "product", "sku"}
"""Root fields of the catalog, which belongs to no customer."""

PARTNER_FIELDS: Final = {
    "webhookEventNames": "{ webhookEventNames }",
    "webhookRegistration": "{ webhookRegistration { webhookUrl } }",
    "webhookValidationEvent": (
        '{ webhookValidationEvent(correlationId: "04af2aea-d413-42db-824e-f328001484d1")'
        " { status } }"
    ),
}
"""Root fields that belong to the partner, with a document of each."""

ARGUMENTS: Final = {
    "Customer.customTermEndDates": '(termDuration: "P1Y")',
    "Customer.promotions": (
        '(input: {catalogItemId: "A:0001:B", quantity: 1, termDuration: "P1Y",'
        " billingCycle: MONTHLY})"
    ),
}
"""The arguments of fields that require some."""

DENIALS: Final = {"FORBIDDEN", "NOT_FOUND"}


@dataclass(frozen=True, slots=True)
class TenantCustomer:
    """A customer, with the ids that the documents use."""

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
class CustomerOperations:
    """The ids of what was ordered for a customer before the tests."""

    operation_id: str
    node_ids: Mapping[str, str]
    batch_id: str


Recipe = Callable[[TenantCustomer, CustomerOperations], str]

QUERIES: Final[Mapping[str, Recipe]] = {
    "customer": lambda c, m: f'id: "{c.id}"',
    "subscription": lambda c, m: f'customerId: "{c.id}", id: "{c.subscription_id}"',
    "productUpgradeEligibility": lambda c, m: c.request,
    "productUpgradeStatus": lambda c, m: f'upgradeId: "{c.product_upgrade_id}", {c.request}',
    "auditRecords": lambda c, m: f'customerId: "{c.id}", day: "2026-01-31"',
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
# The tests read `node` once for each type.
STREAMS: Final[Mapping[str, Recipe]] = {
    "operation": QUERIES["operation"],
    "batch": QUERIES["batch"],
    "productUpgradeStatus": QUERIES["productUpgradeStatus"],
}
# The members of the input; each names the customer, or an operation of it.
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
    "scheduleUpgrade": lambda c, m: (
        f'customerId: "{c.id}", subscriptionId: "{c.subscription_id}", idempotencyKey: "new",'
        " quantity: 1"
    ),
    "cancelScheduledUpgrade": lambda c, m: (
        f'customerId: "{c.id}", subscriptionId: "{c.subscription_id}", idempotencyKey: "new"'
    ),
    "upgradeSubscriptions": lambda c, m: (
        f'lines: [{{customerId: "{c.id}", subscriptionId: "{c.subscription_id}",'
        f' targetOfferId: "{c.subscription_id}", upgradeType: UPGRADE_ONLY}}],'
        ' idempotencyKey: "new"'
    ),
    "settleOperation": lambda c, m: f'operationId: "{m.operation_id}", outcome: DONE, note: "n"',
}
HARMLESS_MUTATIONS: Final = {"cancelBatch"}
"""Mutations that name no customer; cancelling a batch sends nothing."""
SHARED: Final = {"customers", "batch", "batchByKey", "batches", "node UpgradeBatch", "throttle"}
"""Fields that every caller can read, and that contain only the caller's own customers."""


@dataclass
class InProcessGateway:
    """The parts that execute requests, without HTTP, for any caller."""

    contexts: RequestContextFactory
    engine: Engine
    graph: GraphQLSchema
    sandbox: Sandbox
    customers: list[TenantCustomer]
    orders: dict[str, CustomerOperations]

    async def execute(self, document: str, caller: Caller) -> tuple[dict[str, Any], set[Any]]:
        """Return the data, and the errors as (path, code). Fails for faults."""
        context = self.contexts.create(caller)
        result = await self.engine.execute(document, context=context)
        presented = format_errors(result.errors or (), "")
        errors = {(tuple(e.path or (e.message,)), (e.extensions or {})["code"]) for e in presented}
        assert INTERNAL not in {code for _, code in errors}, result.errors
        return _comparable(_decoded(result.data)), errors

    def forbidden(self, caller: Caller) -> Iterator[TenantCustomer]:
        """Yield the customers that a caller must not see."""
        for customer in self.customers:
            if caller.customers is not None and customer.id not in caller.customers:
                yield customer

    def documents(self, customer: TenantCustomer) -> dict[str, str]:
        """Return, by root field, a document that follows every path, for one customer."""
        orders, root = self.orders[customer.id], self.graph.query_type
        assert root is not None
        paths = ExhaustiveQueries(self.graph, ARGUMENTS)
        documents = {
            name: f"{name}{_parenthesised(recipe(customer, orders))}"
            f" {paths.select_below(root.fields[name])}"
            for name, recipe in QUERIES.items()
        }
        for typename, node_id in orders.node_ids.items():
            documents[f"node {typename}"] = f'node(nodeId: "{node_id}") {paths.select_on(typename)}'
        return {name: f"{{ {each} }}" for name, each in documents.items()}


def caller(*customers: TenantCustomer) -> Caller:
    """Return a caller that may see only these customers."""
    return Caller(PRINCIPAL, ALL_SCOPES, frozenset(each.id for each in customers))


UNRESTRICTED: Final = Caller(PRINCIPAL, ALL_SCOPES, None)


def _parenthesised(arguments: str) -> str:
    return f"({arguments})" if arguments else ""


def _decoded(data: Any) -> Any:
    """Encode and decode, as for a client."""
    return msgspec.json.decode(msgspec.json.encode(data))


def _comparable(data: Any) -> Any:
    """Remove what differs in every response."""
    if isinstance(data, Mapping):
        return {name: _comparable(each) for name, each in data.items() if name not in VOLATILE}
    return [_comparable(each) for each in data] if isinstance(data, list) else data


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[InProcessGateway]:
    sandbox = frozen_clock_sandbox(SandboxOptions(throttle=ThrottleOptions(enabled=False)))
    async with serving(sandbox) as url:
        settings = long_timeout_settings(
            {
                "partner": {"base_url": url},
                "database_url": f"sqlite:///{tmp_path}/operations.db",
                "limits": {
                    "max_tokens": NO_LIMIT,
                    "max_depth": 100,
                    "max_selections": NO_LIMIT,
                    "max_root_fields": 100,
                    "max_aliases": 100,
                    "max_upstream_calls": NO_LIMIT,
                },
            }
        )
        schema = build_graph()
        limits = build_limits(schema, settings, SystemClock())
        clock = SystemClock()
        upstream = PartnerCenter(settings, Metrics().upstream_calls.observe, clock)
        writes = WriteServices(settings, upstream, clock, lambda: NO_LIMIT)
        await writes.runtime.start()
        contexts = RequestContextFactory(settings, limits, upstream, writes, clock)
        started = InProcessGateway(
            contexts, limits.current.engine, unwrap_schema(schema), sandbox, [], {}
        )
        await _find_customers(started)
        await _place_orders(started)
        sandbox.calls.clear()
        yield started
        await writes.runtime.stop(1.0)
        await upstream.client.aclose()


async def _find_customers(gateway: InProcessGateway) -> None:
    """Find three customers with subscriptions and a finished product upgrade."""
    examples = gateway.sandbox.world.examples
    upgrades = {
        examples.customer_id: examples.completed_product_upgrade_id,
        examples.completed_product_upgrade_customer_id: examples.completed_product_upgrade_id,
        examples.failed_product_upgrade_customer_id: examples.failed_product_upgrade_id,
    }
    for customer_id, upgrade_id in upgrades.items():
        document = f'{{ customer(id: "{customer_id}") {{ subscriptions {{ nodes {{ id }} }} }} }}'
        data, _ = await gateway.execute(document, UNRESTRICTED)
        held = tuple(node["id"] for node in data["customer"]["subscriptions"]["nodes"])
        gateway.customers.append(TenantCustomer(customer_id, held, upgrade_id))


async def _place_orders(gateway: InProcessGateway) -> None:
    """Order an upgrade for each customer, and a batch for all of them."""
    lines = ", ".join(
        f'{{customerId: "{c.id}", subscriptionId: "{c.subscription_id}", upgradeType: UPGRADE_ONLY,'
        f' targetOfferId: "{c.subscription_id}"}}'
        for c in gateway.customers
    )
    place_batch = f'upgradeSubscriptions(input: {{idempotencyKey: "all", lines: [{lines}]}})'
    data, _ = await gateway.execute(
        f"mutation {{ {place_batch}"
        " { batch { __typename id nodeId } userErrors { message } } }",
        UNRESTRICTED,
    )
    batch = data["upgradeSubscriptions"]["batch"]
    for customer in gateway.customers:
        order = MUTATIONS["upgradeSubscription"](customer, CustomerOperations("", {}, ""))
        order = order.replace('"new"', f'"{customer.key}"')
        selections = (
            "operation { __typename id nodeId customer { __typename nodeId }"
            " sourceSubscription { __typename nodeId } }"
        )
        document = f"mutation {{ upgradeSubscription(input: {{{order}}}) {{ {selections} }} }}"
        data, errors = await gateway.execute(document, UNRESTRICTED)
        assert not errors
        operation = data["upgradeSubscription"]["operation"]
        nodes = [operation, operation["customer"], operation["sourceSubscription"], batch]
        node_ids = {node["__typename"]: node["nodeId"] for node in nodes}
        gateway.orders[customer.id] = CustomerOperations(operation["id"], node_ids, batch["id"])


def test_every_root_field_is_tested_or_belongs_to_no_customer(gateway: InProcessGateway) -> None:
    roots = {each: gateway.graph.get_root_type(each) for each in OperationType}

    def fields(root: GraphQLObjectType | None) -> set[str]:
        return set(root.fields) if root else set()

    assert fields(roots[OperationType.QUERY]) == {
        *QUERIES,
        *CATALOG_FIELDS,
        *PARTNER_FIELDS,
        "node",
    }
    assert fields(roots[OperationType.MUTATION]) == MUTATIONS.keys() | HARMLESS_MUTATIONS
    assert fields(roots[OperationType.SUBSCRIPTION]) == STREAMS.keys()


def test_the_documents_follow_every_link_of_the_graph(gateway: InProcessGateway) -> None:
    paths = ExhaustiveQueries(gateway.graph, ARGUMENTS)
    root = gateway.graph.query_type
    assert root is not None
    for name in QUERIES:
        paths.select_below(root.fields[name])

    payloads = {"UserError"} | {name for name in gateway.graph.type_map if name.endswith("Payload")}
    catalog = {"WebhookValidationEvent", "OfferConnection", "OfferEdge", "OfferCategory"}
    links = {
        f"{each.name}.{name}"
        for each in gateway.graph.type_map.values()
        if isinstance(each, GraphQLObjectType) and not each.name.startswith("__")
        if each.name not in {"Query", "Mutation", "Subscription"} | payloads | catalog
        for name, field in each.fields.items()
        if isinstance(get_named_type(field.type), GraphQLObjectType)
    }
    assert links <= paths.links


async def test_queries_return_data_only_if_the_caller_may_see_the_customer(
    gateway: InProcessGateway,
) -> None:
    first, second, third = gateway.customers
    callers = [caller(), caller(first), caller(second, third)]
    for customer in gateway.customers:
        for name, document in gateway.documents(customer).items():
            complete = await gateway.execute(document, UNRESTRICTED)
            assert not (name.startswith("node") and _has_no_data(complete[0])), name
            gateway.sandbox.calls.clear()
            for each in callers:
                data, errors = await gateway.execute(document, each)
                _require_no_leak(gateway, each, data)
                if name in SHARED:
                    continue
                if customer in gateway.forbidden(each):
                    assert _has_no_data(data), f"{name} of {customer.id} for {each.customers}"
                    assert {code for _, code in errors} <= DENIALS
                else:
                    assert (data, errors) == complete


def _has_no_data(data: Any) -> bool:
    """Whether the data consists only of nulls and empty pages."""
    return data is None or all(value is None or value.get("nodes") == [] for value in data.values())


def _require_no_leak(gateway: InProcessGateway, each: Caller, data: Any) -> None:
    """Fail if an id of a forbidden customer is in the data or in an upstream call."""
    text = json.dumps(data).lower()
    called = " ".join(call.path.lower() for call in gateway.sandbox.calls)
    gateway.sandbox.calls.clear()
    for customer in gateway.forbidden(each):
        orders = gateway.orders[customer.id]
        for secret in (customer.id, *customer.subscription_ids, orders.operation_id):
            assert secret.lower() not in text
        assert customer.id.lower() not in called


@pytest.mark.parametrize("document", PARTNER_FIELDS.values(), ids=PARTNER_FIELDS)
async def test_what_belongs_to_the_partner_needs_access_to_all_customers(
    gateway: InProcessGateway, document: str
) -> None:
    gateway.sandbox.calls.clear()
    data, errors = await gateway.execute(document, caller(*gateway.customers))
    assert list((data or {}).values()) == [None]
    assert {code for _, code in errors} == {"FORBIDDEN"}
    assert list(gateway.sandbox.calls) == []


async def test_lists_contain_only_the_callers_own_customers(gateway: InProcessGateway) -> None:
    batch_id = gateway.orders[gateway.customers[0].id].batch_id
    document = f"""{{
        customers(first: 100) {{ nodes {{ id }} }}
        operations {{ nodes {{ customer {{ id }} }} }}
        batch(id: "{batch_id}") {{ lines {{ nodes {{ operation {{ customer {{ id }} }} }} }} }}
        throttle {{ customerId }}
    }}"""
    for seen in ([], gateway.customers[:1], gateway.customers[1:]):
        data, errors = await gateway.execute(document, caller(*seen))
        ids = {customer.id for customer in seen}
        lines = data["batch"]["lines"]["nodes"]
        assert not errors
        assert {node["id"] for node in data["customers"]["nodes"]} == ids
        assert {node["customer"]["id"] for node in data["operations"]["nodes"]} == ids
        assert {line["operation"]["customer"]["id"] for line in lines} == ids
        assert {scope["customerId"] for scope in data["throttle"]} <= {*ids, None}


@pytest.mark.parametrize("name", MUTATIONS)
async def test_nothing_is_ordered_for_the_customer_of_another_caller(
    gateway: InProcessGateway, name: str
) -> None:
    first, second, _ = gateway.customers
    arguments = MUTATIONS[name](first, gateway.orders[first.id])
    thing = "batch" if name == "upgradeSubscriptions" else "operation"
    document = (
        f"mutation {{ {name}(input: {{{arguments}}})"
        f" {{ {thing} {{ id }} userErrors {{ code }} }} }}"
    )

    data, errors = await gateway.execute(document, caller(second))

    assert not errors
    assert data[name] == {thing: None, "userErrors": [{"code": "NOT_FOUND"}]}
    assert list(gateway.sandbox.calls) == []
    known, _ = await gateway.execute(
        '{ operationByKey(idempotencyKey: "new") { id } }', UNRESTRICTED
    )
    assert known["operationByKey"] is None


@pytest.mark.parametrize(
    "mutation", ["upgradeSubscription", "requestProductUpgrade", "transitionSubscription"]
)
async def test_no_order_is_previewed_for_the_customer_of_another_caller(
    gateway: InProcessGateway, mutation: str
) -> None:
    first, second, _ = gateway.customers
    order = MUTATIONS[mutation](first, gateway.orders[first.id])
    members = order.replace('idempotencyKey: "new"', "")
    document = f"{{ upgradePreview(input: {{{members}}}) {{ previewToken targetName }} }}"

    data, errors = await gateway.execute(document, caller(second))

    assert data == {"upgradePreview": None}
    assert errors == {(("upgradePreview",), "FORBIDDEN")}
    assert list(gateway.sandbox.calls) == []


@pytest.mark.parametrize("name", STREAMS)
async def test_streams_contain_nothing_of_the_customer_of_another_caller(
    gateway: InProcessGateway, name: str
) -> None:
    first, second, _ = gateway.customers
    root = gateway.graph.subscription_type
    assert root is not None
    paths = ExhaustiveQueries(gateway.graph, ARGUMENTS)
    arguments = STREAMS[name](first, gateway.orders[first.id])
    document = f"subscription {{ {name}({arguments}) {paths.select_below(root.fields[name])} }}"

    seen = [event async for event in _events(gateway, document, caller(first))]
    gateway.sandbox.calls.clear()
    hidden = [event async for event in _events(gateway, document, caller(second))]

    assert seen
    if name == "batch":
        assert [event["batch"]["lines"]["nodes"] for event in seen] != [[]]
    for event in hidden:
        _require_no_leak(gateway, caller(second), event)
    assert name == "batch" or not any(hidden)


async def _events(gateway: InProcessGateway, document: str, each: Caller) -> AsyncIterator[Any]:
    prepared = gateway.engine.prepare(document)
    async with asyncio.timeout(HANG_TIMEOUT_S):
        stream = await gateway.engine.stream(prepared, context=gateway.contexts.create(each))
        async for event in stream:
            yield _decoded(event.data)
