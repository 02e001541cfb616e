"""What loaders are asked by. Arguments are part of a key, ids are kept as given.

The vendor compares GUIDs and offer ids without regard to case (CONTRACT 11, Q19) and mixes
both cases for one id, so a key's `normalized` form, not the key, is what a loader remembers.

Keys are made by the dozen in a request, which msgspec does in less time than dataclasses.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from schema.operation import OperationState

DEFAULT_COUNTRY = "US"
DEFAULT_LOCALE = "en-US"


class CustomerKey(msgspec.Struct, frozen=True):
    """One customer, by directory tenant id."""

    customer_id: str

    @property
    def normalized(self) -> str:
        """The form two spellings of one customer share."""
        return self.customer_id.lower()


class SubscriptionKey(msgspec.Struct, frozen=True):
    """One subscription of one customer."""

    customer_id: str
    subscription_id: str

    @property
    def normalized(self) -> tuple[str, str]:
        """The form two spellings of one subscription share."""
        return self.customer_id.lower(), self.subscription_id.lower()


class TransitionEligibilitiesKey(msgspec.Struct, frozen=True):
    """The transitions one subscription could make, now or at its next term."""

    subscription: SubscriptionKey
    scheduled: bool

    @property
    def normalized(self) -> tuple[tuple[str, str], bool]:
        """The form two spellings of one key share."""
        return self.subscription.normalized, self.scheduled


class Market(msgspec.Struct, frozen=True):
    """Where and in which language the catalog is read."""

    country: str = DEFAULT_COUNTRY
    locale: str = DEFAULT_LOCALE

    @property
    def normalized(self) -> tuple[str, str]:
        """The form two spellings of one market share."""
        return self.country.lower(), self.locale.lower()


class OfferKey(msgspec.Struct, frozen=True):
    """One offer of one market."""

    offer_id: str
    market: Market

    @property
    def normalized(self) -> tuple[str, str, str]:
        """The form two spellings of one offer share."""
        return self.offer_id.lower(), *self.market.normalized


class RequestAttributes(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """What a request says about itself. Source: CONTRACT 5.1, ResourceAttributes."""

    etag: str | None = None
    object_type: str | None = None


class ProductUpgradeKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """The product upgrade of one customer and product family.

    Attributes:
        attributes: sent to the vendor as they are; they do not say which upgrade is meant.
    """

    customer_id: str
    product_family: str
    attributes: RequestAttributes | None = None

    @property
    def normalized(self) -> tuple[str, str]:
        """The form two spellings of one key share."""
        return self.customer_id.lower(), self.product_family.lower()


class ProductUpgradeStatusKey(msgspec.Struct, frozen=True):
    """One product upgrade by its id, with the customer and family its status call needs."""

    upgrade_id: str
    product: ProductUpgradeKey

    @property
    def normalized(self) -> tuple[str, tuple[str, str]]:
        """The form two spellings of one key share."""
        return self.upgrade_id.lower(), self.product.normalized


class BatchLinesKey(msgspec.Struct, frozen=True):
    """A page of a batch's lines: up to `first` of those behind a number that fit.

    Attributes:
        states: those wanted; empty for all.
    """

    batch_id: str
    first: int
    after_number: int = 0
    states: "Collection[OperationState]" = ()

    @property
    def normalized(self) -> "BatchLinesKey":
        """Pages have no second spelling."""
        return self
