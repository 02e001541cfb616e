"""A field's only window on its request, as Protocols that `resolvers/` fills."""

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import strawberry

from schema.keys import (
    BatchLinesKey,
    CustomerKey,
    OfferKey,
    ProductUpgradeKey,
    ProductUpgradeStatusKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
)

if TYPE_CHECKING:
    from schema.batch import BatchLinesPage
    from schema.customer import Customer
    from schema.customer_subscription import CustomerSubscription
    from schema.offer import Offer
    from schema.operation import UpgradeOperation
    from schema.product_upgrade import ProductUpgradesEligibility, ProductUpgradesStatus
    from schema.provisioning import SubscriptionProvisioningStatus
    from schema.transition import Transition
    from schema.transition_eligibility import TransitionEligibility
    from schema.upgrade import Upgrade

K_contra = TypeVar("K_contra", contravariant=True)
V_co = TypeVar("V_co", covariant=True)


class Loader(Protocol[K_contra, V_co]):
    """Answers one key once in a request, however often it is asked."""

    def load(self, key: K_contra) -> Awaitable[V_co]:
        """Raise what the upstream said where it refused this key."""
        ...


class Loaders(Protocol):
    """Every edge of the graph that costs an upstream call."""

    @property
    def customer(self) -> Loader[CustomerKey, "Customer"]:
        """The customer, perhaps only with the members that a list carries."""
        ...

    @property
    def full_customer(self) -> Loader[CustomerKey, "Customer"]:
        """The customer with every member."""
        ...

    @property
    def subscriptions(self) -> Loader[CustomerKey, "Sequence[CustomerSubscription]"]:
        """All subscriptions of a customer, add-ons included."""
        ...

    @property
    def subscription(self) -> Loader[SubscriptionKey, "CustomerSubscription"]:
        """One subscription; several of one customer are one call."""
        ...

    @property
    def upgrades(self) -> Loader[SubscriptionKey, "Sequence[Upgrade]"]:
        """The upgrade paths of a subscription."""
        ...

    @property
    def provisioning_status(self) -> Loader[SubscriptionKey, "SubscriptionProvisioningStatus"]:
        """How far a subscription is set up."""
        ...

    @property
    def transition_eligibilities(
        self,
    ) -> Loader[TransitionEligibilitiesKey, "Sequence[TransitionEligibility]"]:
        """The transitions a subscription could make."""
        ...

    @property
    def transitions(self) -> Loader[SubscriptionKey, "Sequence[Transition]"]:
        """The transitions a subscription made."""
        ...

    @property
    def offer(self) -> Loader[OfferKey, "Offer"]:
        """One offer; many of one market are one catalog page when that is fewer calls."""
        ...

    @property
    def offer_add_ons(self) -> Loader[OfferKey, "Sequence[Offer]"]:
        """The add-ons of an offer."""
        ...

    @property
    def operations(self) -> Loader[SubscriptionKey, "Sequence[UpgradeOperation]"]:
        """The caller's operations on a subscription."""
        ...

    @property
    def batch_lines(self) -> Loader[BatchLinesKey, "BatchLinesPage"]:
        """Lines of the caller's batches."""
        ...

    @property
    def product_upgrade_eligibility(
        self,
    ) -> Loader[ProductUpgradeKey, "ProductUpgradesEligibility"]:
        """Whether a customer's products can be upgraded."""
        ...

    @property
    def product_upgrade_status(self) -> Loader[ProductUpgradeStatusKey, "ProductUpgradesStatus"]:
        """How far a product upgrade is."""
        ...


class Context(Protocol):
    """What a field may know of its request."""

    @property
    def loaders(self) -> Loaders:
        """The loaders of this request."""
        ...

    @property
    def max_page_size(self) -> int:
        """The largest `first` of a connection."""
        ...


Info = strawberry.Info[Context, None]

__all__ = ["Context", "Info", "Loader", "Loaders"]
