"""Orders to upgrade a customer's products."""

from dataclasses import dataclass
from typing import ClassVar, Self

from resolvers.orders.base import Order, register_order_type
from schema import arguments
from schema.keys import ProductUpgradeKey
from schema.mutation_types import RequestProductUpgradeInput
from schema.operation_kind import OperationKind
from schema.order_input import UpgradeOrderInput


@register_order_type
@dataclass(frozen=True, slots=True)
class ProductUpgradeOrder(Order):
    """An upgrade of all products of one family that a customer has."""

    kind: ClassVar[str] = OperationKind.REQUEST_PRODUCT_UPGRADE.name
    input_type: ClassVar[type] = RequestProductUpgradeInput

    product: ProductUpgradeKey

    @classmethod
    def parse(cls, input: RequestProductUpgradeInput | UpgradeOrderInput) -> Self:
        family = "azure" if input.product_family is None else input.product_family
        return cls(
            ProductUpgradeKey(
                arguments.parse_guid("customerId", input.customer_id),
                arguments.parse_product_family("productFamily", family),
                arguments.parse_request_attributes("attributes", input.attributes),
            )
        )

    @classmethod
    def is_meant_by(cls, input: UpgradeOrderInput) -> bool:
        if input.target_offer_id is not None or input.to_catalog_item_id is not None:
            return False
        return input.product_family is not None or input.subscription_id is None

    @property
    def customer_id(self) -> str:
        return self.product.customer_id

    @property
    def subject(self) -> str:
        return ":".join(("product", *self.product.normalized))

    @property
    def policy_type(self) -> str:
        return "PRODUCT_UPGRADE"

    @property
    def seats(self) -> int:
        return 0
