"""Promotions for which purchases would be eligible. Source: CONTRACT 4.21."""

from collections.abc import Sequence
from typing import Final

import msgspec

import schema.promotion as graph
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.base import WireInt, WireModel, WireText, to_id
from gateway.upstream.models.resource import WireAttributes, WireCollection
from schema.keys import PromotionsKey


class WirePromotionError(WireModel):
    type: WireText | None = None
    description: WireText | None = None
    minimum_required_seats: WireInt | None = None
    maximum_required_seats: WireInt | None = None
    available_seats: WireInt | None = None


class WirePromotionEligibility(WireModel):
    promotion_id: WireText | None = None
    is_eligible: bool | None = None
    errors: tuple[WirePromotionError, ...] | None = None


class WirePromotionEligibilities(WireModel):
    """The promotions for one item of the request. The item's id is sent as text or a number."""

    id: str | int | None = None
    catalog_item_id: WireText | None = None
    quantity: WireInt | None = None
    term_duration: WireText | None = None
    billing_cycle: WireText | None = None
    promotion_id: WireText | None = None
    eligibilities: tuple[WirePromotionEligibility, ...] | None = None
    attributes: WireAttributes | None = None


_ITEMS: Final = Decoder(WireCollection[WirePromotionEligibilities])


def encode_promotion_items(keys: Sequence[PromotionsKey]) -> bytes:
    """Encode the items of a request. The id of each item is its number in the request."""
    items = []
    for number, key in enumerate(keys):
        item = {
            "id": str(number),
            "catalogItemId": key.catalog_item_id,
            "quantity": key.quantity,
            "termDuration": key.term_duration,
            "billingCycle": key.billing_cycle,
        }
        items.append(item if key.promotion_id is None else item | {"promotionId": key.promotion_id})
    return msgspec.json.encode({"items": items})


def decode_promotions(body: bytes, count: int) -> Sequence[Sequence[graph.PromotionEligibility]]:
    """Return the promotions for each item of the request, in the order of the items.

    Raises ValueError unless the response has one item for each of the `count` items.
    """
    items = _ITEMS(body).items or ()
    if len(items) != count:
        raise ValueError(f"it has {len(items)} items, not {count}")
    by_number = {str(item.id): item for item in items}
    numbers = [str(number) for number in range(count)]
    if by_number.keys() == set(numbers):
        items = tuple(by_number[number] for number in numbers)
    return [[_to_eligibility(wire) for wire in item.eligibilities or ()] for item in items]


def _to_eligibility(wire: WirePromotionEligibility) -> graph.PromotionEligibility:
    return graph.PromotionEligibility(
        promotion_id=to_id(wire.promotion_id),
        is_eligible=bool(wire.is_eligible),
        errors=[
            graph.PromotionError(
                type=error.type,
                description=error.description,
                minimum_required_seats=error.minimum_required_seats,
                maximum_required_seats=error.maximum_required_seats,
                available_seats=error.available_seats,
            )
            for error in wire.errors or ()
        ],
    )
