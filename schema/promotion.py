"""Promotions for which a purchase would be eligible. Source: CONTRACT 4.21."""

import strawberry
from strawberry import field

from schema import arguments
from schema.billing import BillingCycleInput
from schema.keys import PromotionsKey


@strawberry.type(description="One reason why a promotion does not apply.")
class PromotionError:
    type: str | None = field(
        default=None,
        description="The reason, such as `SeatCount`, `Term` or `RedemptionLimit`.",
    )
    description: str | None = field(
        default=None, description="Partner Center's description of the reason."
    )
    minimum_required_seats: int | None = field(
        default=None, description="The smallest number of licenses of the promotion."
    )
    maximum_required_seats: int | None = field(
        default=None, description="The largest number of licenses of the promotion."
    )
    available_seats: int | None = field(
        default=None, description="The number of licenses that the customer may still buy with it."
    )


@strawberry.type(description="Whether a promotion would apply to a purchase or a renewal.")
class PromotionEligibility:
    promotion_id: strawberry.ID | None = field(
        default=None, description="The id of the promotion: `product:sku:availability`."
    )
    is_eligible: bool = field(description="Whether the promotion would apply.")
    errors: list[PromotionError] = field(
        default_factory=list, description="Why it would not. Empty if it would."
    )


@strawberry.input(description="A purchase or renewal for which promotions are wanted.")
class PromotionsInput:
    catalog_item_id: strawberry.ID = field(
        description="The id of the catalog item: `product:sku:availability`."
    )
    quantity: int = field(description="The number of licenses.")
    term_duration: str = field(description="The term, an ISO 8601 duration: `P1M`, `P1Y` or `P3Y`.")
    billing_cycle: BillingCycleInput = field(description="How often the subscription is charged.")
    promotion_id: strawberry.ID | None = field(
        default=None, description="Returns only this promotion. By default, all of the item."
    )

    def parse(self, customer_id: str) -> PromotionsKey:
        promotion_id = self.promotion_id
        return PromotionsKey(
            customer_id,
            arguments.parse_catalog_item_id("input.catalogItemId", self.catalog_item_id),
            self.quantity,
            arguments.parse_term_duration("input.termDuration", self.term_duration),
            self.billing_cycle.name.lower(),
            promotion_id and arguments.parse_catalog_item_id("input.promotionId", promotion_id),
        )
