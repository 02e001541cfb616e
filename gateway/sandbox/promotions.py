"""Promotions of new commerce products, and who is eligible for them (CONTRACT 4.21)."""

from dataclasses import dataclass, replace

from gateway.sandbox.catalog import Catalog, Product, Promotion
from gateway.sandbox.errors import VendorError
from gateway.sandbox.records import ScheduledChange


@dataclass(frozen=True, slots=True)
class PromotionEligibility:
    """Whether a purchase gets a promotion. `errors` are pairs of a type and a description."""

    promotion: Promotion
    errors: tuple[tuple[str, str], ...]


def list_eligibilities(
    product: Product, term: str, quantity: int, catalog: Catalog
) -> list[PromotionEligibility]:
    """List the promotions of a product, each with whether the purchase gets it."""
    return [
        PromotionEligibility(each, _find_errors(each, term, quantity))
        for each in catalog.promotions
        if each.item == product.key
    ]


def apply_promotion(change: ScheduledChange, catalog: Catalog) -> ScheduledChange:
    """Return the change with the promotion that it gets, even if the request names none.

    A promotion that the change does not get is dropped without an error. Raises VendorError 27007
    if it is unknown.
    """
    known = {each.id.lower() for each in catalog.promotions}
    if change.promotion_id and change.promotion_id.lower() not in known:
        raise VendorError(400, 27007, f"The promotion code {change.promotion_id} is invalid.")
    product = catalog.products[change.item]
    found = list_eligibilities(product, change.term.upper(), change.quantity, catalog)
    eligible = [each.promotion.id for each in found if not each.errors]
    return replace(change, promotion_id=eligible[0] if eligible else None)


def _find_errors(promotion: Promotion, term: str, quantity: int) -> tuple[tuple[str, str], ...]:
    found = []
    if promotion.term != term:
        found.append(("Term", f"The promotion is for the term {promotion.term}."))
    if quantity > promotion.maximum:
        found.append(("SeatCounts", f"The promotion is for {promotion.maximum} seats at most."))
    return tuple(found)
