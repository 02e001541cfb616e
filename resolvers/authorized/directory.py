"""The Directory for a caller who may access only some customers."""

import asyncio
from collections.abc import Awaitable, Sequence

from resolvers.authorized.customers import check_customer, is_authorized
from resolvers.ports.directory import (
    Continuation,
    CustomersKey,
    CustomersPage,
    Directory,
    OffersKey,
    OffersPage,
)
from schema.audit_record import AuditRecord
from schema.availability import Availability
from schema.custom_term_end_date import CustomTermEndDate
from schema.customer import Customer
from schema.customer_subscription import CustomerSubscription
from schema.errors import Forbidden, InvalidInput, NotFound
from schema.keys import (
    AuditDayKey,
    AvailabilitiesKey,
    AvailabilityKey,
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
from schema.offer import Offer
from schema.offer_details import OfferCategory
from schema.product import Product, Sku
from schema.product_upgrade import ProductUpgradesEligibility, ProductUpgradesStatus
from schema.promotion import PromotionEligibility
from schema.provisioning import SubscriptionProvisioningStatus
from schema.throttle import ThrottleScope
from schema.transition import Transition
from schema.transition_eligibility import TransitionEligibility
from schema.upgrade import Upgrade
from schema.webhook import WebhookRegistration, WebhookValidationEvent

_AFTER_PREFIX = "behind:"


class AuthorizedDirectory:
    """Reads from Partner Center, but only some customers. The catalog is open to all callers.

    Args:
        customers: the ids of the customers, in lower case.
    """

    def __init__(self, directory: Directory, customers: frozenset[str]) -> None:
        self._directory = directory
        self._customers = customers

    async def customers(self, key: CustomersKey) -> CustomersPage:
        """Read the caller's customers one by one: they may be few among thousands.

        Leaves out customers that Partner Center does not return. If it returns none, raises its
        error.
        """
        last_id = _parse_last_id(key.continuation)
        remaining = sorted(each for each in self._customers if each > last_id)
        page_ids = remaining[: key.size]
        read = await asyncio.gather(*map(self._read_customer, page_ids), return_exceptions=True)
        prefix = (key.company_name_starts_with or "").casefold()
        found = [each for each in _drop_missing(read) if _starts_with(each, prefix)]
        has_more = len(remaining) > len(page_ids)
        return CustomersPage(
            found, Continuation(_AFTER_PREFIX + page_ids[-1], ()) if has_more else None
        )

    async def _read_customer(self, customer_id: str) -> Customer:
        return await self._directory.customer(customer_id)

    def customer(self, customer_id: str) -> Awaitable[Customer]:
        self._check(customer_id)
        return self._directory.customer(customer_id)

    def subscriptions(self, customer_id: str) -> Awaitable[Sequence[CustomerSubscription]]:
        self._check(customer_id)
        return self._directory.subscriptions(customer_id)

    def subscription(self, key: SubscriptionKey) -> Awaitable[CustomerSubscription]:
        self._check(key.customer_id)
        return self._directory.subscription(key)

    def provisioning_status(
        self, key: SubscriptionKey
    ) -> Awaitable[SubscriptionProvisioningStatus]:
        self._check(key.customer_id)
        return self._directory.provisioning_status(key)

    def upgrades(self, key: SubscriptionKey) -> Awaitable[Sequence[Upgrade]]:
        self._check(key.customer_id)
        return self._directory.upgrades(key)

    def product_upgrade_eligibility(
        self, key: ProductUpgradeKey
    ) -> Awaitable[ProductUpgradesEligibility]:
        self._check(key.customer_id)
        return self._directory.product_upgrade_eligibility(key)

    def product_upgrade_status(
        self, key: ProductUpgradeStatusKey
    ) -> Awaitable[ProductUpgradesStatus]:
        self._check(key.product.customer_id)
        return self._directory.product_upgrade_status(key)

    def offers_page(self, key: OffersKey) -> Awaitable[OffersPage]:
        return self._directory.offers_page(key)

    def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Awaitable[Sequence[Offer | BaseException]]:
        return self._directory.offers(market, offer_ids)

    def offer_add_ons(self, key: OfferKey) -> Awaitable[Sequence[Offer]]:
        return self._directory.offer_add_ons(key)

    def offer_categories(self, market: Market) -> Awaitable[Sequence[OfferCategory]]:
        return self._directory.offer_categories(market)

    def transition_eligibilities(
        self, key: TransitionEligibilitiesKey
    ) -> Awaitable[Sequence[TransitionEligibility]]:
        self._check(key.subscription.customer_id)
        return self._directory.transition_eligibilities(key)

    def transitions(self, key: SubscriptionKey) -> Awaitable[Sequence[Transition]]:
        self._check(key.customer_id)
        return self._directory.transitions(key)

    def audit_records(self, key: AuditDayKey) -> Awaitable[Sequence[AuditRecord]]:
        self._check(key.customer_id)
        return self._directory.audit_records(key)

    def custom_term_end_dates(
        self, key: CustomTermEndDatesKey
    ) -> Awaitable[Sequence[CustomTermEndDate]]:
        self._check(key.customer_id)
        return self._directory.custom_term_end_dates(key)

    def promotions(
        self, keys: Sequence[PromotionsKey]
    ) -> Awaitable[Sequence[Sequence[PromotionEligibility]]]:
        for key in keys:
            self._check(key.customer_id)
        return self._directory.promotions(keys)

    def product(self, key: ProductKey) -> Awaitable[Product]:
        return self._directory.product(key)

    def sku(self, key: SkuKey) -> Awaitable[Sku]:
        return self._directory.sku(key)

    def availabilities(self, key: AvailabilitiesKey) -> Awaitable[Sequence[Availability]]:
        return self._directory.availabilities(key)

    def availability(self, key: AvailabilityKey) -> Awaitable[Availability]:
        return self._directory.availability(key)

    def webhook_event_names(self) -> Awaitable[Sequence[str]]:
        raise _partner_wide()

    def webhook_registration(self) -> Awaitable[WebhookRegistration]:
        raise _partner_wide()

    def webhook_validation_event(self, correlation_id: str) -> Awaitable[WebhookValidationEvent]:
        raise _partner_wide()

    def throttle(self) -> Sequence[ThrottleScope]:
        """Return the rate limits, without those of other customers."""
        return [
            scope
            for scope in self._directory.throttle()
            if scope.customer_id is None or is_authorized(self._customers, scope.customer_id)
        ]

    def _check(self, customer_id: str) -> None:
        check_customer(self._customers, customer_id)


def _partner_wide() -> Forbidden:
    return Forbidden(
        "This data belongs to the partner. Reading it requires access to all customers."
    )


def _parse_last_id(continuation: Continuation | None) -> str:
    if continuation is None:
        return ""
    if not continuation.uri.startswith(
        _AFTER_PREFIX
    ):  # issued to a caller with access to all customers
        raise InvalidInput("after must be a cursor of a page of customers. Start again without it.")
    return continuation.uri.removeprefix(_AFTER_PREFIX)


def _drop_missing(read: Sequence[Customer | BaseException]) -> list[Customer]:
    """Leave out the errors of single customers. Raises any other error."""
    found = [each for each in read if isinstance(each, Customer)]
    failures = [each for each in read if isinstance(each, BaseException)]
    for failure in failures:
        if not found or not isinstance(failure, NotFound | Forbidden):
            raise failure
    return found


def _starts_with(customer: Customer, prefix: str) -> bool:
    return (customer.company_profile.company_name or "").casefold().startswith(prefix)
