"""A Directory in memory. Every field of every object has a value, always the same for a key."""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from strawberry.scalars import JSON
from strawberry.types.base import StrawberryList, StrawberryOptional, get_object_definition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.lazy_type import LazyType

from resolvers.context import RequestContext
from resolvers.ports.directory import (
    Continuation,
    CustomersKey,
    CustomersPage,
    OffersKey,
    OffersPage,
)
from schema.audit_record import AuditRecord
from schema.availability import Availability
from schema.custom_term_end_date import CustomTermEndDate
from schema.customer import Customer, CustomerDetail
from schema.customer_profiles import CompanyProfile
from schema.customer_subscription import CustomerSubscription
from schema.errors import NotFound
from schema.keys import (
    AuditDayKey,
    AvailabilitiesKey,
    AvailabilityKey,
    CustomerKey,
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
from tests.support.directory import make_request_context

T = TypeVar("T")

START = datetime(2026, 1, 31, 12, tzinfo=UTC)


def guid(number: int) -> str:
    # Octal, because FakeDirectory does not find ids that end in 9.
    return f"00000000-0000-4000-8000-{number:012o}"


class RandomObjects:
    """Creates objects of the graph with random values."""

    def __init__(self, seed: object) -> None:
        self._random = random.Random(str(seed))  # noqa: S311 - values must be reproducible

    def create(self, type_: type[T], depth: int = 0, **private: Any) -> T:
        """Create an object; `private` are its members that are no fields."""
        definition = get_object_definition(type_, strict=True)
        members = {
            field.python_name: self._value(field.resolve_type(), depth)
            for field in definition.fields
            if field.base_resolver is None and field.python_name not in private
        }
        return type_(**members, **private)

    def _value(self, type_: Any, depth: int) -> Any:
        if isinstance(type_, StrawberryOptional):
            is_null = depth > 3 or self._random.random() < 0.2
            return None if is_null else self._value(type_.of_type, depth)
        if isinstance(type_, StrawberryList):
            count = 0 if depth > 3 else self._random.choice([0, 1, 3])
            return [self._value(type_.of_type, depth + 1) for _ in range(count)]
        if isinstance(type_, LazyType):
            return self._value(type_.resolve_type(), depth)
        if isinstance(type_, StrawberryEnumDefinition):
            return self._random.choice(list(type_.wrapped_cls))
        if get_object_definition(type_) is not None:
            return self._object(type_, depth + 1)
        return self._scalar(type_)

    def _object(self, type_: type[Any], depth: int) -> Any:
        if type_ is CompanyProfile:
            return self.create(type_, depth, customer=CustomerKey(guid(1)))
        return self.create(type_, depth)

    def _scalar(self, type_: Any) -> Any:
        number = self._random.randrange(10_000)
        values: dict[Any, Any] = {
            int: number,
            float: number / 8,
            bool: number % 2 == 0,
            datetime: START + timedelta(minutes=number),
            JSON: {"number": number, "list": [None, "text"]},
        }
        return values.get(type_, f"text {number}")


class FakeDirectory:
    """Implements `resolvers.ports.directory.Directory`. Ids that end in 9 do not exist."""

    def __init__(self, offers: int = 25, subscriptions: int = 4, upgrades: int = 3) -> None:
        self._offer_count = offers
        self._subscription_count = subscriptions
        self._upgrade_count = upgrades
        self._cache: dict[tuple[str, object], Any] = {}

    def _cached(self, kind: str, key: object, create: Any) -> Any:
        if (kind, key) not in self._cache:
            self._cache[kind, key] = create(RandomObjects((kind, key)))
        return self._cache[kind, key]

    async def _respond(self, key: str) -> None:
        await asyncio.sleep(0)
        if key.endswith("9"):
            raise NotFound(f"There is no {key}.")

    def _customer(self, customer_id: str, *, is_full: bool) -> Customer:
        def create(objects: RandomObjects) -> Customer:
            profile = objects.create(
                CompanyProfile, customer=CustomerKey(customer_id), is_full=is_full
            )
            detail = CustomerDetail(commerce_id="c", custom_domains=("a.example", "b.example"))
            return objects.create(
                Customer,
                id=customer_id,
                company_profile=profile,
                detail=detail if is_full else None,
            )

        created: Customer = self._cached(f"customer {is_full}", customer_id, create)
        return created

    async def customers(self, key: CustomersKey) -> CustomersPage:
        await self._respond(key.company_name_starts_with or "")
        customers = [self._customer(guid(n), is_full=False) for n in range(1, key.size + 1)][:6]
        return CustomersPage(customers, Continuation("next", (("name", "value"),)))

    async def customer(self, customer_id: str) -> Customer:
        await self._respond(customer_id)
        return self._customer(customer_id, is_full=True)

    async def subscriptions(self, customer_id: str) -> Sequence[CustomerSubscription]:
        await self._respond(customer_id)
        return [
            self._subscription(SubscriptionKey(customer_id, guid(number)))
            for number in range(1, self._subscription_count + 1)
        ]

    def _subscription(self, key: SubscriptionKey) -> CustomerSubscription:
        offer = OfferKey(f"offer-{int(key.subscription_id[-4:], 16) % 12}", Market())
        created: CustomerSubscription = self._cached(
            "subscription",
            key,
            lambda objects: objects.create(
                CustomerSubscription,
                id=key.subscription_id,
                key=key,
                market_offer=offer,
                parent_subscription_id=guid(1),
            ),
        )
        return created

    async def subscription(self, key: SubscriptionKey) -> CustomerSubscription:
        await self._respond(key.subscription_id)
        return self._subscription(key)

    async def provisioning_status(self, key: SubscriptionKey) -> SubscriptionProvisioningStatus:
        await self._respond(key.subscription_id)
        return RandomObjects(key).create(SubscriptionProvisioningStatus)

    async def upgrades(self, key: SubscriptionKey) -> Sequence[Upgrade]:
        await self._respond(key.subscription_id)
        created: Sequence[Upgrade] = self._cached(
            "upgrades",
            key,
            lambda objects: [
                objects.create(
                    Upgrade, source=key, target_offer=self._offer(f"offer-{n}", Market())
                )
                for n in range(self._upgrade_count)
            ],
        )
        return created

    async def product_upgrade_eligibility(
        self, key: ProductUpgradeKey
    ) -> ProductUpgradesEligibility:
        await self._respond(key.customer_id)
        return RandomObjects(key).create(ProductUpgradesEligibility, asked=key)

    async def product_upgrade_status(self, key: ProductUpgradeStatusKey) -> ProductUpgradesStatus:
        await self._respond(key.upgrade_id)
        return RandomObjects(key).create(ProductUpgradesStatus)

    def _offer(self, offer_id: str, market: Market) -> Offer:
        created: Offer = self._cached(
            "offer",
            (offer_id, market),
            lambda objects: objects.create(
                Offer,
                id=offer_id,
                market=market,
                upgrade_target_offers=["offer-1", "offer-9"],
            ),
        )
        return created

    async def offers_page(self, key: OffersKey) -> OffersPage:
        await self._respond(key.category_id or "")
        count = min(key.size, self._offer_count)
        offers = [self._offer(f"offer-{n}", key.market) for n in range(count)]
        return OffersPage(offers, has_next=True)

    async def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Sequence[Offer | BaseException]:
        await self._respond(market.country)
        return [
            NotFound(f"There is no {offer_id}.")
            if offer_id.endswith("9")
            else self._offer(offer_id, market)
            for offer_id in offer_ids
        ]

    async def offer_add_ons(self, key: OfferKey) -> Sequence[Offer]:
        await self._respond(key.offer_id)
        return [self._offer(f"{key.offer_id}-{n}", key.market) for n in range(2)]

    async def offer_categories(self, market: Market) -> Sequence[OfferCategory]:
        await self._respond(market.country)
        return [RandomObjects((market, n)).create(OfferCategory) for n in range(3)]

    async def transition_eligibilities(
        self, key: TransitionEligibilitiesKey
    ) -> Sequence[TransitionEligibility]:
        await self._respond(key.subscription.subscription_id)
        return [RandomObjects((key, n)).create(TransitionEligibility) for n in range(2)]

    async def transitions(self, key: SubscriptionKey) -> Sequence[Transition]:
        await self._respond(key.subscription_id)
        return [RandomObjects((key, n)).create(Transition) for n in range(2)]

    async def audit_records(self, key: AuditDayKey) -> Sequence[AuditRecord]:
        await self._respond(key.customer_id)
        return [RandomObjects((key, n)).create(AuditRecord) for n in range(2)]

    async def custom_term_end_dates(
        self, key: CustomTermEndDatesKey
    ) -> Sequence[CustomTermEndDate]:
        await self._respond(key.customer_id)
        return [RandomObjects((key, n)).create(CustomTermEndDate) for n in range(2)]

    async def promotions(
        self, keys: Sequence[PromotionsKey]
    ) -> Sequence[Sequence[PromotionEligibility]]:
        await self._respond(keys[0].customer_id)
        return [
            [RandomObjects((key, n)).create(PromotionEligibility) for n in range(2)] for key in keys
        ]

    async def product(self, key: ProductKey) -> Product:
        await self._respond(key.product_id)
        return RandomObjects(key).create(Product)

    async def sku(self, key: SkuKey) -> Sku:
        await self._respond(key.sku_id)
        return RandomObjects(key).create(Sku, key=key)

    async def availabilities(self, key: AvailabilitiesKey) -> Sequence[Availability]:
        await self._respond(key.sku.sku_id)
        return [RandomObjects((key, n)).create(Availability) for n in range(2)]

    async def availability(self, key: AvailabilityKey) -> Availability:
        await self._respond(key.availability_id)
        return RandomObjects(key).create(Availability)

    async def webhook_event_names(self) -> Sequence[str]:
        return ["subscription-updated", "test-created"]

    async def webhook_registration(self) -> WebhookRegistration:
        return RandomObjects("webhook").create(WebhookRegistration)

    async def webhook_validation_event(self, correlation_id: str) -> WebhookValidationEvent:
        await self._respond(correlation_id)
        return RandomObjects(correlation_id).create(WebhookValidationEvent)

    def throttle(self) -> Sequence[ThrottleScope]:
        return [RandomObjects(n).create(ThrottleScope) for n in range(3)]


def fake_context(directory: FakeDirectory) -> RequestContext:
    return make_request_context(directory, max_page_size=500)
