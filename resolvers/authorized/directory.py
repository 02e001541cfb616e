"""The Directory of a caller who is limited to some customers."""

import asyncio
from collections.abc import Sequence

from resolvers.authorized.customers import check_customer, is_authorized
from resolvers.ports.directory import (
    Continuation,
    CustomersKey,
    CustomersPage,
    Directory,
    OffersKey,
    OffersPage,
)
from schema.customer import Customer
from schema.customer_subscription import CustomerSubscription
from schema.errors import Forbidden, InvalidInput, NotFound
from schema.keys import (
    Market,
    OfferKey,
    ProductUpgradeKey,
    ProductUpgradeStatusKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
)
from schema.offer import Offer, OfferCategory
from schema.product_upgrade import ProductUpgradesEligibility, ProductUpgradesStatus
from schema.provisioning import SubscriptionProvisioningStatus
from schema.throttle import ThrottleScope
from schema.transition import Transition
from schema.transition_eligibility import TransitionEligibility
from schema.upgrade import Upgrade

_AFTER_PREFIX = "behind:"


class AuthorizedDirectory:
    """Asks for nothing of another customer. The catalog is of no customer, and everybody's.

    Args:
        customers: ids in lower case.
    """

    def __init__(self, directory: Directory, customers: frozenset[str]) -> None:
        self._directory = directory
        self._customers = customers

    async def customers(self, key: CustomersKey) -> CustomersPage:
        """Read the caller's own one by one, by id: they may be few among thousands.

        One that the vendor no longer knows is left out; that it refuses all of them is raised.
        """
        behind = _parse_last_id(key.continuation)
        left = sorted(each for each in self._customers if each > behind)
        asked = left[: key.size]
        read = await asyncio.gather(
            *(self._directory.customer(each) for each in asked), return_exceptions=True
        )
        prefix = (key.company_name_starts_with or "").casefold()
        found = [each for each in _drop_missing(read) if _starts_with(each, prefix)]
        has_more = len(left) > len(asked)
        return CustomersPage(
            found, Continuation(_AFTER_PREFIX + asked[-1], ()) if has_more else None
        )

    async def customer(self, customer_id: str) -> Customer:
        """Read one of the caller's."""
        self._check(customer_id)
        return await self._directory.customer(customer_id)

    async def subscriptions(self, customer_id: str) -> Sequence[CustomerSubscription]:
        """Read those of a customer of the caller's."""
        self._check(customer_id)
        return await self._directory.subscriptions(customer_id)

    async def subscription(self, key: SubscriptionKey) -> CustomerSubscription:
        """Read one of a customer of the caller's."""
        self._check(key.customer_id)
        return await self._directory.subscription(key)

    async def provisioning_status(self, key: SubscriptionKey) -> SubscriptionProvisioningStatus:
        """Read how far a subscription of such a customer is set up."""
        self._check(key.customer_id)
        return await self._directory.provisioning_status(key)

    async def upgrades(self, key: SubscriptionKey) -> Sequence[Upgrade]:
        """Read the upgrade paths of such a subscription."""
        self._check(key.customer_id)
        return await self._directory.upgrades(key)

    async def product_upgrade_eligibility(
        self, key: ProductUpgradeKey
    ) -> ProductUpgradesEligibility:
        """Read whether such a customer's products can be upgraded."""
        self._check(key.customer_id)
        return await self._directory.product_upgrade_eligibility(key)

    async def product_upgrade_status(self, key: ProductUpgradeStatusKey) -> ProductUpgradesStatus:
        """Read how far a product upgrade of such a customer is."""
        self._check(key.product.customer_id)
        return await self._directory.product_upgrade_status(key)

    async def offers_page(self, key: OffersKey) -> OffersPage:
        """Read one page of a catalog."""
        return await self._directory.offers_page(key)

    async def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Sequence[Offer | BaseException]:
        """Read offers by id."""
        return await self._directory.offers(market, offer_ids)

    async def offer_add_ons(self, key: OfferKey) -> Sequence[Offer]:
        """Read the add-ons of an offer."""
        return await self._directory.offer_add_ons(key)

    async def offer_categories(self, market: Market) -> Sequence[OfferCategory]:
        """Read the shelves of a catalog."""
        return await self._directory.offer_categories(market)

    async def transition_eligibilities(
        self, key: TransitionEligibilitiesKey
    ) -> Sequence[TransitionEligibility]:
        """Read what a subscription of such a customer could become."""
        self._check(key.subscription.customer_id)
        return await self._directory.transition_eligibilities(key)

    async def transitions(self, key: SubscriptionKey) -> Sequence[Transition]:
        """Read the transitions such a subscription made."""
        self._check(key.customer_id)
        return await self._directory.transitions(key)

    def throttle(self) -> Sequence[ThrottleScope]:
        """Tell how throttling stands, without the other customers' scopes."""
        return [
            scope
            for scope in self._directory.throttle()
            if scope.customer_id is None or is_authorized(self._customers, scope.customer_id)
        ]

    def _check(self, customer_id: str) -> None:
        check_customer(self._customers, customer_id)


def _parse_last_id(continuation: Continuation | None) -> str:
    if continuation is None:
        return ""
    if not continuation.uri.startswith(_AFTER_PREFIX):  # a cursor of somebody who saw all
        raise InvalidInput("after is a cursor of a page of customers. Start again without it.")
    return continuation.uri.removeprefix(_AFTER_PREFIX)


def _drop_missing(read: Sequence[Customer | BaseException]) -> list[Customer]:
    """Leave out what is refused for one customer alone; raise any other failure."""
    found = [each for each in read if isinstance(each, Customer)]
    failures = [each for each in read if isinstance(each, BaseException)]
    for failure in failures:
        if not found or not isinstance(failure, NotFound | Forbidden):
            raise failure
    return found


def _starts_with(customer: Customer, prefix: str) -> bool:
    return (customer.company_profile.company_name or "").casefold().startswith(prefix)
