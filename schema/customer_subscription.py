"""Subscriptions of customers, what upgrades start from. Source: CONTRACT 5.5.

Not named Subscription: that is the root's name. Fields that a query asks of many subscriptions
return the loader's promise itself: awaiting it would cost a coroutine and a task for each.
"""

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import field

from schema import arguments
from schema.arguments import Locale
from schema.context import Info
from schema.directives import (
    ADD_ONS,
    CUSTOMER_OFFERS,
    ONE_CALL,
    PER_CUSTOMER,
    RECORDED_OPERATIONS,
    SHORT_LIST,
    SUBSCRIPTION_LIST,
)
from schema.keys import (
    DEFAULT_LOCALE,
    CustomerKey,
    OfferKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
)
from schema.node import encode_node_id
from schema.offer import Offer
from schema.pagination import Connection
from schema.provisioning import SubscriptionProvisioningStatus
from schema.subscription_fields import SubscriptionFields
from schema.subscription_terms import (
    CommerceFamily,
)
from schema.transition import Transition
from schema.transition_eligibility import EligibilityType, TransitionEligibility
from schema.upgrade import Upgrade, UpgradeType, UpgradeTypeInput

if TYPE_CHECKING:
    from schema.customer import Customer
    from schema.operation import UpgradeOperation

LazyCustomer = Annotated["Customer", strawberry.lazy("schema.customer")]
LazyOperation = Annotated["UpgradeOperation", strawberry.lazy("schema.operation")]


@strawberry.type(description="What a customer subscribes to; an add-on is a subscription too.")
class CustomerSubscription(SubscriptionFields):
    """CONTRACT 5.5, Subscription."""

    commerce: CommerceFamily = field(description="Which way to upgrade applies to it.")
    key: strawberry.Private[SubscriptionKey]
    market_offer: strawberry.Private[OfferKey | None] = None

    @strawberry.field(description="Opaque id for `node(nodeId:)`, unique over all types.")
    def node_id(self) -> strawberry.ID:
        """Name the customer and the subscription."""
        return encode_node_id(
            "CustomerSubscription", self.key.customer_id, self.key.subscription_id
        )

    @strawberry.field(description="The customer who subscribes.", directives=PER_CUSTOMER)
    async def customer(self, info: Info) -> LazyCustomer | None:
        """Follow back; no further call where the customer was read in this request."""
        return await info.context.loaders.customer.load(CustomerKey(self.key.customer_id))

    @strawberry.field(
        description=(
            "The offer in the legacy catalog; null in new commerce, whose items are not in it. "
            "Without `country` the one its own link names, or US."
        ),
        graphql_type=Offer | None,
        directives=CUSTOMER_OFFERS,
    )
    def offer(
        self,
        info: Info,
        country: Annotated[
            str | None,
            strawberry.argument(description="Market whose catalog is read, ISO 3166 two letters."),
        ] = None,
        locale: Locale = DEFAULT_LOCALE,
    ) -> Awaitable[Offer | None] | None:
        """One call for many: offers of one market are read together."""
        own = self.market_offer
        if own is None:
            return None
        key = OfferKey(own.offer_id, arguments.parse_market(country or own.market.country, locale))
        return info.context.loaders.offer.load(key)

    @strawberry.field(
        description="The subscription an add-on extends.", directives=SUBSCRIPTION_LIST
    )
    async def parent(self, info: Info) -> "CustomerSubscription | None":
        """Follow `parentSubscriptionId`."""
        if self.parent_subscription_id is None:
            return None
        key = SubscriptionKey(self.key.customer_id, self.parent_subscription_id)
        return await info.context.loaders.subscription.load(key)

    @strawberry.field(description="The add-ons that extend it.", directives=ADD_ONS)
    async def add_ons(self, info: Info) -> list["CustomerSubscription"] | None:
        """Pick them from the customer's one list, which carries add-ons (CONTRACT 13)."""
        customer = CustomerKey(self.key.customer_id)
        siblings = await info.context.loaders.subscriptions.load(customer)
        own_id = self.id.lower()
        return [s for s in siblings if (s.parent_subscription_id or "").lower() == own_id]

    @strawberry.field(description="How far it is set up.", directives=ONE_CALL)
    async def provisioning_status(self, info: Info) -> SubscriptionProvisioningStatus | None:
        """One call for each subscription."""
        return await info.context.loaders.provisioning_status.load(self.key)

    @strawberry.field(
        description=(
            "The ways to upgrade it, possible or not. One call for each legacy license "
            "subscription; empty without a call in the other families."
        ),
        graphql_type=list[Upgrade] | None,
        directives=SHORT_LIST,
    )
    def upgrades(
        self,
        info: Info,
        eligible_only: Annotated[
            bool, strawberry.argument(description="Leave out those that are not possible now.")
        ] = False,
        upgrade_type: Annotated[
            UpgradeTypeInput | None, strawberry.argument(description="Only those that move this.")
        ] = None,
    ) -> Awaitable[Sequence[Upgrade]] | Sequence[Upgrade]:
        """The arguments choose among the answers of the one call."""
        if self.commerce in (CommerceFamily.NEW_COMMERCE, CommerceFamily.LEGACY_AZURE):
            return []
        upgrades = info.context.loaders.upgrades.load(self.key)
        if upgrade_type is None and not eligible_only:
            return upgrades
        wanted = None if upgrade_type is None else UpgradeType[upgrade_type.name]
        return _filter_upgrades(upgrades, wanted, eligible_only=eligible_only)

    @strawberry.field(
        description=(
            "The catalog items it could become. One call for each license subscription, "
            "legacy or new commerce; empty without a call for Azure."
        ),
        directives=SHORT_LIST,
    )
    async def transition_eligibilities(
        self,
        info: Info,
        eligibility_type: Annotated[
            EligibilityType, strawberry.argument(description="When it would take place.")
        ] = EligibilityType.IMMEDIATE,
    ) -> list[TransitionEligibility] | None:
        """The argument is part of the question (CONTRACT 4.16)."""
        if self.commerce is CommerceFamily.LEGACY_AZURE:
            return []
        key = TransitionEligibilitiesKey(
            self.key, scheduled=eligibility_type is EligibilityType.SCHEDULED
        )
        return list(await info.context.loaders.transition_eligibilities.load(key))

    @strawberry.field(
        description="Its transitions; empty without a call for legacy, which has none.",
        directives=SHORT_LIST,
    )
    async def transitions(self, info: Info) -> list[Transition] | None:
        """One call for each new commerce subscription."""
        if self.commerce in {CommerceFamily.LEGACY_LICENSE, CommerceFamily.LEGACY_AZURE}:
            return []
        return list(await info.context.loaders.transitions.load(self.key))

    @strawberry.field(
        description="Your operations on it, newest first. No upstream call.",
        directives=RECORDED_OPERATIONS,
    )
    async def operations(self, info: Info) -> list[LazyOperation] | None:
        """As this gateway recorded them."""
        return list(await info.context.loaders.operations.load(self.key))


@strawberry.type(description="A page of subscriptions.")
class CustomerSubscriptionConnection(Connection[CustomerSubscription]):
    """The vendor sends the whole list at once, so its length is known."""

    total_count: int = field(description="Subscriptions of the customer that match.")


async def _filter_upgrades(
    upgrades: Awaitable[Sequence[Upgrade]], upgrade_type: UpgradeType | None, *, eligible_only: bool
) -> list[Upgrade]:
    return [
        upgrade
        for upgrade in await upgrades
        if (upgrade.is_eligible or not eligible_only)
        and upgrade_type in (None, upgrade.upgrade_type)
    ]
