"""Reads an object by its `nodeId`."""

from resolvers.batch_mutations import get_batch
from resolvers.operation_queries import get_operation
from resolvers.ports.batches import Batches
from resolvers.ports.operations import Operations
from resolvers.request_loaders import RequestLoaders
from schema import arguments
from schema.errors import InvalidInput
from schema.keys import CustomerKey, OfferKey, SubscriptionKey
from schema.node import Node, decode_node_id
from schema.quoting import quote


async def find_node(
    loaders: RequestLoaders, operations: Operations, batches: Batches, node_id: str
) -> Node:
    """Load the object with this id. Raises InvalidInput if no type of node has such an id."""
    typename, parts = decode_node_id(node_id)
    match typename, parts:
        case "Customer", (customer_id,):
            return await loaders.full_customer.load(
                CustomerKey(arguments.parse_guid("nodeId", customer_id))
            )
        case "CustomerSubscription", (customer_id, subscription_id):
            return await loaders.subscription.load(
                SubscriptionKey(
                    arguments.parse_guid("nodeId", customer_id),
                    arguments.parse_guid("nodeId", subscription_id),
                )
            )
        case "Offer", (offer_id, country, locale):
            return await loaders.offer.load(
                OfferKey(
                    arguments.parse_offer_id("nodeId", offer_id),
                    arguments.parse_market(country, locale),
                )
            )
        case "UpgradeOperation", (operation_id,):
            return await get_operation(operations, operation_id)
        case "UpgradeBatch", (batch_id,):
            return await get_batch(batches, batch_id)
    raise InvalidInput(f"nodeId is for the type {quote(typename)}, whose objects have no nodeId.")
