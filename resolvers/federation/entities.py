"""Resolves representations of entities, which a router sends.

Source: https://www.apollographql.com/docs/graphos/reference/federation/subgraph-specific-fields
"""

from collections.abc import Mapping
from typing import Any, Final

from resolvers.batch_mutations import get_batch
from resolvers.context import RequestContext
from resolvers.nodes import find_node
from resolvers.operation_queries import get_operation
from schema import arguments
from schema.errors import InvalidInput
from schema.keys import CustomerKey, OfferKey, SubscriptionKey
from schema.node import Node, decode_node_id
from schema.quoting import quote

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "Customer": ("id", "nodeId"),
    "CustomerSubscription": ("id customer { id }", "nodeId"),
    "Offer": ("id country locale", "nodeId"),
    "UpgradeOperation": ("id", "nodeId"),
    "UpgradeBatch": ("id", "nodeId"),
}
"""The keys of each entity. Operations and batches are found only by their owners."""


async def resolve_entity(context: RequestContext, representation: object) -> Node:
    """Load the object that a router describes by its `nodeId` or the members of another key.

    Raises InvalidInput if the representation has no key of its type.
    """
    if not isinstance(representation, Mapping):
        raise InvalidInput("A representation must be an object with __typename and a key.")
    typename, node_id = representation.get("__typename"), representation.get("nodeId")
    if not isinstance(typename, str) or typename not in KEYS:
        raise InvalidInput(f"__typename {quote(str(typename))} is not an entity of this graph.")
    if isinstance(node_id, str):
        if decode_node_id(node_id)[0] != typename:
            raise InvalidInput(f"The nodeId of a {typename} representation is of another type.")
        return await find_node(context.loaders, context.operations, context.batches, node_id)
    return await _find_by_key(context, typename, representation)


async def _find_by_key(context: RequestContext, typename: str, members: Mapping[str, Any]) -> Node:
    loaders = context.loaders
    match typename, members:
        case "Customer", {"id": str(id)}:
            key = CustomerKey(arguments.parse_guid("id", id))
            return await loaders.full_customer.load(key)
        case "CustomerSubscription", {"id": str(id), "customer": {"id": str(customer_id)}}:
            return await loaders.subscription.load(
                SubscriptionKey(
                    arguments.parse_guid("customer.id", customer_id),
                    arguments.parse_guid("id", id),
                )
            )
        case "Offer", {"id": str(id), "country": str(country), "locale": str(locale)}:
            market = arguments.parse_market(country, locale)
            return await loaders.offer.load(OfferKey(arguments.parse_offer_id("id", id), market))
        case "UpgradeOperation", {"id": str(id)}:
            return await get_operation(context.operations, id)
        case "UpgradeBatch", {"id": str(id)}:
            return await get_batch(context.batches, id)
    raise InvalidInput(
        f"A {typename} representation needs the members of one of its keys:"
        f" {' or '.join(f'`{key}`' for key in KEYS[typename])}."
    )
