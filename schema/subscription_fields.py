"""The fields of a subscription that the vendor sends. Source: CONTRACT 5.5."""

from datetime import datetime

import strawberry
from strawberry import field
from strawberry.scalars import JSON

from schema.billing import BillingCycle, BillingType
from schema.node import Node
from schema.resource import Link, ResourceAttributes, ResourceLinks
from schema.subscription_terms import (
    ContractType,
    ProductType,
    RefundableQuantity,
    RefundOption,
    SubscriptionStatus,
    TermInstructions,
)


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


@strawberry.type
class SubscriptionFields(Node):
    """The part of `CustomerSubscription` without links to other types."""

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
