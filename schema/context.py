"""The part of a request that fields can access. `resolvers/` implements these protocols."""

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import strawberry

from schema.keys import (
    AuditDayKey,
    AvailabilitiesKey,
    AvailabilityKey,
    BatchLinesKey,
    CustomerKey,
    CustomTermEndDatesKey,
    OfferKey,
    ProductKey,
    ProductUpgradeKey,
    ProductUpgradeStatusKey,
    PromotionsKey,
    SkuKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
)

if TYPE_CHECKING:
    from schema.audit_record import AuditRecord
    from schema.availability import Availability
    from schema.batch import BatchLinesPage
    from schema.custom_term_end_date import CustomTermEndDate
    from schema.customer import Customer
    from schema.customer_subscription import CustomerSubscription
    from schema.offer import Offer
    from schema.operation import UpgradeOperation
    from schema.product import Product, Sku
    from schema.product_upgrade import ProductUpgradesEligibility, ProductUpgradesStatus
    from schema.promotion import PromotionEligibility
    from schema.provisioning import SubscriptionProvisioningStatus
    from schema.transition import Transition
    from schema.transition_eligibility import TransitionEligibility
    from schema.upgrade import Upgrade

K_contra = TypeVar("K_contra", contravariant=True)
V_co = TypeVar("V_co", covariant=True)


class Loader(Protocol[K_contra, V_co]):
    """Loads a value by key, at most once for each request."""

    def load(self, key: K_contra) -> Awaitable[V_co]:
        """Return the value of a key, or raise the upstream's error for it."""
        ...


class Loaders(Protocol):
    """The loaders of one request: one for each kind of object that fields link to."""

    @property
    def customer(self) -> Loader[CustomerKey, "Customer"]:
        """Loads a customer, which may lack the members that lists lack."""
        ...

    @property
    def full_customer(self) -> Loader[CustomerKey, "Customer"]:
        """Loads a customer with all members, by its id."""
        ...

    @property
    def subscriptions(self) -> Loader[CustomerKey, "Sequence[CustomerSubscription]"]:
        """Loads all subscriptions of a customer, including add-ons."""
        ...

    @property
    def subscription(self) -> Loader[SubscriptionKey, "CustomerSubscription"]:
        """Loads a subscription. Subscriptions of one customer share a call."""
        ...

    @property
    def upgrades(self) -> Loader[SubscriptionKey, "Sequence[Upgrade]"]: ...

    @property
    def provisioning_status(self) -> Loader[SubscriptionKey, "SubscriptionProvisioningStatus"]: ...

    @property
    def transition_eligibilities(
        self,
    ) -> Loader[TransitionEligibilitiesKey, "Sequence[TransitionEligibility]"]: ...

    @property
    def transitions(self) -> Loader[SubscriptionKey, "Sequence[Transition]"]: ...

    @property
    def offer(self) -> Loader[OfferKey, "Offer"]:
        """Loads an offer. Offers of one market share a page of the catalog if that saves calls."""
        ...

    @property
    def offer_add_ons(self) -> Loader[OfferKey, "Sequence[Offer]"]: ...

    @property
    def audit_records(self) -> Loader[AuditDayKey, "Sequence[AuditRecord]"]: ...

    @property
    def custom_term_end_dates(
        self,
    ) -> Loader[CustomTermEndDatesKey, "Sequence[CustomTermEndDate]"]: ...

    @property
    def promotions(self) -> Loader[PromotionsKey, "Sequence[PromotionEligibility]"]:
        """Loads the promotions of a purchase. Purchases of one customer share a call."""
        ...

    @property
    def product(self) -> Loader[ProductKey, "Product"]:
        """Loads a product of new commerce. The data may be hours old."""
        ...

    @property
    def sku(self) -> Loader[SkuKey, "Sku"]: ...

    @property
    def availabilities(self) -> Loader[AvailabilitiesKey, "Sequence[Availability]"]: ...

    @property
    def availability(self) -> Loader[AvailabilityKey, "Availability"]: ...

    @property
    def operations(self) -> Loader[SubscriptionKey, "Sequence[UpgradeOperation]"]:
        """Loads the caller's operations on a subscription, newest first."""
        ...

    @property
    def batch_lines(self) -> Loader[BatchLinesKey, "BatchLinesPage"]: ...

    @property
    def product_upgrade_eligibility(
        self,
    ) -> Loader[ProductUpgradeKey, "ProductUpgradesEligibility"]: ...

    @property
    def product_upgrade_status(
        self,
    ) -> Loader[ProductUpgradeStatusKey, "ProductUpgradesStatus"]: ...


class Context(Protocol):
    """The request context, as the fields of the schema use it."""

    @property
    def loaders(self) -> Loaders: ...

    @property
    def max_page_size(self) -> int:
        """The maximum `first` of a connection."""
        ...


Info = strawberry.Info[Context, None]

__all__ = ["Context", "Info", "Loader", "Loaders"]
