"""Customers of the partner. Source: CONTRACT 5.6.

A list carries thin customers: what it leaves out is fetched when it is asked for, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import strawberry
from strawberry import field

from schema import arguments
from schema.arguments import DEFAULT_PAGE_SIZE, After, First
from schema.context import Info
from schema.customer_profiles import BillingProfile, CompanyProfile
from schema.customer_subscription import CustomerSubscription, CustomerSubscriptionConnection
from schema.directives import CUSTOMER_SUBSCRIPTIONS, FULL_CUSTOMER, ONE_CALL
from schema.errors import InvalidInput
from schema.keys import CustomerKey, ProductUpgradeKey
from schema.node import Node, encode_node_id
from schema.pagination import (
    Connection,
    build_page_info,
    decode_cursor,
    encode_cursor,
    validate_first,
)
from schema.product_upgrade import ProductUpgradesEligibility
from schema.resource import ResourceAttributes, ResourceLinks
from schema.subscription_terms import SubscriptionStatus, SubscriptionStatusInput


@strawberry.enum(description="What the partner is to a customer.")
class CustomerPartnerRelationship(Enum):
    """CONTRACT 6.5, CustomerPartnerRelationship."""

    RESELLER = strawberry.enum_value("RESELLER", description="Sells to the customer.")
    ADVISOR = strawberry.enum_value("ADVISOR", description="Advises the customer.")
    SYNDICATION = strawberry.enum_value("SYNDICATION", description="Sells under its own name.")
    MICROSOFT_SUPPORT = strawberry.enum_value(
        "MICROSOFT_SUPPORT", description="Supports the customer."
    )
    NONE = strawberry.enum_value("NONE", description="Nothing.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="The vendor says unknown, or a value this graph does not know."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDetail:
    """Members of a customer that only a call for that customer carries."""

    commerce_id: str | None = None
    billing_profile: BillingProfile | None = None
    allow_delegated_access: bool | None = None
    custom_domains: Sequence[str] = ()
    associated_partner_id: str | None = None


@strawberry.type(description="A customer of the partner.")
class Customer(Node):
    """CONTRACT 5.6, Customer."""

    id: strawberry.ID = field(description="The directory tenant's id, a GUID, never commerceId.")
    company_profile: CompanyProfile = field(description="The customer as a company.")
    relationship_to_partner: CustomerPartnerRelationship | None = field(
        default=None, description="What the partner is to the customer."
    )
    raw_relationship_to_partner: str | None = field(
        default=None, description="`relationshipToPartner` as sent."
    )
    links: ResourceLinks | None = field(default=None, description="Links of the customer.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
    detail: strawberry.Private[CustomerDetail | None] = None

    @property
    def key(self) -> CustomerKey:
        """What loaders ask by."""
        return CustomerKey(self.id)

    @strawberry.field(description="Opaque id for `node(nodeId:)`, unique over all types.")
    def node_id(self) -> strawberry.ID:
        """Name the customer."""
        return encode_node_id("Customer", self.id)

    @strawberry.field(
        description="The id in the vendor's commerce system; never used in paths.",
        directives=FULL_CUSTOMER,
    )
    async def commerce_id(self, info: Info) -> strawberry.ID | None:
        """One call where the customer came from a list, as for the four below."""
        commerce_id = (await self._load_detail(info)).commerce_id
        return None if commerce_id is None else strawberry.ID(commerce_id)

    @strawberry.field(description="Who is billed.", directives=FULL_CUSTOMER)
    async def billing_profile(self, info: Info) -> BillingProfile | None:
        """CONTRACT 5.6: carried by a get only."""
        return (await self._load_detail(info)).billing_profile

    @strawberry.field(
        description="Whether the partner may administer; without it upgrades are refused.",
        directives=FULL_CUSTOMER,
    )
    async def allow_delegated_access(self, info: Info) -> bool | None:
        """CONTRACT 5.6: carried by a get only."""
        return (await self._load_detail(info)).allow_delegated_access

    @strawberry.field(description="The tenant's domains.", directives=FULL_CUSTOMER)
    async def custom_domains(self, info: Info) -> list[str] | None:
        """CONTRACT 5.6: carried by a get only."""
        return list((await self._load_detail(info)).custom_domains)

    @strawberry.field(
        description="The indirect reseller, where there is one.", directives=FULL_CUSTOMER
    )
    async def associated_partner_id(self, info: Info) -> strawberry.ID | None:
        """CONTRACT 5.6: indirect model only."""
        partner_id = (await self._load_detail(info)).associated_partner_id
        return None if partner_id is None else strawberry.ID(partner_id)

    @strawberry.field(
        description="The customer's subscriptions, add-ons included. One call.",
        directives=CUSTOMER_SUBSCRIPTIONS,
    )
    async def subscriptions(
        self,
        info: Info,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
        statuses: Annotated[
            list[SubscriptionStatusInput] | None,
            strawberry.argument(description="Only those in one of these states."),
        ] = None,
    ) -> CustomerSubscriptionConnection | None:
        """Cut the page out of the vendor's one list."""
        validate_first(first, info.context.max_page_size)
        wanted = None if statuses is None else {SubscriptionStatus[s.name] for s in statuses}
        names = sorted(status.name for status in wanted or ())
        connection = ["subscriptions", self.id.lower(), *names]
        start = 0 if after is None else _parse_position(decode_cursor(after, connection))
        listed = await info.context.loaders.subscriptions.load(self.key)
        matching = [s for s in listed if wanted is None or s.status in wanted]
        return _subscription_page(matching, start, first, connection)

    @strawberry.field(
        description="Whether the customer's products can be upgraded. One call.",
        directives=ONE_CALL,
    )
    async def product_upgrade_eligibility(
        self,
        info: Info,
        product_family: Annotated[
            str, strawberry.argument(description="The family of products, such as `azure`.")
        ] = "azure",
    ) -> ProductUpgradesEligibility | None:
        """For legacy Azure, whose upgrades are asked of the customer (CONTRACT 4.9)."""
        family = arguments.parse_product_family("productFamily", product_family)
        key = ProductUpgradeKey(self.id, family)
        return await info.context.loaders.product_upgrade_eligibility.load(key)

    async def _load_detail(self, info: Info) -> CustomerDetail:
        if self.detail is not None:
            return self.detail
        customer = await info.context.loaders.full_customer.load(self.key)
        return customer.detail or CustomerDetail()


@strawberry.type(description="A page of customers; the vendor does not tell how many there are.")
class CustomerConnection(Connection[Customer]):
    """Customers in the vendor's order."""


def _parse_position(position: object) -> int:
    if not isinstance(position, int):
        raise InvalidInput("after is a cursor of a page of subscriptions. Start again without it.")
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
