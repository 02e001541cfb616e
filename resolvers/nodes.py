"""Finds anything by its `nodeId`."""

from resolvers.batches import one_batch
from resolvers.loaders import RequestLoaders
from resolvers.operations import one_operation
from resolvers.ports.batches import Batches
from resolvers.ports.operations import Operations
from schema import arguments
from schema.keys import CustomerKey, OfferKey, SubscriptionKey
from schema.node import Node, decode_node_id
from schema.problems import BadInput
from schema.quoting import quote


async def find_node(
    loaders: RequestLoaders, operations: Operations, batches: Batches, node_id: str
) -> Node:
    """Load what the id names. Raises BadInput for an id of no type of this graph."""
    typename, parts = decode_node_id(node_id)
    match typename, parts:
        case "Customer", (customer_id,):
            return await loaders.whole_customer.load(
                CustomerKey(arguments.guid("nodeId", customer_id))
            )
        case "CustomerSubscription", (customer_id, subscription_id):
            return await loaders.subscription.load(
                SubscriptionKey(
                    arguments.guid("nodeId", customer_id),
                    arguments.guid("nodeId", subscription_id),
                )
            )
        case "Offer", (offer_id, country, locale):
            return await loaders.offer.load(
                OfferKey(arguments.offer_id("nodeId", offer_id), arguments.market(country, locale))
            )
        case "UpgradeOperation", (operation_id,):
            return await one_operation(operations, operation_id)
        case "UpgradeBatch", (batch_id,):
            return await one_batch(batches, batch_id)
    raise BadInput(f"nodeId names a {quote(typename)}, of which there are no nodes.")
