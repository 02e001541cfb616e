"""A directory stub that records its calls, and factories for its results."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from gateway.upstream.models.customer import WireCustomer, to_full_customer, to_partial_customer
from gateway.upstream.models.offer import WireOffer, to_offer
from gateway.upstream.models.subscription import WireSubscription, to_subscription
from resolvers.context import RequestContext
from resolvers.ports.directory import CustomersKey, CustomersPage, Directory, OffersKey, OffersPage
from resolvers.request_loaders import RequestLoaders
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
from schema.throttle import ThrottleScope
from schema.transition import Transition
from schema.transition_eligibility import TransitionEligibility
from schema.upgrade import Upgrade
from schema.webhook import WebhookRegistration, WebhookValidationEvent
from tests.support.empty_ports import empty_ports

T = TypeVar("T")


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)


def make_wire_model(model: type[T], **members: Any) -> T:
    """Decode a wire model from members, which are given in snake_case."""
    return msgspec.convert({_camel(name): v for name, v in members.items()}, model)


def guid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def make_partial_customer(number: int) -> Customer:
    return to_partial_customer(WireCustomer(id=guid(number)))


def make_subscription(customer_id: str, number: int, **members: Any) -> CustomerSubscription:
    return to_subscription(
        make_wire_model(WireSubscription, id=guid(number), **members), customer_id
    )


def make_offer(offer_id: str, market: Market | None = None, **members: Any) -> Offer:
    return to_offer(make_wire_model(WireOffer, id=offer_id, **members), market or Market())


class StubDirectory:
    """Implements `Directory` with given results.

    Attributes:
        results: by method: a value, a function of the key, or an exception to raise.
        calls: (method, key) of each call.
        gate: calls wait while it is cleared.
    """

    def __init__(self, **results: Any) -> None:
        self.results = results
        self.calls: list[tuple[str, Any]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def _result(self, method: str, key: Any) -> Any:
        self.calls.append((method, key))
        await self.gate.wait()
        result = self.results[method]
        if isinstance(result, BaseException):
            raise result
        return result(key) if callable(result) else result

    def count_calls(self, method: str) -> int:
        return [name for name, _ in self.calls].count(method)

    async def customers(self, key: CustomersKey) -> CustomersPage:
        page: CustomersPage = await self._result("customers", key)
        return page

    async def customer(self, customer_id: str) -> Customer:
        customer: Customer = await self._result("customer", customer_id)
        return customer

    async def subscriptions(self, customer_id: str) -> Sequence[CustomerSubscription]:
        found: Sequence[CustomerSubscription] = await self._result("subscriptions", customer_id)
        return found

    async def subscription(self, key: SubscriptionKey) -> CustomerSubscription:
        found: CustomerSubscription = await self._result("subscription", key)
        return found

    async def provisioning_status(self, key: SubscriptionKey) -> SubscriptionProvisioningStatus:
        status: SubscriptionProvisioningStatus = await self._result("provisioning_status", key)
        return status

    async def upgrades(self, key: SubscriptionKey) -> Sequence[Upgrade]:
        found: Sequence[Upgrade] = await self._result("upgrades", key)
        return found

    async def product_upgrade_eligibility(
        self, key: ProductUpgradeKey
    ) -> ProductUpgradesEligibility:
        found: ProductUpgradesEligibility = await self._result("product_upgrade_eligibility", key)
        return found

    async def product_upgrade_status(self, key: ProductUpgradeStatusKey) -> ProductUpgradesStatus:
        status: ProductUpgradesStatus = await self._result("product_upgrade_status", key)
        return status

    async def offers_page(self, key: OffersKey) -> OffersPage:
        page: OffersPage = await self._result("offers_page", key)
        return page

    async def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Sequence[Offer | BaseException]:
        found: Sequence[Offer | BaseException] = await self._result(
            "offers", (market, list(offer_ids))
        )
        return found

    async def offer_add_ons(self, key: OfferKey) -> Sequence[Offer]:
        found: Sequence[Offer] = await self._result("offer_add_ons", key)
        return found

    async def offer_categories(self, market: Market) -> Sequence[OfferCategory]:
        found: Sequence[OfferCategory] = await self._result("offer_categories", market)
        return found

    async def transition_eligibilities(
        self, key: TransitionEligibilitiesKey
    ) -> Sequence[TransitionEligibility]:
        found: Sequence[TransitionEligibility] = await self._result("transition_eligibilities", key)
        return found

    async def transitions(self, key: SubscriptionKey) -> Sequence[Transition]:
        found: Sequence[Transition] = await self._result("transitions", key)
        return found

    async def audit_records(self, key: AuditDayKey) -> Sequence[AuditRecord]:
        found: Sequence[AuditRecord] = await self._result("audit_records", key)
        return found

    async def custom_term_end_dates(
        self, key: CustomTermEndDatesKey
    ) -> Sequence[CustomTermEndDate]:
        found: Sequence[CustomTermEndDate] = await self._result("custom_term_end_dates", key)
        return found

    async def promotions(
        self, keys: Sequence[PromotionsKey]
    ) -> Sequence[Sequence[PromotionEligibility]]:
        found: Sequence[Sequence[PromotionEligibility]] = await self._result("promotions", keys)
        return found

    async def product(self, key: ProductKey) -> Product:
        found: Product = await self._result("product", key)
        return found

    async def sku(self, key: SkuKey) -> Sku:
        found: Sku = await self._result("sku", key)
        return found

    async def availabilities(self, key: AvailabilitiesKey) -> Sequence[Availability]:
        found: Sequence[Availability] = await self._result("availabilities", key)
        return found

    async def availability(self, key: AvailabilityKey) -> Availability:
        found: Availability = await self._result("availability", key)
        return found

    async def webhook_event_names(self) -> Sequence[str]:
        names: Sequence[str] = await self._result("webhook_event_names", None)
        return names

    async def webhook_registration(self) -> WebhookRegistration:
        found: WebhookRegistration = await self._result("webhook_registration", None)
        return found

    async def webhook_validation_event(self, correlation_id: str) -> WebhookValidationEvent:
        key = correlation_id
        found: WebhookValidationEvent = await self._result("webhook_validation_event", key)
        return found

    def throttle(self) -> Sequence[ThrottleScope]:
        scopes: Sequence[ThrottleScope] = self.results["throttle"]
        return scopes


def make_request_context(
    directory: Directory, *, loaders: RequestLoaders | None = None, max_page_size: int = 100
) -> RequestContext:
    """Create the context of a request, without operations."""
    return RequestContext(
        directory=directory,
        loaders=loaders or RequestLoaders(directory, empty_ports),
        correlation_id="correlation-1",
        max_page_size=max_page_size,
        ports=empty_ports,
        create_directory=lambda: directory,
        wall_clock=lambda: 0.0,
        preview_ttl_s=900.0,
        calls_made=lambda: 0,
    )


def make_full_customer(number: int) -> Customer:
    return to_full_customer(WireCustomer(id=guid(number), commerce_id=guid(number)))
