"""The graph with the fields that a router needs."""

from collections.abc import Awaitable
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, NewType, TypeAlias, cast

import strawberry
from graphql import GraphQLUnionType

from resolvers.context import RequestContext
from resolvers.federation.entities import resolve_entity
from resolvers.federation.sdl import print_subgraph
from resolvers.graph import Graph, build_graph
from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.subscription import Subscription
from schema.batch import UpgradeBatch
from schema.customer import Customer
from schema.customer_subscription import CustomerSubscription
from schema.directives import ONE_CALL, REQUIRES_READ
from schema.node import Node
from schema.offer import Offer
from schema.operation import UpgradeOperation
from schema.scalars import CONFIG

Representation = NewType("Representation", object)
Entity: TypeAlias = Annotated[
    Customer | CustomerSubscription | Offer | UpgradeOperation | UpgradeBatch,
    strawberry.union("_Entity", description="An object that other subgraphs can extend."),
]


@cache
def subgraph_sdl() -> str:
    """Return the SDL of the graph with the directives of federation."""
    return print_subgraph(build_graph().as_str())


@strawberry.type(name="_Service", description="This subgraph.")
class SubgraphService:
    @strawberry.field(description="The schema, with the directives of Apollo Federation.")
    def sdl(self) -> str:
        return subgraph_sdl()


@strawberry.type(name="Query", description="Queries, and the fields that a router needs.")
class SubgraphQuery(Query):
    @strawberry.field(
        name="_service",
        description="This subgraph. Requires what introspection requires.",
        directives=REQUIRES_READ,
    )
    def service(self) -> SubgraphService:
        return SubgraphService()

    @strawberry.field(
        name="_entities",
        description="The entities of representations, in their order; null where one is not found.",
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    def entities(
        self,
        info: strawberry.Info[RequestContext, None],
        representations: Annotated[
            list[Representation],
            strawberry.argument(description="`__typename` and the members of a key, for each."),
        ],
    ) -> list[Entity | None]:
        found: list[Awaitable[Node]] = [
            resolve_entity(info.context, each) for each in representations
        ]
        # Each item has a value or an error of its own.
        return cast("list[Entity | None]", found)


class Subgraph(Graph):
    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        entity = cast("GraphQLUnionType", self._schema.type_map["_Entity"])
        entity.resolve_type = Node.resolve_type


def build_subgraph(*, suggests_fields: bool = True) -> Subgraph:
    """Build the graph, with the additional root fields `_service` and `_entities`."""
    representation = strawberry.scalar(
        name="_Any", description="`__typename` and the members of a key, as an object."
    )
    return Subgraph(
        query=SubgraphQuery,
        mutation=Mutation,
        subscription=Subscription,
        config=replace(
            CONFIG,
            disable_field_suggestions=not suggests_fields,
            scalar_map={**CONFIG.scalar_map, Representation: representation},
        ),
    )
