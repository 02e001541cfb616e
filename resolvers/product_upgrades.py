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


def product_upgrade(request: ProductUpgradeRequest) -> ProductUpgradeKey:
    """Check whose products are meant."""
    return ProductUpgradeKey(
        arguments.guid("request.customerId", request.customer_id),
        arguments.product_family("request.productFamily", request.product_family),
        arguments.request_attributes("request.attributes", request.attributes),
    )


def product_upgrade_status(
    upgrade_id: str, request: ProductUpgradeRequest
) -> ProductUpgradeStatusKey:
    """Check which upgrade is meant: the vendor asks for the customer and the family again."""
    return ProductUpgradeStatusKey(
        arguments.guid("upgradeId", upgrade_id), product_upgrade(request)
    )
