from typing import Any

import pytest
from graphql import (
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse,
)

from gateway.engine import Engine
from gateway.limits.cost.compile import compile_estimate
from gateway.limits.cost.estimate import CostEstimate
from resolvers.graph import build_graph
from schema.directives import find_upstream_calls
from tests.gateway.engine.comparisons import graph_comparison
from tests.gateway.limits.cost.counted_directory import CountedDirectory
from tests.support.directory import make_request_context

GRAPH = build_graph()
SCHEMA = GRAPH._schema
DOCUMENTS = 400


def _estimate(text: str) -> CostEstimate:
    definitions = parse(text).definitions
    fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
    operation = next(d for d in definitions if isinstance(d, OperationDefinitionNode))
    return compile_estimate(SCHEMA, operation, fragments)


def _calls(text: str, variables: dict[str, Any] | None = None) -> int:
    return _estimate(text).calls(variables)


async def test_no_random_document_makes_more_calls_than_estimated() -> None:
    engine = Engine(GRAPH)
    writer = graph_comparison().writer(11)
    for _ in range(DOCUMENTS):
        document = writer.document()
        directory = CountedDirectory()
        context = make_request_context(directory.as_directory(), max_page_size=500)
        await engine.execute(document.text, context=context, variables=document.variables)
        context.loaders.close()
        estimated = _calls(document.text, document.variables)
        assert directory.calls <= estimated, (document.text, document.variables)


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("{ __typename throttle { bucket } }", 0),
        ("{ __schema { types { name fields { name type { name } } } } }", 0),
        ('{ customer(id: "a") { id companyProfile { companyName } } }', 1),
        ('{ a: customer(id: "a") { id } b: customer(id: "b") { id } }', 2),
        ('{ customer(id: "a") { id } customer(id: "a") { nodeId } }', 1),
        ("{ customers(first: 7) { nodes { id } edges { node { id } } } }", 1),
        ("{ customers(first: 7) { nodes { customDomains billingProfile { id } } } }", 8),
        ("{ customers(first: 7) { nodes { customDomains companyProfile { email } } } }", 8),
        ("{ customers { nodes { subscriptions { totalCount } } } }", 21),
        (
            "{ customers(first: 3) { nodes { subscriptions(first: 2) { nodes {"
            " customer { id } parent { id } addOns { id } } } } } }",
            1 + 3 + 3,
        ),
        (
            "{ customers(first: 3) { nodes { subscriptions(first: 100) { nodes {"
            " upgrades { isEligible } } } } } }",
            1 + 3 + 3 * 20,
        ),
        (
            "{ customers(first: 3) { nodes { subscriptions(first: 4) { nodes {"
            " customer { productUpgradeEligibility { isEligible } } } } } } }",
            1 + 3 + 3 + 3,
        ),
        ('{ customer(id: "a") { subscriptions { nodes { offer { id } } } } }', 1 + 1 + 5),
        ('{ subscription(customerId: "a", id: "b") { offer { id } } }', 1 + 1),
        ('{ subscription(customerId: "a", id: "b") { customer { id } parent { id } } }', 3),
        ("{ offers(first: 9) { nodes { addOns { id } upgradeTargets { id } } } }", 1 + 9 + 5),
        ('{ node(nodeId: "a") { ... on Customer { subscriptions { totalCount } } } }', 2),
        ('{ node(nodeId: "a") { ...F } } fragment F on Customer { customDomains }', 2),
        ("{ customers(first: 3) { ... @include(if: false) { nodes { customDomains } } } }", 1),
        ("{ customers(first: 3) { ... @skip(if: false) { nodes { customDomains } } } }", 4),
        ("mutation { settleOperation(input: {}) { operation { customer { id } } } }", 1),
        ("subscription { nothing }", 0),
    ],
)
def test_an_estimate_counts_calls_page_by_page(text: str, calls: int) -> None:
    assert _calls(text) == calls


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("{ throttle { bucket } }", None, (0, "")),
        (
            "{ customers(first: 7) { nodes { customDomains } } }",
            None,
            (7, "customers.nodes.customDomains"),
        ),
        (
            "query ($n: Int = 3) { a: customers(first: $n) { nodes { subscriptions { nodes {"
            " upgrades { isEligible } transitions { operationId } } } } } }",
            {"n": 2},
            (40, "a.nodes.subscriptions.nodes.upgrades"),
        ),
        (
            "query ($with: Boolean!) { customers(first: 9) { nodes {"
            " customDomains @include(if: $with)"
            " productUpgradeEligibility { isEligible } } } }",
            {"with": False},
            (9, "customers.nodes.productUpgradeEligibility"),
        ),
    ],
)
def test_the_most_expensive_field_is_reported_with_its_path(
    text: str, variables: dict[str, Any] | None, expected: tuple[int, str]
) -> None:
    assert _estimate(text).most_expensive_field(variables) == expected


WITH_VARIABLES = """
query ($n: Int = 3, $with: Boolean! = true, $without: Boolean! = false) {
  customers(first: $n) {
    nodes { customDomains @include(if: $with) ... @skip(if: $without) { customDomains } }
  }
}
"""


@pytest.mark.parametrize(
    ("variables", "calls"),
    [
        (None, 1 + 3),
        ({"n": 8}, 1 + 8),
        ({"n": None}, 1 + 20),
        ({"n": "many"}, 1 + 20),
        ({"n": -1}, 1 + 20),
        ({"n": [1]}, 1 + 20),
        ({"with": False}, 1 + 3),
        ({"with": False, "without": True}, 1),
    ],
    ids=str,
)
def test_an_estimate_depends_on_variables(variables: dict[str, Any] | None, calls: int) -> None:
    assert _calls(WITH_VARIABLES, variables) == calls


def test_lists_with_costs_below_them_declare_a_size() -> None:
    # Without a size they count as one object. The size of a connection is its `first`.
    types = _types_above_costs()
    unsized = [
        f"{type_.name}.{name}"
        for type_ in _objects()
        for name, field in type_.fields.items()
        if _is_list(field.type)
        and get_named_type(field.type).name in types
        and not type_.name.endswith("Connection")
        and not (cost := find_upstream_calls(field.extensions["strawberry-definition"].directives))
        and cost is None
    ]
    assert unsized == []


def _objects() -> list[GraphQLObjectType]:
    types = SCHEMA.type_map.values()
    return [t for t in types if isinstance(t, GraphQLObjectType) and not t.name.startswith("__")]


def _is_list(type_: GraphQLOutputType) -> bool:
    return is_list_type(get_nullable_type(type_))


def _types_above_costs() -> set[str]:
    """Return the types from which a field with a cost can be reached."""
    found: set[str] = set()
    while True:
        more = {
            type_.name
            for type_ in _objects()
            for field in type_.fields.values()
            if find_upstream_calls(field.extensions["strawberry-definition"].directives)
            or get_named_type(field.type).name in found
        }
        if more <= found:
            return found
        found |= more
