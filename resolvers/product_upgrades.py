"""What names a product upgrade among the arguments."""

from typing import Annotated

import strawberry

from schema import arguments
from schema.keys import ProductUpgradeKey, ProductUpgradeStatusKey
from schema.product_upgrade import ProductUpgradeRequest

Request = Annotated[
    ProductUpgradeRequest, strawberry.argument(description="Whose products, and of which family.")
]
UpgradeId = Annotated[strawberry.ID, strawberry.argument(description="The upgrade's id, a GUID.")]


def parse_product_upgrade_key(request: ProductUpgradeRequest) -> ProductUpgradeKey:
    """Check whose products are meant."""
    return ProductUpgradeKey(
        arguments.parse_guid("request.customerId", request.customer_id),
        arguments.parse_product_family("request.productFamily", request.product_family),
        arguments.parse_request_attributes("request.attributes", request.attributes),
    )


def parse_product_upgrade_status_key(
    upgrade_id: str, request: ProductUpgradeRequest
) -> ProductUpgradeStatusKey:
    """Check which upgrade is meant: the vendor asks for the customer and the family again."""
    return ProductUpgradeStatusKey(
        arguments.parse_guid("upgradeId", upgrade_id), parse_product_upgrade_key(request)
    )
