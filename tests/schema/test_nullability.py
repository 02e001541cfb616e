"""Fields that read from elsewhere may be null, so that an error affects only its own field."""

from graphql import GraphQLObjectType, is_non_null_type
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from gateway.engine.graphql_internals import unwrap_schema
from resolvers.graph import build_graph
from schema.directives import find_upstream_calls


def test_every_root_field_of_queries_and_mutations_may_be_null() -> None:
    graph = unwrap_schema(build_graph())
    for root in (graph.query_type, graph.mutation_type):
        assert root is not None
        assert [name for name, f in root.fields.items() if is_non_null_type(f.type)] == []


def test_every_asynchronous_field_may_be_null() -> None:
    graph = unwrap_schema(build_graph())
    waited_for = {
        f"{each.name}.{name}": field
        for each in graph.type_map.values()
        if isinstance(each, GraphQLObjectType) and not each.name.startswith("__")
        if each is not graph.subscription_type
        for name, field in each.fields.items()
        if _is_waited_for(field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF])
    }
    assert {"Query.customers", "UpgradeBatch.lines", "CustomerSubscription.offer"} <= set(
        waited_for
    )
    assert [name for name, field in waited_for.items() if is_non_null_type(field.type)] == []


def _is_waited_for(definition: StrawberryField) -> bool:
    """Whether the field is resolved by a coroutine or by the future of a call."""
    resolver, cost = definition.base_resolver, find_upstream_calls(definition.directives)
    return (resolver is not None and resolver.is_async) or (cost is not None and cost.calls > 0)
