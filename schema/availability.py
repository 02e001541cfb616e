"""Availabilities: a SKU in a market and segment, with its terms. Source: CONTRACT 4.30, 5.11."""

from enum import Enum

import strawberry
from strawberry import field
from strawberry.scalars import JSON

from schema.billing import BillingCycle
from schema.resource import ResourceAttributes, ResourceLinks
from schema.subscription_terms import RefundType


@strawberry.enum(description="The customers for whom an availability is.")
class TargetSegmentInput(Enum):
    COMMERCIAL = strawberry.enum_value("COMMERCIAL", description="Companies.")
    EDUCATION = strawberry.enum_value("EDUCATION", description="Schools and universities.")
    GOVERNMENT = strawberry.enum_value("GOVERNMENT", description="Authorities.")
    NONPROFIT = strawberry.enum_value("NONPROFIT", description="Nonprofit organizations.")


@strawberry.type(description="A currency.")
class Currency:
    code: str | None = field(default=None, description="The ISO 4217 code, such as `USD`.")
    symbol: str | None = field(default=None, description="The symbol, such as `$`.")


@strawberry.type(description="What a term may be renewed to.")
class RenewalOption:
    renew_to_id: str | None = field(
        default=None, description="The product and SKU of the next term: `product:sku`."
    )
    is_auto_renewable: bool | None = field(
        default=None, description="Whether the renewal can happen by itself."
    )


@strawberry.type(description="What some terms of an availability may be renewed to.")
class RenewalInstruction:
    applicable_term_ids: list[str] = field(
        default_factory=list, description="The ids of the terms."
    )
    renewal_options: list[RenewalOption] = field(
        default_factory=list, description="What these terms may be renewed to."
    )


@strawberry.type(description="A refund when a subscription is cancelled in time.")
class TermRefundOption:
    sequence_id: int | None = field(default=None, description="The order of the options.")
    type: RefundType | None = field(default=None, description="How much is refunded.")
    raw_type: str | None = field(default=None, description="`type` as Partner Center sent it.")
    expires_after: str | None = field(
        default=None, description="How long it is possible, an ISO 8601 duration such as `P7D`."
    )


@strawberry.type(description="How a subscription can be cancelled.")
class CancellationPolicy:
    refund_options: list[TermRefundOption] = field(
        default_factory=list, description="The refunds, by time."
    )


@strawberry.type(description="A term for which a SKU can be bought.")
class AvailabilityTerm:
    id: strawberry.ID | None = field(default=None, description="The id of the term.")
    duration: str | None = field(
        default=None, description="The length of the term, an ISO 8601 duration such as `P1Y`."
    )
    description: str | None = field(
        default=None, description="Partner Center's description of the term."
    )
    billing_cycle: BillingCycle | None = field(
        default=None, description="How often the term is charged."
    )
    raw_billing_cycle: str | None = field(
        default=None, description="`billingCycle` as Partner Center sent it."
    )
    cancellation_policies: list[CancellationPolicy] = field(
        default_factory=list, description="How a subscription with this term can be cancelled."
    )


@strawberry.type(
    description=(
        "A SKU as it can be bought now, in one market and segment. The id is reissued often: read"
        " it just before it is used. It has no price."
    )
)
class Availability:
    id: strawberry.ID | None = field(default=None, description="The id of the availability.")
    product_id: strawberry.ID | None = field(default=None, description="The id of the product.")
    sku_id: strawberry.ID | None = field(default=None, description="The id of the SKU.")
    catalog_item_id: strawberry.ID | None = field(
        default=None, description="The id of the catalog item: `product:sku:availability`."
    )
    default_currency: Currency | None = field(
        default=None, description="The currency of the market."
    )
    segment: str | None = field(
        default=None, description="The segment for which it is, such as `commercial`."
    )
    country: str | None = field(
        default=None, description="The market: an ISO 3166 code of two letters."
    )
    is_purchasable: bool | None = field(default=None, description="Whether it can be bought now.")
    is_renewable: bool | None = field(
        default=None, description="Whether a subscription to it can be renewed."
    )
    renewal_instructions: list[RenewalInstruction] = field(
        default_factory=list, description="What its terms may be renewed to."
    )
    terms: list[AvailabilityTerm] = field(
        default_factory=list, description="The terms for which it can be bought."
    )
    product: JSON | None = field(
        default=None, description="The product as Partner Center sent it, mostly empty."
    )
    sku: JSON | None = field(
        default=None, description="The SKU as Partner Center sent it, mostly empty."
    )
    links: ResourceLinks | None = field(
        default=None, description="The links that Partner Center returned with the availability."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
