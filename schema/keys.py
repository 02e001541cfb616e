"""Keys of loaders: the ids and arguments of a read.

Partner Center compares GUIDs and offer ids case-insensitively and mixes both cases for one id
(CONTRACT 11, Q19). A key sends the ids unchanged; loaders cache by its `normalized` form.

A request makes dozens of keys. msgspec creates them faster than dataclasses.
"""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from schema.operation import OperationState

DEFAULT_COUNTRY = "US"
DEFAULT_LOCALE = "en-US"


class CustomerKey(msgspec.Struct, frozen=True):
    """A customer, by the id of its directory tenant."""

    customer_id: str

    @property
    def normalized(self) -> str:
        return self.customer_id.lower()


class SubscriptionKey(msgspec.Struct, frozen=True):
    customer_id: str
    subscription_id: str

    @property
    def normalized(self) -> tuple[str, str]:
        return self.customer_id.lower(), self.subscription_id.lower()


class TransitionEligibilitiesKey(msgspec.Struct, frozen=True):
    """The possible transitions of a subscription: now, or with `scheduled` at its next term."""

    subscription: SubscriptionKey
    scheduled: bool

    @property
    def normalized(self) -> tuple[tuple[str, str], bool]:
        return self.subscription.normalized, self.scheduled


class Market(msgspec.Struct, frozen=True):
    """A country and a language. Each has its own catalog."""

    country: str = DEFAULT_COUNTRY
    locale: str = DEFAULT_LOCALE

    @property
    def normalized(self) -> tuple[str, str]:
        return self.country.lower(), self.locale.lower()


class OfferKey(msgspec.Struct, frozen=True):
    offer_id: str
    market: Market

    @property
    def normalized(self) -> tuple[str, str, str]:
        return self.offer_id.lower(), *self.market.normalized


class AuditDayKey(msgspec.Struct, frozen=True):
    """The audit records of a customer on one day, in UTC."""

    customer_id: str
    day: date

    @property
    def normalized(self) -> tuple[str, date]:
        return self.customer_id.lower(), self.day


class PartnerKey(msgspec.Struct, frozen=True):
    """A resource that exists once for the partner."""

    @property
    def normalized(self) -> "PartnerKey":
        """The key itself, because it has only one spelling."""
        return self


class ValidationEventKey(msgspec.Struct, frozen=True):
    correlation_id: str

    @property
    def normalized(self) -> str:
        return self.correlation_id.lower()


class CustomTermEndDatesKey(msgspec.Struct, frozen=True):
    """The possible end dates of a term with this duration and first day."""

    customer_id: str
    term_duration: str
    start_date: date | None = None
    target_subscription_id: str | None = None

    @property
    def normalized(self) -> tuple[str, str, date | None, str]:
        target = (self.target_subscription_id or "").lower()
        return self.customer_id.lower(), self.term_duration.upper(), self.start_date, target


class PromotionsKey(msgspec.Struct, frozen=True):
    """The promotions for a purchase; if a promotion is named, only that one."""

    customer_id: str
    catalog_item_id: str
    quantity: int
    term_duration: str
    billing_cycle: str
    promotion_id: str | None = None

    @property
    def normalized(self) -> tuple[str, str, int, str, str, str]:
        return (
            self.customer_id.lower(),
            self.catalog_item_id.lower(),
            self.quantity,
            self.term_duration.upper(),
            self.billing_cycle.lower(),
            (self.promotion_id or "").lower(),
        )


class ProductKey(msgspec.Struct, frozen=True):
    """A product of the new commerce catalog."""

    product_id: str
    market: Market

    @property
    def normalized(self) -> tuple[str, str, str]:
        return self.product_id.lower(), *self.market.normalized


class SkuKey(msgspec.Struct, frozen=True):
    product_id: str
    sku_id: str
    market: Market

    @property
    def product(self) -> ProductKey:
        return ProductKey(self.product_id, self.market)

    @property
    def normalized(self) -> tuple[str, str, str, str]:
        return self.product_id.lower(), self.sku_id.lower(), *self.market.normalized


class AvailabilitiesKey(msgspec.Struct, frozen=True):
    """The availabilities of a SKU for a segment; without one, those for all except nonprofit."""

    sku: SkuKey
    segment: str | None = None

    @property
    def normalized(self) -> tuple[tuple[str, str, str, str], str | None]:
        return self.sku.normalized, self.segment


class AvailabilityKey(msgspec.Struct, frozen=True):
    sku: SkuKey
    availability_id: str

    @property
    def normalized(self) -> tuple[tuple[str, str, str, str], str]:
        return self.sku.normalized, self.availability_id.lower()


def parse_catalog_item(text: str | None, market: Market) -> AvailabilityKey | None:
    """Parse `product:sku:availability`. Returns None for other text, such as the id of an offer."""
    parts = (text or "").split(":")
    if len(parts) != len(("product", "sku", "availability")) or not all(parts):
        return None
    product_id, sku_id, availability_id = parts
    return AvailabilityKey(SkuKey(product_id, sku_id, market), availability_id)


class RequestAttributes(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Metadata that a request body may contain (CONTRACT 5.1, ResourceAttributes)."""

    etag: str | None = None
    object_type: str | None = None


class ProductUpgradeKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """The product upgrade of one customer and product family.

    Attributes:
        attributes: metadata that is sent to Partner Center unchanged; it does not identify the
            upgrade.
    """

    customer_id: str
    product_family: str
    attributes: RequestAttributes | None = None

    @property
    def normalized(self) -> tuple[str, str]:
        return self.customer_id.lower(), self.product_family.lower()


class ProductUpgradeStatusKey(msgspec.Struct, frozen=True):
    """The status of a product upgrade: its id, customer and product family."""

    upgrade_id: str
    product: ProductUpgradeKey

    @property
    def normalized(self) -> tuple[str, tuple[str, str]]:
        return self.upgrade_id.lower(), self.product.normalized


class BatchLinesKey(msgspec.Struct, frozen=True):
    """A page of a batch's lines: up to `first` lines with higher numbers than `after_number`.

    Attributes:
        states: the states of the lines to return; empty for all.
    """

    batch_id: str
    first: int
    after_number: int = 0
    states: "Collection[OperationState]" = ()

    @property
    def normalized(self) -> "BatchLinesKey":
        """The key itself, because it has only one spelling."""
        return self
