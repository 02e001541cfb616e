"""ProductUpgradeRequest with every member that the contract lists (5.3)."""

import json

import msgspec

from gateway.operations.model.record import hash_json, hash_order
from gateway.upstream.models.product_upgrade import encode_request
from resolvers.orders import ProductUpgradeOrder
from schema import arguments
from schema.keys import ProductUpgradeKey
from schema.mutation_types import RequestProductUpgradeInput
from schema.product_upgrade import ProductUpgradeRequest
from schema.resource import ResourceAttributesInput
from tests.support.directory import guid

ATTRIBUTES = ResourceAttributesInput(object_type="ProductUpgradeRequest")
PLAIN = {"customerId": guid(1), "productFamily": "azure"}
WHOLE = {**PLAIN, "attributes": {"objectType": "ProductUpgradeRequest"}}


def parse_order(attributes: ResourceAttributesInput | None) -> ProductUpgradeOrder:
    return ProductUpgradeOrder.parse(
        RequestProductUpgradeInput(
            idempotency_key="key-1",
            customer_id=guid(1),  # type: ignore[arg-type]
            attributes=attributes,
        )
    )


def test_attributes_of_an_eligibility_request_are_sent() -> None:
    request = ProductUpgradeRequest(customer_id=guid(1), attributes=ATTRIBUTES)  # type: ignore[arg-type]
    assert json.loads(encode_request(arguments.parse_product_upgrade_key(request))) == WHOLE


def test_attributes_of_an_order_are_recorded_and_sent() -> None:
    recorded = msgspec.to_builtins(parse_order(ATTRIBUTES))
    assert (
        json.loads(encode_request(msgspec.convert(recorded, ProductUpgradeOrder).product)) == WHOLE
    )


def test_an_order_without_attributes_is_recorded_as_it_was_before_there_were_any() -> None:
    order = parse_order(None)
    product = {"customer_id": guid(1), "product_family": "azure"}
    assert msgspec.to_builtins(order) == {"preview": None, "product": product}
    assert hash_order(order) == hash_json([order.kind, {"product": product}])
    assert json.loads(encode_request(order.product)) == PLAIN


def test_attributes_do_not_identify_an_upgrade() -> None:
    assert (
        parse_order(ATTRIBUTES).product.normalized == ProductUpgradeKey(guid(1), "AZURE").normalized
    )
