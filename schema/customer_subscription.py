"""Subscriptions of customers, from which upgrades start. Source: CONTRACT 5.5.

Fields that are often selected for many subscriptions return the loader's future without awaiting
it, which saves a coroutine and a task for each.
"""

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import field

from schema.context import Info
from schema.directives import (
    ADD_ONS,
    ONE_CALL,
    PER_CUSTOMER,
    RECORDED_OPERATIONS,
    SHORT_LIST,
    SUBSCRIPTION_LIST,
)
from schema.keys import (
    CustomerKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
)
from schema.node import encode_node_id
from schema.pagination import Connection
from schema.provisioning import SubscriptionProvisioningStatus
from schema.subscription_catalog import SubscriptionCatalogFields
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


@strawberry.type(
    description=(
        "A customer's subscription to an offer or product. An add-on is a"
        " subscription of its own, with a `parentSubscriptionId`."
    )
)
class CustomerSubscription(SubscriptionCatalogFields):
    """A customer's subscription. The name `Subscription` is taken by the root type."""

    commerce: CommerceFamily = field(
        description=(
            "The family of upgrades that applies. Determined by this gateway from the"
            " billing type, the offer id and the product type."
        )
    )
    key: strawberry.Private[SubscriptionKey]

    @strawberry.field(
        description="The object's globally unique, opaque id. Pass it to `node(nodeId:)`."
    )
    def node_id(self) -> strawberry.ID:
        return encode_node_id(
            "CustomerSubscription", self.key.customer_id, self.key.subscription_id
        )

    @strawberry.field(
        description=(
            "The customer that owns the subscription. Costs no call if the document"
            " has read the customer already."
        ),
        graphql_type=LazyCustomer | None,
        directives=PER_CUSTOMER,
    )
    def customer(self, info: Info) -> Awaitable["Customer"]:
        return info.context.loaders.customer.load(CustomerKey(self.key.customer_id))

    @strawberry.field(
        description=(
            "The subscription that an add-on extends. Null if this is not an add-on."
            " Shares the call for the customer's subscriptions."
        ),
        directives=SUBSCRIPTION_LIST,
    )
    async def parent(self, info: Info) -> "CustomerSubscription | None":
        if self.parent_subscription_id is None:
            return None
        key = SubscriptionKey(self.key.customer_id, self.parent_subscription_id)
        return await info.context.loaders.subscription.load(key)

    @strawberry.field(
        description=(
            "The add-ons of this subscription. Shares the call for the customer's subscriptions."
        ),
        directives=ADD_ONS,
    )
    async def add_ons(self, info: Info) -> list["CustomerSubscription"] | None:
        customer = CustomerKey(self.key.customer_id)
        siblings = await info.context.loaders.subscriptions.load(customer)
        own_id = self.id.lower()
        return [s for s in siblings if (s.parent_subscription_id or "").lower() == own_id]

    @strawberry.field(
        description=(
            "Whether the latest change of licenses has been applied. Costs one call"
            " for each subscription."
        ),
        graphql_type=SubscriptionProvisioningStatus | None,
        directives=ONE_CALL,
    )
    def provisioning_status(self, info: Info) -> Awaitable[SubscriptionProvisioningStatus]:
        return info.context.loaders.provisioning_status.load(self.key)

    @strawberry.field(
        description=(
            "The possible upgrades of a legacy license subscription, including those"
            " that are not eligible now, with the reasons. Costs one call for each"
            " such subscription. Empty, without a call, for the other families."
        ),
        graphql_type=list[Upgrade] | None,
        directives=SHORT_LIST,
    )
    def upgrades(
        self,
        info: Info,
        eligible_only: Annotated[
            bool, strawberry.argument(description="Returns only upgrades that are eligible now.")
        ] = False,
        upgrade_type: Annotated[
            UpgradeTypeInput | None,
            strawberry.argument(description="Returns only upgrades of this type."),
        ] = None,
    ) -> Awaitable[Sequence[Upgrade]] | Sequence[Upgrade]:
        if self.commerce in (CommerceFamily.NEW_COMMERCE, CommerceFamily.LEGACY_AZURE):
            return []
        upgrades = info.context.loaders.upgrades.load(self.key)
        if upgrade_type is None and not eligible_only:
            return upgrades
        wanted = None if upgrade_type is None else UpgradeType[upgrade_type.name]
        return _filter_upgrades(upgrades, wanted, eligible_only=eligible_only)

    @strawberry.field(
        description=(
            "The catalog items to which a license subscription, legacy or new"
            " commerce, can transition. Costs one call for each subscription. Empty,"
            " without a call, for Azure."
        ),
        directives=SHORT_LIST,
    )
    async def transition_eligibilities(
        self,
        info: Info,
        eligibility_type: Annotated[
            EligibilityType,
            strawberry.argument(description="When the transition would take effect."),
        ] = EligibilityType.IMMEDIATE,
    ) -> list[TransitionEligibility] | None:
        if self.commerce is CommerceFamily.LEGACY_AZURE:
            return []
        key = TransitionEligibilitiesKey(
            self.key, scheduled=eligibility_type is EligibilityType.SCHEDULED
        )
        return list(await info.context.loaders.transition_eligibilities.load(key))

    @strawberry.field(
        description=(
            "The transitions of a new commerce subscription, past and running. Costs"
            " one call for each subscription. Empty, without a call, for legacy"
            " subscriptions."
        ),
        directives=SHORT_LIST,
    )
    async def transitions(self, info: Info) -> list[Transition] | None:
        if self.commerce in {CommerceFamily.LEGACY_LICENSE, CommerceFamily.LEGACY_AZURE}:
            return []
        return list(await info.context.loaders.transitions.load(self.key))

    @strawberry.field(
        description=(
            "Your operation that scheduled `scheduledChange`. Null if nothing is scheduled, or if"
            " somebody scheduled it elsewhere. Makes no upstream call."
        ),
        directives=RECORDED_OPERATIONS,
    )
    async def scheduled_by(self, info: Info) -> LazyOperation | None:
        change = self.scheduled_change
        if change is None:
            return None
        operations = await info.context.loaders.operations.load(self.key)
        return next((each for each in operations if each.has_scheduled(change)), None)

    @strawberry.field(
        description=(
            "Your operations on this subscription, newest first. Recorded by this"
            " gateway; makes no upstream call."
        ),
        directives=RECORDED_OPERATIONS,
    )
    async def operations(self, info: Info) -> list[LazyOperation] | None:
        return list(await info.context.loaders.operations.load(self.key))


@strawberry.type(description="A page of a customer's subscriptions.")
class CustomerSubscriptionConnection(Connection[CustomerSubscription]):
    """A page of subscriptions.

    The total is known: Partner Center returns the whole list at once.
    """

    total_count: int = field(
        description="The number of the customer's subscriptions that match the arguments."
    )


async def _filter_upgrades(
    upgrades: Awaitable[Sequence[Upgrade]], upgrade_type: UpgradeType | None, *, eligible_only: bool
) -> list[Upgrade]:
    return [
        upgrade
        for upgrade in await upgrades
        if (upgrade.is_eligible or not eligible_only)
        and upgrade_type in (None, upgrade.upgrade_type)
    ]
