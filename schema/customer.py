"""Customers of the partner. Source: CONTRACT 5.6.

Partner Center's list returns partial customers. The first field that a list leaves out reads the
full customer, once for all fields.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated

import strawberry
from strawberry import field

from schema import arguments
from schema.arguments import DEFAULT_PAGE_SIZE, After, First
from schema.context import Info
from schema.custom_term_end_date import CustomTermEndDate
from schema.customer_profiles import BillingProfile, CompanyProfile
from schema.customer_subscription import CustomerSubscription, CustomerSubscriptionConnection
from schema.directives import (
    CUSTOMER_SUBSCRIPTIONS,
    FULL_CUSTOMER,
    ONE_CALL,
    PROMOTIONS,
    SHORT_LIST,
)
from schema.errors import InvalidInput
from schema.keys import CustomerKey, CustomTermEndDatesKey, ProductUpgradeKey
from schema.node import Node, encode_node_id
from schema.pagination import (
    Connection,
    build_page_info,
    decode_cursor,
    encode_cursor,
    validate_first,
)
from schema.product_upgrade import ProductUpgradesEligibility
from schema.promotion import PromotionEligibility, PromotionsInput
from schema.resource import ResourceAttributes, ResourceLinks
from schema.subscription_terms import SubscriptionStatus, SubscriptionStatusInput


@strawberry.enum(description="The partner's relationship to a customer.")
class CustomerPartnerRelationship(Enum):
    RESELLER = strawberry.enum_value("RESELLER", description="The partner resells to the customer.")
    ADVISOR = strawberry.enum_value("ADVISOR", description="The partner advises the customer.")
    SYNDICATION = strawberry.enum_value(
        "SYNDICATION", description="The partner sells under its own brand."
    )
    MICROSOFT_SUPPORT = strawberry.enum_value(
        "MICROSOFT_SUPPORT", description="Microsoft support works for the customer."
    )
    NONE = strawberry.enum_value("NONE", description="There is no relationship.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description=(
            "Partner Center sent `unknown` or a value that this version of the graph does not know."
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDetail:
    """The members of a customer that only a read by id returns."""

    commerce_id: str | None = None
    billing_profile: BillingProfile | None = None
    allow_delegated_access: bool | None = None
    custom_domains: Sequence[str] = ()
    associated_partner_id: str | None = None


@strawberry.type(
    description=(
        "A company that buys from the partner. A customer from a list has fewer"
        " members; the gateway reads the others with one further call when a"
        " document selects them."
    )
)
class Customer(Node):
    id: strawberry.ID = field(
        description=(
            "The id of the customer's directory tenant, a GUID. It is not the `commerceId`."
        )
    )
    company_profile: CompanyProfile = field(description="The customer's company.")
    relationship_to_partner: CustomerPartnerRelationship | None = field(
        default=None, description="The partner's relationship to the customer."
    )
    raw_relationship_to_partner: str | None = field(
        default=None, description="`relationshipToPartner` as Partner Center sent it."
    )
    links: ResourceLinks | None = field(
        default=None, description="The links that Partner Center returned with the customer."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
    detail: strawberry.Private[CustomerDetail | None] = None

    @property
    def key(self) -> CustomerKey:
        return CustomerKey(self.id)

    @strawberry.field(
        description="The object's globally unique, opaque id. Pass it to `node(nodeId:)`."
    )
    def node_id(self) -> strawberry.ID:
        return encode_node_id("Customer", self.id)

    @strawberry.field(
        description=(
            "The customer's id in Partner Center's commerce system. No argument of"
            " this graph takes it. Costs one call for a customer from a list."
        ),
        directives=FULL_CUSTOMER,
    )
    async def commerce_id(self, info: Info) -> strawberry.ID | None:
        commerce_id = (await self._load_detail(info)).commerce_id
        return None if commerce_id is None else strawberry.ID(commerce_id)

    @strawberry.field(
        description=(
            "The recipient of the customer's invoices. Costs one call for a customer from a list."
        ),
        directives=FULL_CUSTOMER,
    )
    async def billing_profile(self, info: Info) -> BillingProfile | None:
        return (await self._load_detail(info)).billing_profile

    @strawberry.field(
        description=(
            "Whether the partner has delegated administration rights; without them,"
            " upgrades are refused. Costs one call for a customer from a list."
        ),
        directives=FULL_CUSTOMER,
    )
    async def allow_delegated_access(self, info: Info) -> bool | None:
        return (await self._load_detail(info)).allow_delegated_access

    @strawberry.field(
        description=(
            "The domains of the customer's tenant. Costs one call for a customer from a list."
        ),
        directives=FULL_CUSTOMER,
    )
    async def custom_domains(self, info: Info) -> list[str] | None:
        return list((await self._load_detail(info)).custom_domains)

    @strawberry.field(
        description=(
            "The indirect reseller's partner id. Null if there is no indirect"
            " reseller. Costs one call for a customer from a list."
        ),
        directives=FULL_CUSTOMER,
    )
    async def associated_partner_id(self, info: Info) -> strawberry.ID | None:
        partner_id = (await self._load_detail(info)).associated_partner_id
        return None if partner_id is None else strawberry.ID(partner_id)

    @strawberry.field(
        description=(
            "The customer's subscriptions, add-ons included. Costs one call for each"
            " customer, whatever the page."
        ),
        directives=CUSTOMER_SUBSCRIPTIONS,
    )
    async def subscriptions(
        self,
        info: Info,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
        statuses: Annotated[
            list[SubscriptionStatusInput] | None,
            strawberry.argument(
                description=(
                    "Returns only subscriptions in one of these states. An empty list matches none."
                )
            ),
        ] = None,
    ) -> CustomerSubscriptionConnection | None:
        validate_first(first, info.context.max_page_size)
        wanted = None if statuses is None else {SubscriptionStatus[s.name] for s in statuses}
        names = sorted(status.name for status in wanted or ())
        connection = ["subscriptions", self.id.lower(), *names]
        start = 0 if after is None else _parse_position(decode_cursor(after, connection))
        listed = await info.context.loaders.subscriptions.load(self.key)
        matching = [s for s in listed if wanted is None or s.status in wanted]
        return _subscription_page(matching, start, first, connection)

    @strawberry.field(
        description=(
            "Whether the customer's products can be upgraded. Costs one call for each customer."
        ),
        directives=ONE_CALL,
    )
    async def product_upgrade_eligibility(
        self,
        info: Info,
        product_family: Annotated[
            str,
            strawberry.argument(
                description="The product family. Partner Center knows only `azure`."
            ),
        ] = "azure",
    ) -> ProductUpgradesEligibility | None:
        family = arguments.parse_product_family("productFamily", product_family)
        key = ProductUpgradeKey(self.id, family)
        return await info.context.loaders.product_upgrade_eligibility.load(key)

    @strawberry.field(
        description=(
            "The dates on which a term may end instead of its usual end, for a subscription that"
            " is aligned at its purchase or renewal. Costs one call for each 300 dates."
        ),
        directives=SHORT_LIST,
    )
    async def custom_term_end_dates(
        self,
        info: Info,
        term_duration: Annotated[
            str, strawberry.argument(description="The term: `P1M`, `P1Y` or `P3Y`.")
        ],
        start_date: Annotated[
            date | None,
            strawberry.argument(description="When the term starts. Defaults to today."),
        ] = None,
        target_subscription_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Returns only the end of this subscription's term."),
        ] = None,
    ) -> list[CustomTermEndDate] | None:
        term = arguments.parse_term_duration("termDuration", term_duration)
        target = target_subscription_id and arguments.parse_guid(
            "targetSubscriptionId", target_subscription_id
        )
        key = CustomTermEndDatesKey(self.id, term, start_date, target)
        return list(await info.context.loaders.custom_term_end_dates.load(key))

    @strawberry.field(
        description=(
            "The promotions of a catalog item, and whether a purchase or renewal by this customer"
            " would be eligible. All of a document for one customer share a call."
        ),
        directives=PROMOTIONS,
    )
    async def promotions(
        self,
        info: Info,
        input: Annotated[
            PromotionsInput, strawberry.argument(description="The purchase or renewal.")
        ],
    ) -> list[PromotionEligibility] | None:
        return list(await info.context.loaders.promotions.load(input.parse(self.id)))

    async def _load_detail(self, info: Info) -> CustomerDetail:
        if self.detail is not None:
            return self.detail
        customer = await info.context.loaders.full_customer.load(self.key)
        return customer.detail or CustomerDetail()


@strawberry.type(
    description="A page of customers. Partner Center does not return the total number."
)
class CustomerConnection(Connection[Customer]):
    pass


def _parse_position(position: object) -> int:
    if not isinstance(position, int):
        raise InvalidInput(
            "after must be a cursor of a page of subscriptions. Start again without it."
        )
    return position


def _subscription_page(
    matching: list[CustomerSubscription], start: int, first: int, connection: list[str]
) -> CustomerSubscriptionConnection:
    def cursor_at(index: int) -> str:
        return encode_cursor(connection, start + index + 1)

    nodes = matching[start : start + first]
    return CustomerSubscriptionConnection(
        nodes=nodes,
        cursor_at=cursor_at,
        total_count=len(matching),
        page_info=build_page_info(
            len(nodes),
            cursor_at,
            has_next=start + len(nodes) < len(matching),
            has_previous=start > 0,
        ),
    )
