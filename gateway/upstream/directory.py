"""The Directory of one request: each question becomes a call, each answer a noun of the graph."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from strawberry import ID

from gateway.upstream import endpoints
from gateway.upstream.call import Call
from gateway.upstream.catalog import Catalog
from gateway.upstream.catalog_cache import CatalogCache
from gateway.upstream.client import UpstreamClient
from gateway.upstream.customer_pages import build_customers_call, find_continuation
from gateway.upstream.decoding import Decoder
from gateway.upstream.endpoints import Endpoint
from gateway.upstream.mapping import customer as customer_mapping
from gateway.upstream.mapping import product_upgrade as product_upgrade_mapping
from gateway.upstream.mapping import provisioning as provisioning_mapping
from gateway.upstream.mapping import transition as transition_mapping
from gateway.upstream.nouns import subscription as subscription_nouns
from gateway.upstream.nouns import upgrade as upgrade_nouns
from gateway.upstream.scope import RequestScope
from gateway.upstream.wire import customer, product_upgrade, subscription, transition
from gateway.upstream.wire.resource import Collection
from resolvers.ports.directory import CustomersKey, CustomersPage, OffersKey, OffersPage
from schema.customer import Customer
from schema.customer_subscription import CustomerSubscription
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
from schema.throttle import ThrottleBucket, ThrottleScope
from schema.transition import Transition
from schema.transition_eligibility import TransitionEligibility
from schema.upgrade import Upgrade

T = TypeVar("T")

_CUSTOMERS: Final = Decoder(Collection[customer.Customer])
_CUSTOMER: Final = Decoder(customer.Customer)
_SUBSCRIPTIONS: Final = Decoder(Collection[subscription_nouns.Subscription])
_SUBSCRIPTION: Final = Decoder(subscription_nouns.Subscription)
_PROVISIONING_STATUS: Final = Decoder(subscription.SubscriptionProvisioningStatus)
_UPGRADES: Final = Decoder(Collection[upgrade_nouns.Upgrade])
_ELIGIBILITY: Final = Decoder(product_upgrade.ProductUpgradesEligibility)
_STATUS: Final = Decoder(product_upgrade.ProductUpgradesStatus)
_TRANSITION_ELIGIBILITIES: Final = Decoder(Collection[transition.TransitionEligibility])
_TRANSITIONS: Final = Decoder(Collection[transition.Transition])


class PartnerDirectory:
    """Implements the port `Directory` over one client, on behalf of one request."""

    def __init__(self, client: UpstreamClient, scope: RequestScope, cache: CatalogCache) -> None:
        self._client = client
        self._scope = scope
        self._catalog = Catalog(client, scope, cache)

    async def customers(self, key: CustomersKey) -> CustomersPage:
        """Read one page of customers."""
        return await self._read(build_customers_call(key), _customers_page)

    async def customer(self, customer_id: str) -> Customer:
        """Read one whole customer."""
        call = Call(endpoints.GET_CUSTOMER, (customer_id,))
        return await self._read(call, lambda body: customer_mapping.full_customer(_CUSTOMER(body)))

    async def subscriptions(self, customer_id: str) -> Sequence[CustomerSubscription]:
        """Read all subscriptions of a customer."""

        def decode(body: bytes) -> Sequence[CustomerSubscription]:
            sent = _SUBSCRIPTIONS(body).items or ()
            return [subscription_nouns.subscription(item, customer_id) for item in sent]

        return await self._read(Call(endpoints.LIST_SUBSCRIPTIONS, (customer_id,)), decode)

    async def subscription(self, key: SubscriptionKey) -> CustomerSubscription:
        """Read one subscription."""
        call = _of_subscription(endpoints.GET_SUBSCRIPTION, key)
        return await self._read(
            call,
            lambda body: subscription_nouns.subscription(_SUBSCRIPTION(body), key.customer_id),
        )

    async def provisioning_status(self, key: SubscriptionKey) -> SubscriptionProvisioningStatus:
        """Read how far a subscription is set up."""
        call = _of_subscription(endpoints.GET_PROVISIONING_STATUS, key)
        return await self._read(
            call,
            lambda body: provisioning_mapping.provisioning_status(_PROVISIONING_STATUS(body)),
        )

    async def upgrades(self, key: SubscriptionKey) -> Sequence[Upgrade]:
        """Read the upgrade paths of a subscription."""

        def decode(body: bytes) -> Sequence[Upgrade]:
            return [upgrade_nouns.upgrade(item, key) for item in _UPGRADES(body).items or ()]

        return await self._read(_of_subscription(endpoints.LIST_UPGRADES, key), decode)

    async def product_upgrade_eligibility(
        self, key: ProductUpgradeKey
    ) -> ProductUpgradesEligibility:
        """Read whether a customer's products can be upgraded."""
        call = Call(
            endpoints.PRODUCT_UPGRADE_ELIGIBILITY, body=product_upgrade_mapping.request(key)
        )
        return await self._read(
            call, lambda body: product_upgrade_mapping.eligibility(_ELIGIBILITY(body), key)
        )

    async def product_upgrade_status(self, key: ProductUpgradeStatusKey) -> ProductUpgradesStatus:
        """Read how far a product upgrade is."""
        body = product_upgrade_mapping.request(key.product)
        call = Call(endpoints.PRODUCT_UPGRADE_STATUS, (key.upgrade_id,), body=body)
        customer_id = key.product.customer_id
        return await self._read(
            call, lambda body: product_upgrade_mapping.status(_STATUS(body), customer_id)
        )

    async def offers_page(self, key: OffersKey) -> OffersPage:
        """Read one page of a catalog."""
        return await self._catalog.page(key)

    async def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Sequence[Offer | BaseException]:
        """Answer n ids with n offers or refusals, in order."""
        return await self._catalog.offers(market, offer_ids)

    async def offer_add_ons(self, key: OfferKey) -> Sequence[Offer]:
        """Read the add-ons of an offer."""
        return await self._catalog.add_ons(key)

    async def offer_categories(self, market: Market) -> Sequence[OfferCategory]:
        """Read the shelves of a catalog."""
        return await self._catalog.categories(market)

    async def transition_eligibilities(
        self, key: TransitionEligibilitiesKey
    ) -> Sequence[TransitionEligibility]:
        """Read what a subscription could become."""
        when = (("eligibilityType", "scheduled"),) if key.scheduled else ()
        call = _of_subscription(endpoints.LIST_TRANSITION_ELIGIBILITIES, key.subscription, when)

        def decode(body: bytes) -> Sequence[TransitionEligibility]:
            sent = _TRANSITION_ELIGIBILITIES(body).items or ()
            return [transition_mapping.eligibility(item) for item in sent]

        return await self._read(call, decode)

    async def transitions(self, key: SubscriptionKey) -> Sequence[Transition]:
        """Read the transitions a subscription made."""

        def decode(body: bytes) -> Sequence[Transition]:
            return [transition_mapping.transition(t) for t in _TRANSITIONS(body).items or ()]

        return await self._read(_of_subscription(endpoints.LIST_TRANSITIONS, key), decode)

    def throttle(self) -> Sequence[ThrottleScope]:
        """Tell how the vendor's throttling stands for this caller."""
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


def _of_subscription(
    endpoint: Endpoint, key: SubscriptionKey, query: tuple[tuple[str, str], ...] = ()
) -> Call:
    return Call(endpoint, (key.customer_id, key.subscription_id), query=query)


def _customers_page(body: bytes) -> CustomersPage:
    sent = _CUSTOMERS(body)
    listed = [customer_mapping.listed_customer(item) for item in sent.items or ()]
    return CustomersPage(listed, find_continuation(sent))
