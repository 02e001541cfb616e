"""The company and billing profiles of a customer. Source: CONTRACT 5.6."""

import strawberry
from strawberry import field

from schema.context import Info
from schema.directives import FULL_CUSTOMER
from schema.keys import CustomerKey
from schema.resource import ResourceAttributes, ResourceLinks


@strawberry.type(
    description="A postal address and its contact. Every field is optional in Partner Center."
)
class Address:
    id: strawberry.ID | None = field(
        default=None, description="The address's id in Partner Center."
    )
    country: str | None = field(
        default=None, description="The country, an ISO 3166 code of two letters."
    )
    region: str | None = field(default=None, description="The region.")
    city: str | None = field(default=None, description="The city.")
    state: str | None = field(default=None, description="The state or province.")
    district: str | None = field(default=None, description="The district.")
    address_line1: str | None = field(
        default=None, description="The first line of the street address."
    )
    address_line2: str | None = field(
        default=None, description="The second line of the street address."
    )
    address_line3: str | None = field(
        default=None, description="The third line of the street address."
    )
    postal_code: str | None = field(default=None, description="The postal code.")
    first_name: str | None = field(default=None, description="The contact's given name.")
    middle_name: str | None = field(default=None, description="The contact's middle name.")
    last_name: str | None = field(default=None, description="The contact's family name.")
    email_address: str | None = field(default=None, description="The contact's email address.")
    phone_number: str | None = field(default=None, description="The contact's telephone number.")


@strawberry.type(
    description=(
        "The company behind a customer. A list returns only the tenant id, the"
        " domain and the name; the gateway reads the others with one further call"
        " when a document selects them."
    )
)
class CompanyProfile:
    """The company profile of a customer. In lists it has only its first three fields."""

    tenant_id: strawberry.ID | None = field(
        default=None, description="The id of the company's directory tenant, a GUID."
    )
    domain: str | None = field(default=None, description="The tenant's primary domain.")
    company_name: str | None = field(default=None, description="The company's name.")
    links: ResourceLinks | None = field(
        default=None, description="The links that Partner Center returned with the profile."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
    customer: strawberry.Private[CustomerKey]
    is_full: strawberry.Private[bool] = True
    full_address: strawberry.Private[Address | None] = None
    full_email: strawberry.Private[str | None] = None
    full_registration: strawberry.Private[str | None] = None

    @strawberry.field(
        description=(
            "The company's address. Null without delegated administration of the"
            " customer. Costs one call for a customer from a list."
        ),
        directives=FULL_CUSTOMER,
    )
    async def address(self, info: Info) -> Address | None:
        return (await self._load_full(info)).full_address

    @strawberry.field(
        description=(
            "The company's email address. Null without delegated administration of"
            " the customer. Costs one call for a customer from a list."
        ),
        directives=FULL_CUSTOMER,
    )
    async def email(self, info: Info) -> str | None:
        return (await self._load_full(info)).full_email

    @strawberry.field(
        description=(
            "The company's number in its country's register of organizations. Costs"
            " one call for a customer from a list."
        ),
        directives=FULL_CUSTOMER,
    )
    async def organization_registration_number(self, info: Info) -> str | None:
        return (await self._load_full(info)).full_registration

    async def _load_full(self, info: Info) -> "CompanyProfile":
        if self.is_full:
            return self
        customer = await info.context.loaders.full_customer.load(self.customer)
        return customer.company_profile


@strawberry.type(
    description="The recipient of a customer's invoices. Null if Partner Center returns none."
)
class BillingProfile:
    id: strawberry.ID | None = field(
        default=None, description="The profile's id in Partner Center, a GUID."
    )
    first_name: str | None = field(default=None, description="The recipient's given name.")
    last_name: str | None = field(default=None, description="The recipient's family name.")
    email: str | None = field(default=None, description="The email address for invoices.")
    culture: str | None = field(
        default=None,
        description="The culture for dates and amounts on invoices, such as `en-US`.",
    )
    language: str | None = field(
        default=None, description="The language of invoices, such as `en`."
    )
    company_name: str | None = field(default=None, description="The name of the invoiced company.")
    default_address: Address | None = field(
        default=None, description="The postal address for invoices."
    )
    links: ResourceLinks | None = field(
        default=None, description="The links that Partner Center returned with the profile."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
