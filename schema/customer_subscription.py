"""Subscriptions of customers, what upgrades start from. Source: CONTRACT 5.5.

Not named Subscription: that is the root's name. Fields that a query asks of many subscriptions
return the loader's promise itself: awaiting it would cost a coroutine and a task for each.
"""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import field
from strawberry.scalars import JSON

from schema import arguments
from schema.arguments import Locale
from schema.billing import BillingCycle, BillingType
from schema.context import Info
from schema.cost import (
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
from schema.node import Node, encode_node_id
from schema.offer import Offer
from schema.pagination import Connection
from schema.provisioning import SubscriptionProvisioningStatus
from schema.resource import Link, ResourceAttributes, ResourceLinks
from schema.subscription_terms import (
    CommerceFamily,
    ContractType,
    ProductType,
    RefundableQuantity,
    RefundOption,
    SubscriptionStatus,
    TermInstructions,
)
from schema.transition import EligibilityType, Transition, TransitionEligibility
from schema.upgrade import Upgrade, UpgradeType, UpgradeTypeInput

if TYPE_CHECKING:
    from schema.customer import Customer
    from schema.operation import UpgradeOperation

LazyCustomer = Annotated["Customer", strawberry.lazy("schema.customer")]
LazyOperation = Annotated["UpgradeOperation", strawberry.lazy("schema.operation")]


@strawberry.type(description="Links of a subscription.")
class CustomerSubscriptionLinks(ResourceLinks):
    """CONTRACT 5.5, links."""

    offer: Link | None = field(default=None, description="The offer subscribed to.")
    parent_subscription: Link | None = field(default=None, description="What an add-on extends.")
    product: Link | None = field(default=None, description="New commerce product.")
    sku: Link | None = field(default=None, description="New commerce SKU.")
    availability: Link | None = field(default=None, description="New commerce availability.")
    activation_links: Link | None = field(default=None, description="Where to activate it.")
    entitlement: Link | None = field(default=None, description="The entitlement behind it.")


@strawberry.type(description="What a customer subscribes to; an add-on is a subscription too.")
class CustomerSubscription(Node):
    """CONTRACT 5.5, Subscription."""

    id: strawberry.ID = field(description="The vendor's id, a GUID; compared ignoring case.")
    order_id: strawberry.ID | None = field(
        default=None, description="A GUID, or 12 hexadecimal digits in new commerce."
    )
    offer_id: strawberry.ID | None = field(
        default=None,
        description="GUID, `MS-AZR-…`, or `product:sku:availability` in new commerce.",
    )
    offer_name: str | None = field(default=None, description="The offer's name when ordered.")
    friendly_name: str | None = field(default=None, description="The name people gave it.")
    entitlement_id: strawberry.ID | None = field(
        default=None, description="The Azure subscription's id."
    )
    parent_subscription_id: strawberry.ID | None = field(
        default=None, description="What an add-on extends."
    )
    quantity: int | None = field(default=None, description="Licenses; 1 where usage is charged.")
    unit_type: str | None = field(
        default=None, description="`Licenses`, `Usage-based`, `Benefit` or `none`."
    )
    creation_date: datetime | None = field(default=None, description="When ordered, UTC.")
    raw_creation_date: str | None = field(default=None, description="`creationDate` as sent.")
    effective_start_date: datetime | None = field(default=None, description="Start, UTC.")
    raw_effective_start_date: str | None = field(
        default=None, description="`effectiveStartDate` as sent."
    )
    commitment_end_date: datetime | None = field(
        default=None, description="End of the term, UTC; the year 9999 means never."
    )
    raw_commitment_end_date: str | None = field(
        default=None, description="`commitmentEndDate` as sent."
    )
    commitment_end_date_time: datetime | None = field(
        default=None, description="End of the term to the second, UTC."
    )
    raw_commitment_end_date_time: str | None = field(
        default=None, description="`commitmentEndDateTime` as sent."
    )
    cancellation_allowed_until_date: datetime | None = field(
        default=None, description="Until when it can be cancelled, UTC."
    )
    raw_cancellation_allowed_until_date: str | None = field(
        default=None, description="`cancellationAllowedUntilDate` as sent."
    )
    billing_cycle_end_date: datetime | None = field(
        default=None, description="End of the billing cycle, UTC."
    )
    raw_billing_cycle_end_date: str | None = field(
        default=None, description="`billingCycleEndDate` as sent."
    )
    billing_cycle_end_date_time: datetime | None = field(
        default=None, description="End of the billing cycle to the second, UTC."
    )
    raw_billing_cycle_end_date_time: str | None = field(
        default=None, description="`billingCycleEndDateTime` as sent."
    )
    status: SubscriptionStatus | None = field(default=None, description="Its state.")
    raw_status: str | None = field(default=None, description="`status` as sent.")
    billing_type: BillingType | None = field(default=None, description="What is charged for.")
    raw_billing_type: str | None = field(default=None, description="`billingType` as sent.")
    contract_type: ContractType | None = field(default=None, description="How it came to be.")
    raw_contract_type: str | None = field(default=None, description="`contractType` as sent.")
    billing_cycle: BillingCycle | None = field(default=None, description="How often charged.")
    raw_billing_cycle: str | None = field(default=None, description="`billingCycle` as sent.")
    auto_renew_enabled: bool | None = field(
        default=None, description="Whether it renews itself at the end of its term."
    )
    is_trial: bool | None = field(default=None, description="Whether it is a trial.")
    has_purchasable_addons: bool | None = field(
        default=None, description="Whether add-ons can be bought to it."
    )
    is_microsoft_product: bool | None = field(
        default=None, description="Whether the vendor publishes it."
    )
    attention_needed: bool | None = field(default=None, description="Somebody should look at it.")
    action_taken: bool | None = field(default=None, description="Somebody did.")
    term_duration: str | None = field(default=None, description="ISO 8601: `P1M`, `P1Y` or `P3Y`.")
    renewal_term_duration: str | None = field(
        default=None, description="The next term, ISO 8601, where it differs."
    )
    product_type: ProductType | None = field(default=None, description="Kind of product.")
    publisher_name: str | None = field(default=None, description="Who publishes it.")
    partner_id: str | None = field(default=None, description="The reseller's partner id.")
    promotion_id: strawberry.ID | None = field(default=None, description="The promotion used.")
    product_order_id: strawberry.ID | None = field(default=None, description="Product order.")
    migrated_from_subscription_id: strawberry.ID | None = field(
        default=None, description="The legacy subscription it was before."
    )
    actions: list[str] = field(
        default_factory=list, description="What can be done with it: `edit`, `cancel`."
    )
    suspension_reasons: list[str] = field(default_factory=list, description="Why it is suspended.")
    refund_options: list[RefundOption] = field(
        default_factory=list, description="Refunds that can be had."
    )
    refundable_quantity: RefundableQuantity | None = field(
        default=None, description="Licenses that can be returned."
    )
    scheduled_next_term_instructions: TermInstructions | None = field(
        default=None, description="What becomes of it at its next term."
    )
    next_charge_instructions: TermInstructions | None = field(
        default=None, description="What becomes of it at its next charge."
    )
    consumption_type: JSON | None = field(default=None, description="Overage, as sent.")
    line_items: JSON | None = field(default=None, description="Savings plan items, as sent.")
    links: CustomerSubscriptionLinks | None = field(default=None, description="Its links.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
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
