import pytest

from resolvers.nodes import find_node
from resolvers.request_loaders import RequestLoaders
from schema.customer import Customer
from schema.customer_subscription import CustomerSubscription
from schema.errors import InvalidInput
from schema.keys import Market
from schema.node import encode_node_id
from schema.offer import Offer
from tests.support.batches import EmptyBatches
from tests.support.directory import (
    StubDirectory,
    guid,
    make_full_customer,
    make_offer,
    make_subscription,
)
from tests.support.empty_ports import empty_ports
from tests.support.operations import EmptyOperations

MARKET = Market("DE", "de-DE")


def directory() -> StubDirectory:
    return StubDirectory(
        customer=make_full_customer(1),
        subscription=make_subscription(guid(1), 2),
        offers=[make_offer("MS-AZR-0145P", MARKET)],
    )


@pytest.mark.parametrize(
    "node",
    [make_full_customer(1), make_subscription(guid(1), 2), make_offer("MS-AZR-0145P", MARKET)],
    ids=lambda node: type(node).__name__,
)
async def test_a_node_is_read_again_by_its_node_id(
    node: Customer | CustomerSubscription | Offer,
) -> None:
    source = directory()
    found = await find_node(
        RequestLoaders(source, empty_ports),
        EmptyOperations(),
        EmptyBatches(),
        node.node_id(),
    )
    assert type(found) is type(node)
    assert found.node_id() == node.node_id()
    assert len(source.calls) == 1


@pytest.mark.parametrize(
    ("node_id", "message"),
    [
        (
            encode_node_id("UpgradeError", "1"),
            "for the type 'UpgradeError', whose objects have no nodeId",
        ),
        (encode_node_id("Customer"), "for the type 'Customer'"),
        (encode_node_id("Customer", "x"), "nodeId must be a GUID"),
        (encode_node_id("CustomerSubscription", guid(1), "x"), "nodeId must be a GUID"),
        (encode_node_id("Offer", "a:b", "US", "en-US"), "nodeId must be the id of a legacy offer"),
        (encode_node_id("Offer", "a", "USA", "en-US"), "country must be an ISO 3166 code"),
        ("never", "nodeId must be a nodeId that this graph returned"),
    ],
)
async def test_an_invalid_node_id_is_refused_without_a_call(node_id: str, message: str) -> None:
    source = directory()
    with pytest.raises(InvalidInput, match=message):
        await find_node(
            RequestLoaders(source, empty_ports),
            EmptyOperations(),
            EmptyBatches(),
            node_id,
        )
    assert not source.calls
