"""The fields of a subscription that Partner Center returns. Source: CONTRACT 5.5."""

from datetime import datetime

import strawberry
from strawberry import field
from strawberry.scalars import JSON

from schema.billing import BillingCycle, BillingType
from schema.node import Node
from schema.resource import Link, ResourceAttributes, ResourceLinks
from schema.scheduled_change import ScheduledAction, ScheduledChange
from schema.subscription_terms import (
    ContractType,
    ProductType,
    RefundableQuantity,
    RefundOption,
    SubscriptionStatus,
    TermInstructions,
)


@strawberry.type(description="The links that Partner Center returns with a subscription.")
class CustomerSubscriptionLinks(ResourceLinks):
    offer: Link | None = field(default=None, description="The subscription's offer.")
    parent_subscription: Link | None = field(
        default=None, description="The subscription that an add-on extends."
    )
    product: Link | None = field(default=None, description="The new commerce product.")
    sku: Link | None = field(default=None, description="The new commerce SKU.")
    availability: Link | None = field(default=None, description="The new commerce availability.")
    activation_links: Link | None = field(
        default=None, description="The links with which the subscription is activated."
    )
    entitlement: Link | None = field(
        default=None, description="The entitlement behind the subscription."
    )


@strawberry.type
class SubscriptionFields(Node):
    """The fields of `CustomerSubscription` that are not links to other types."""

    id: strawberry.ID = field(description="The subscription's id, a GUID. Case-insensitive.")
    order_id: strawberry.ID | None = field(
        default=None,
        description="The id of the order: a GUID, or 12 hexadecimal digits in new commerce.",
    )
    offer_id: strawberry.ID | None = field(
        default=None,
        description=(
            "The id of the offer: a GUID or `MS-AZR-…`; in new commerce,"
            " `product:sku:availability`."
        ),
    )
    offer_name: str | None = field(
        default=None, description="The offer's name at the time of the order."
    )
    friendly_name: str | None = field(
        default=None, description="The name that a user gave to the subscription."
    )
    entitlement_id: strawberry.ID | None = field(
        default=None, description="The id of the Azure subscription behind it."
    )
    parent_subscription_id: strawberry.ID | None = field(
        default=None,
        description=(
            "The id of the subscription that an add-on extends. Null if this is not an add-on."
        ),
    )
    quantity: int | None = field(
        default=None, description="The number of licenses; 1 if usage is charged."
    )
    unit_type: str | None = field(
        default=None,
        description="The unit that is counted: `Licenses`, `Usage-based`, `Benefit` or `none`.",
    )
    creation_date: datetime | None = field(
        default=None, description="When the subscription was ordered."
    )
    raw_creation_date: str | None = field(
        default=None, description="`creationDate` as Partner Center sent it."
    )
    effective_start_date: datetime | None = field(
        default=None, description="When the subscription started."
    )
    raw_effective_start_date: str | None = field(
        default=None, description="`effectiveStartDate` as Partner Center sent it."
    )
    commitment_end_date: datetime | None = field(
        default=None, description="When the term ends, as a date. The year 9999 means never."
    )
    raw_commitment_end_date: str | None = field(
        default=None, description="`commitmentEndDate` as Partner Center sent it."
    )
    commitment_end_date_time: datetime | None = field(
        default=None, description="When the term ends, to the second."
    )
    raw_commitment_end_date_time: str | None = field(
        default=None, description="`commitmentEndDateTime` as Partner Center sent it."
    )
    custom_term_end_date: datetime | None = field(
        default=None, description="When the term ends, if it was aligned to another date."
    )
    raw_custom_term_end_date: str | None = field(
        default=None, description="`customTermEndDate` as Partner Center sent it."
    )
    cancellation_allowed_until_date: datetime | None = field(
        default=None, description="Until when the subscription can be cancelled."
    )
    raw_cancellation_allowed_until_date: str | None = field(
        default=None, description="`cancellationAllowedUntilDate` as Partner Center sent it."
    )
    billing_cycle_end_date: datetime | None = field(
        default=None, description="When the billing cycle ends, as a date."
    )
    raw_billing_cycle_end_date: str | None = field(
        default=None, description="`billingCycleEndDate` as Partner Center sent it."
    )
    billing_cycle_end_date_time: datetime | None = field(
        default=None, description="When the billing cycle ends, to the second."
    )
    raw_billing_cycle_end_date_time: str | None = field(
        default=None, description="`billingCycleEndDateTime` as Partner Center sent it."
    )
    status: SubscriptionStatus | None = field(
        default=None, description="The state of the subscription."
    )
    raw_status: str | None = field(default=None, description="`status` as Partner Center sent it.")
    billing_type: BillingType | None = field(
        default=None, description="How the subscription is charged."
    )
    raw_billing_type: str | None = field(
        default=None, description="`billingType` as Partner Center sent it."
    )
    contract_type: ContractType | None = field(
        default=None, description="How the subscription was acquired."
    )
    raw_contract_type: str | None = field(
        default=None, description="`contractType` as Partner Center sent it."
    )
    billing_cycle: BillingCycle | None = field(
        default=None, description="How often the subscription is charged."
    )
    raw_billing_cycle: str | None = field(
        default=None, description="`billingCycle` as Partner Center sent it."
    )
    auto_renew_enabled: bool | None = field(
        default=None, description="Whether the subscription renews itself at the end of its term."
    )
    is_trial: bool | None = field(default=None, description="Whether the subscription is a trial.")
    has_purchasable_addons: bool | None = field(
        default=None, description="Whether add-ons can be bought for the subscription."
    )
    is_microsoft_product: bool | None = field(
        default=None, description="Whether Microsoft is the publisher."
    )
    attention_needed: bool | None = field(
        default=None, description="Whether someone should look at the subscription."
    )
    action_taken: bool | None = field(
        default=None, description="Whether someone acted on `attentionNeeded`."
    )
    term_duration: str | None = field(
        default=None, description="The term, an ISO 8601 duration: `P1M`, `P1Y` or `P3Y`."
    )
    renewal_term_duration: str | None = field(
        default=None,
        description=(
            "The next term, an ISO 8601 duration. Null if it is the same as the current one."
        ),
    )
    product_type: ProductType | None = field(default=None, description="The kind of product.")
    publisher_name: str | None = field(default=None, description="The publisher's name.")
    partner_id: str | None = field(default=None, description="The reseller's partner id.")
    promotion_id: strawberry.ID | None = field(
        default=None, description="The id of the promotion that was applied."
    )
    product_order_id: strawberry.ID | None = field(
        default=None, description="The id of the product order."
    )
    migrated_from_subscription_id: strawberry.ID | None = field(
        default=None,
        description=(
            "The id of the legacy subscription from which this one was migrated. Null"
            " if it was not."
        ),
    )
    actions: list[str] = field(
        default_factory=list,
        description="The actions that Partner Center allows, such as `edit` and `cancel`.",
    )
    suspension_reasons: list[str] = field(
        default_factory=list, description="Why the subscription is suspended. Empty if it is not."
    )
    refund_options: list[RefundOption] = field(
        default_factory=list, description="The refunds that are available."
    )
    refundable_quantity: RefundableQuantity | None = field(
        default=None, description="The licenses that can be returned."
    )
    scheduled_next_term_instructions: TermInstructions | None = field(
        default=None,
        description=(
            "Partner Center's older member for the changes at the next term. Use"
            " `scheduledChange`, which also reads the newer one."
        ),
    )
    scheduled_actions: list[ScheduledAction] = field(
        default_factory=list,
        description=(
            "Partner Center's newer member for the changes at the next term. Use"
            " `scheduledChange`, which also reads the older one."
        ),
    )
    scheduled_change: ScheduledChange | None = field(
        default=None, description="The change that is scheduled for the end of the term."
    )
    next_charge_instructions: TermInstructions | None = field(
        default=None, description="The changes that are scheduled for the next charge."
    )
    consumption_type: JSON | None = field(
        default=None,
        description="How usage above the commitment is charged, as Partner Center sent it.",
    )
    line_items: JSON | None = field(
        default=None, description="The items of a savings plan, as Partner Center sent them."
    )
    links: CustomerSubscriptionLinks | None = field(
        default=None, description="The links that Partner Center returned with the subscription."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
