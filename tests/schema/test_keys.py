from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from schema.keys import (
    AuditDayKey,
    AvailabilitiesKey,
    AvailabilityKey,
    CustomerKey,
    CustomTermEndDatesKey,
    Market,
    OfferKey,
    ProductKey,
    ProductUpgradeKey,
    ProductUpgradeStatusKey,
    PromotionsKey,
    SkuKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
)

DAYS = {"b": date(2026, 1, 1), "x": date(2026, 1, 2), "bb": date(2026, 1, 3)}
MAKERS: dict[str, Callable[[str, str], Any]] = {
    "customer": lambda a, b: CustomerKey(a + b),
    "subscription": SubscriptionKey,
    "transition eligibilities": lambda a, b: TransitionEligibilitiesKey(
        SubscriptionKey(a, b), scheduled=True
    ),
    "audit day": lambda a, b: AuditDayKey(a, DAYS[b.lower()]),
    "custom term end dates": lambda a, b: CustomTermEndDatesKey(a, "P1M", None, b),
    "promotions": lambda a, b: PromotionsKey(a, b, 1, "P1M", "monthly"),
    "market": Market,
    "product": lambda a, b: ProductKey(a, Market(b)),
    "sku": lambda a, b: SkuKey(a, b, Market()),
    "availabilities": lambda a, b: AvailabilitiesKey(SkuKey(a, b, Market())),
    "availability": lambda a, b: AvailabilityKey(SkuKey("p", a, Market()), b),
    "offer": lambda a, b: OfferKey(a, Market(b)),
    "product upgrade": ProductUpgradeKey,
    "product upgrade status": lambda a, b: ProductUpgradeStatusKey(
        a, ProductUpgradeKey(b, "azure")
    ),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_two_spellings_share_a_normalized_form(make: Callable[[str, str], Any]) -> None:
    assert make("Aa", "bB").normalized == make("aA", "Bb").normalized
    assert hash(make("Aa", "bB").normalized) == hash(make("aA", "Bb").normalized)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_each_part_distinguishes_keys(make: Callable[[str, str], Any]) -> None:
    assert (
        len({make("a", "b").normalized, make("x", "b").normalized, make("a", "x").normalized}) == 3
    )


def test_a_key_keeps_its_spelling() -> None:
    assert CustomerKey("Aa").customer_id == "Aa"


def test_now_and_scheduled_are_two_keys() -> None:
    key = SubscriptionKey("a", "b")
    now, later = (TransitionEligibilitiesKey(key, scheduled=when) for when in (False, True))
    assert now.normalized != later.normalized
