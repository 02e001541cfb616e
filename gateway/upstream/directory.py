"""Reads of one request: each becomes one upstream call, its response a type of the graph."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from strawberry import ID

from gateway.upstream import endpoints
from gateway.upstream.audit_records import build_audit_records_call, decode_audit_records_page
from gateway.upstream.call import Call
from gateway.upstream.catalog import Catalog
from gateway.upstream.catalog_cache import CatalogCaches
from gateway.upstream.client import UpstreamClient
from gateway.upstream.custom_term_end_dates import (
    build_custom_term_end_dates_call,
    decode_custom_term_end_dates_page,
)
from gateway.upstream.customer_pages import build_customers_call, decode_customers_page
from gateway.upstream.endpoints import Endpoint
from gateway.upstream.models import product_upgrade, promotion, transition, webhook
from gateway.upstream.models.customer import decode_customer
from gateway.upstream.models.provisioning import decode_provisioning_status
from gateway.upstream.models.subscription import decode_subscription, decode_subscriptions
from gateway.upstream.models.upgrade import decode_upgrades
from gateway.upstream.products import Products
from gateway.upstream.scope import RequestScope
from gateway.upstream.seek_pages import read_all_pages
from resolvers.ports.directory import CustomersKey, CustomersPage, OffersKey, OffersPage
from resolvers.promise import Promise
from schema.audit_record import AuditRecord
from schema.availability import Availability
from schema.custom_term_end_date import CustomTermEndDate
from schema.customer import Customer
from schema.customer_subscription import CustomerSubscription
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
from schema.throttle import ThrottleBucket, ThrottleScope
from schema.transition import Transition
from schema.transition_eligibility import TransitionEligibility
from schema.upgrade import Upgrade
from schema.webhook import WebhookRegistration, WebhookValidationEvent

T = TypeVar("T")


class PartnerDirectory:
    """Reads from Partner Center for one request. Implements `resolvers.ports.directory.Directory`.

    The methods raise `UpstreamError`. They return promises, so that reads that are started in the
    same tick are sent together.
    """

    def __init__(self, client: UpstreamClient, scope: RequestScope, caches: CatalogCaches) -> None:
        self._client = client
        self._scope = scope
        self._caches = caches

    # They have no state, and most requests need neither.

    @property
    def _catalog(self) -> Catalog:
        return Catalog(self._client, self._scope, self._caches.offers)

    @property
    def _products(self) -> Products:
        return Products(self._client, self._scope, self._caches.products)

    def customers(self, key: CustomersKey) -> Promise[CustomersPage]:
        return self._read(build_customers_call(key), decode_customers_page)

    def customer(self, customer_id: str) -> Promise[Customer]:
        return self._read(Call(endpoints.GET_CUSTOMER, (customer_id,)), decode_customer)

    def subscriptions(self, customer_id: str) -> Promise[Sequence[CustomerSubscription]]:
        call = Call(endpoints.LIST_SUBSCRIPTIONS, (customer_id,))
        return self._read(call, partial(decode_subscriptions, customer_id=customer_id))

    def subscription(self, key: SubscriptionKey) -> Promise[CustomerSubscription]:
        call = _subscription_call(endpoints.GET_SUBSCRIPTION, key)
        return self._read(call, partial(decode_subscription, customer_id=key.customer_id))

    def provisioning_status(self, key: SubscriptionKey) -> Promise[SubscriptionProvisioningStatus]:
        call = _subscription_call(endpoints.GET_PROVISIONING_STATUS, key)
        return self._read(call, decode_provisioning_status)

    def upgrades(self, key: SubscriptionKey) -> Promise[Sequence[Upgrade]]:
        call = _subscription_call(endpoints.LIST_UPGRADES, key)
        return self._read(call, partial(decode_upgrades, source=key))

    def product_upgrade_eligibility(
        self, key: ProductUpgradeKey
    ) -> Promise[ProductUpgradesEligibility]:
        body = product_upgrade.encode_request(key)
        call = Call(endpoints.PRODUCT_UPGRADE_ELIGIBILITY, body=body)
        return self._read(call, partial(product_upgrade.decode_eligibility, key=key))

    def product_upgrade_status(
        self, key: ProductUpgradeStatusKey
    ) -> Promise[ProductUpgradesStatus]:
        body = product_upgrade.encode_request(key.product)
        call = Call(endpoints.PRODUCT_UPGRADE_STATUS, (key.upgrade_id,), body=body)
        customer_id = key.product.customer_id
        return self._read(call, partial(product_upgrade.decode_status, customer_id=customer_id))

    def offers_page(self, key: OffersKey) -> Promise[OffersPage]:
        return self._catalog.page(key)

    def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Promise[list[Offer | BaseException]]:
        """Read offers. Returns a value or an exception for each id, in their order."""
        return self._catalog.offers(market, offer_ids)

    def offer_add_ons(self, key: OfferKey) -> Promise[Sequence[Offer]]:
        return self._catalog.add_ons(key)

    def offer_categories(self, market: Market) -> Promise[Sequence[OfferCategory]]:
        return self._catalog.categories(market)

    def transition_eligibilities(
        self, key: TransitionEligibilitiesKey
    ) -> Promise[Sequence[TransitionEligibility]]:
        query = (("eligibilityType", "scheduled"),) if key.scheduled else ()
        call = _subscription_call(endpoints.LIST_TRANSITION_ELIGIBILITIES, key.subscription, query)
        return self._read(call, transition.decode_eligibilities)

    def transitions(self, key: SubscriptionKey) -> Promise[Sequence[Transition]]:
        call = _subscription_call(endpoints.LIST_TRANSITIONS, key)
        return self._read(call, transition.decode_transitions)

    async def audit_records(self, key: AuditDayKey) -> Sequence[AuditRecord]:
        return await read_all_pages(
            self._read, build_audit_records_call(key), decode_audit_records_page
        )

    async def custom_term_end_dates(
        self, key: CustomTermEndDatesKey
    ) -> Sequence[CustomTermEndDate]:
        return await read_all_pages(
            self._read, build_custom_term_end_dates_call(key), decode_custom_term_end_dates_page
        )

    async def promotions(
        self, keys: Sequence[PromotionsKey]
    ) -> Sequence[Sequence[PromotionEligibility]]:
        body = promotion.encode_promotion_items(keys)
        call = Call(endpoints.VERIFY_PROMOTIONS, (keys[0].customer_id,), body=body)
        return await self._read(call, partial(promotion.decode_promotions, count=len(keys)))

    def product(self, key: ProductKey) -> Promise[Product]:
        return self._products.product(key)

    def sku(self, key: SkuKey) -> Promise[Sku]:
        return self._products.sku(key)

    def availabilities(self, key: AvailabilitiesKey) -> Promise[Sequence[Availability]]:
        return self._products.availabilities(key)

    async def availability(self, key: AvailabilityKey) -> Availability:
        return await self._products.availability(key)

    def webhook_event_names(self) -> Promise[Sequence[str]]:
        return self._read(Call(endpoints.LIST_WEBHOOK_EVENTS), webhook.decode_event_names)

    def webhook_registration(self) -> Promise[WebhookRegistration]:
        call = Call(endpoints.GET_WEBHOOK_REGISTRATION)
        return self._read(call, webhook.decode_registration)

    def webhook_validation_event(self, correlation_id: str) -> Promise[WebhookValidationEvent]:
        call = Call(endpoints.GET_WEBHOOK_VALIDATION, (correlation_id,))
        return self._read(call, webhook.decode_validation_event)

    def throttle(self) -> Sequence[ThrottleScope]:
        """Return the rate limits that this caller's calls use or have exceeded."""
        return [
            ThrottleScope(
                bucket=ThrottleBucket[state.bucket.name],
                customer_id=None if state.customer_id is None else ID(state.customer_id),
                in_flight=state.in_flight,
                sent_in_window=state.sent_in_window,
                limit=state.limit,
                retry_after_seconds=state.paused_for_s,
                is_circuit_open=state.is_circuit_open,
            )
            for state in self._client.rate_limit_states(self._scope.identity)
        ]

    def _read(self, call: Call, decode: Callable[[bytes], T]) -> Promise[T]:
        return self._client.read(call, self._scope, decode)


def _subscription_call(
    endpoint: Endpoint, key: SubscriptionKey, query: tuple[tuple[str, str], ...] = ()
) -> Call:
    return Call(endpoint, (key.customer_id, key.subscription_id), query=query)
