"""Every part of the graph has a description."""

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
)

from resolvers.graph import build_graph


def undescribed() -> Iterator[str]:
    """Yield every type, field, argument and enum value without a description."""
    graph = build_schema(build_graph().as_str())
    for kind in graph.type_map.values():
        if kind.name.startswith("__") or kind.name in {"String", "Int", "Float", "Boolean", "ID"}:
            continue
        if not kind.description:
            yield kind.name
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{kind.name}.{n}" for n, v in kind.values.items() if not v.description)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                if not field.description:
                    yield f"{kind.name}.{name}"
                arguments = getattr(field, "args", {})
                yield from (
                    f"{kind.name}.{name}({a})" for a, v in arguments.items() if not v.description
                )


async def test_introspection_has_the_description_of_the_graph() -> None:
    result = await build_graph().execute("{ __schema { description } }")
    assert result.data is not None
    described = result.data["__schema"]["description"]
    assert "SPEND MONEY" in described
    assert build_schema(build_graph().as_str()).description == described


def test_everything_in_the_graph_is_described() -> None:
    assert list(undescribed()) == []
