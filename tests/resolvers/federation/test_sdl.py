from graphql import parse, print_ast

from resolvers.federation.entities import KEYS
from resolvers.federation.sdl import print_subgraph
from resolvers.federation.subgraph import subgraph_sdl
from resolvers.graph import build_graph

GRAPH = """
type Query {
  offers(first: Int): OfferConnection
    @requiresScope(scope: "upgrades:read") @upstreamCalls(calls: 1)
}
type Customer { addOns: [Offer!] @upstreamCalls(calls: 2, size: 5) name: String }
type PageInfo { endCursor: String }
"""


def definitions(sdl: str) -> dict[str, str]:
    """Return the text of each definition by its name, or by its kind."""
    found = {}
    for each in parse(sdl).definitions:
        name = getattr(each, "name", None)
        found[each.kind if name is None else name.value] = print_ast(each)
    return found


def test_types_get_keys_and_fields_get_scopes_costs_and_sizes() -> None:
    found = definitions(print_subgraph(GRAPH))
    assert 'import: ["@key", "@shareable"' in found["schema_extension"]
    assert '@requiresScopes(scopes: [["upgrades:read"]])' in found["Query"]
    assert '@tag(name: "upgrades-read") @cost(weight: 1)' in found["Query"]
    assert '@listSize(slicingArguments: ["first"], sizedFields: ["nodes"]' in found["Query"]
    assert 'type Customer @key(fields: "id") @key(fields: "nodeId")' in found["Customer"]
    assert "@cost(weight: 2) @listSize(assumedSize: 5)" in found["Customer"]
    assert "  name: String\n" in found["Customer"]
    assert "type PageInfo @shareable" in found["PageInfo"]


def test_every_node_is_an_entity() -> None:
    found = definitions(build_graph().as_str())
    nodes = {name for name, text in found.items() if " implements Node " in text}
    assert nodes == set(KEYS)


def test_the_fields_for_routers_are_not_part_of_the_subgraph() -> None:
    query = definitions(subgraph_sdl())["Query"]
    assert "_entities" not in query
    assert "_service" not in query
