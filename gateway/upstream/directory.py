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
from gateway.upstream.models import product_upgrade, promotion, transition
from gateway.upstream.models.customer import decode_customer
from gateway.upstream.models.provisioning import decode_provisioning_status
from gateway.upstream.models.subscription import decode_subscription, decode_subscriptions
from gateway.upstream.models.upgrade import decode_upgrades
from gateway.upstream.products import Products
from gateway.upstream.scope import RequestScope
from gateway.upstream.seek_pages import read_all_pages
from resolvers.ports.directory import CustomersKey, CustomersPage, OffersKey, OffersPage
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

T = TypeVar("T")


class PartnerDirectory:
    """Implements the port `Directory`; its methods raise `UpstreamError`."""

    def __init__(self, client: UpstreamClient, scope: RequestScope, caches: CatalogCaches) -> None:
        self._client = client
        self._scope = scope
        self._catalog = Catalog(client, scope, caches.offers)
        self._products = Products(client, scope, caches.products)

    async def customers(self, key: CustomersKey) -> CustomersPage:
        return await self._read(build_customers_call(key), decode_customers_page)

    async def customer(self, customer_id: str) -> Customer:
        return await self._read(Call(endpoints.GET_CUSTOMER, (customer_id,)), decode_customer)

    async def subscriptions(self, customer_id: str) -> Sequence[CustomerSubscription]:
        call = Call(endpoints.LIST_SUBSCRIPTIONS, (customer_id,))
        return await self._read(call, partial(decode_subscriptions, customer_id=customer_id))

    async def subscription(self, key: SubscriptionKey) -> CustomerSubscription:
        call = _subscription_call(endpoints.GET_SUBSCRIPTION, key)
        return await self._read(call, partial(decode_subscription, customer_id=key.customer_id))

    async def provisioning_status(self, key: SubscriptionKey) -> SubscriptionProvisioningStatus:
        call = _subscription_call(endpoints.GET_PROVISIONING_STATUS, key)
        return await self._read(call, decode_provisioning_status)

    async def upgrades(self, key: SubscriptionKey) -> Sequence[Upgrade]:
        call = _subscription_call(endpoints.LIST_UPGRADES, key)
        return await self._read(call, partial(decode_upgrades, source=key))

    async def product_upgrade_eligibility(
        self, key: ProductUpgradeKey
    ) -> ProductUpgradesEligibility:
        body = product_upgrade.encode_request(key)
        call = Call(endpoints.PRODUCT_UPGRADE_ELIGIBILITY, body=body)
        return await self._read(call, partial(product_upgrade.decode_eligibility, key=key))

    async def product_upgrade_status(self, key: ProductUpgradeStatusKey) -> ProductUpgradesStatus:
        body = product_upgrade.encode_request(key.product)
        call = Call(endpoints.PRODUCT_UPGRADE_STATUS, (key.upgrade_id,), body=body)
        customer_id = key.product.customer_id
        return await self._read(
            call, partial(product_upgrade.decode_status, customer_id=customer_id)
        )

    async def offers_page(self, key: OffersKey) -> OffersPage:
        return await self._catalog.page(key)

    async def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Sequence[Offer | BaseException]:
        """Read n offers: n values or exceptions, in the order of the ids."""
        return await self._catalog.offers(market, offer_ids)

    async def offer_add_ons(self, key: OfferKey) -> Sequence[Offer]:
        return await self._catalog.add_ons(key)

    async def offer_categories(self, market: Market) -> Sequence[OfferCategory]:
        return await self._catalog.categories(market)

    async def transition_eligibilities(
        self, key: TransitionEligibilitiesKey
    ) -> Sequence[TransitionEligibility]:
        query = (("eligibilityType", "scheduled"),) if key.scheduled else ()
        call = _subscription_call(endpoints.LIST_TRANSITION_ELIGIBILITIES, key.subscription, query)
        return await self._read(call, transition.decode_eligibilities)

    async def transitions(self, key: SubscriptionKey) -> Sequence[Transition]:
        call = _subscription_call(endpoints.LIST_TRANSITIONS, key)
        return await self._read(call, transition.decode_transitions)

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

    async def product(self, key: ProductKey) -> Product:
        return await self._products.product(key)

    async def sku(self, key: SkuKey) -> Sku:
        return await self._products.sku(key)

    async def availabilities(self, key: AvailabilitiesKey) -> Sequence[Availability]:
        return await self._products.availabilities(key)

    async def availability(self, key: AvailabilityKey) -> Availability:
        return await self._products.availability(key)

    def throttle(self) -> Sequence[ThrottleScope]:
        """Return the rate limits that this caller's calls use or have run into."""
        return [
            ThrottleScope(
                bucket=ThrottleBucket[state.bucket.name],
                customer_id=None if state.customer_id is None else ID(state.customer_id),
                in_flight=state.in_flight,
                sent_in_window=state.sent_in_window,
                limit=state.limit,
                retry_after_seconds=state.paused_for_s,
            )
            for state in self._client.rate_limit_states(self._scope.identity)
        ]

    async def _read(self, call: Call, decode: Callable[[bytes], T]) -> T:
        return await self._client.read(call, self._scope, decode)


def _subscription_call(
    endpoint: Endpoint, key: SubscriptionKey, query: tuple[tuple[str, str], ...] = ()
) -> Call:
    return Call(endpoint, (key.customer_id, key.subscription_id), query=query)
