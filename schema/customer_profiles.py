"""The company and billing profiles of a customer. Source: CONTRACT 5.6."""

import strawberry
from strawberry import field

from schema.context import Info
from schema.directives import FULL_CUSTOMER
from schema.keys import CustomerKey
from schema.resource import ResourceAttributes, ResourceLinks


@strawberry.type(description="A postal address. Source: the vendor's Swagger.")
class Address:
    """CONTRACT 5.6, Address; every member is optional."""

    id: strawberry.ID | None = field(default=None, description="The vendor's id.")
    country: str | None = field(default=None, description="ISO 3166 two letters.")
    region: str | None = field(default=None, description="Region.")
    city: str | None = field(default=None, description="City.")
    state: str | None = field(default=None, description="State or province.")
    district: str | None = field(default=None, description="District.")
    address_line1: str | None = field(default=None, description="First line.")
    address_line2: str | None = field(default=None, description="Second line.")
    address_line3: str | None = field(default=None, description="Third line.")
    postal_code: str | None = field(default=None, description="Postal code.")
    first_name: str | None = field(default=None, description="Given name of the contact.")
    middle_name: str | None = field(default=None, description="Middle name of the contact.")
    last_name: str | None = field(default=None, description="Family name of the contact.")
    email_address: str | None = field(default=None, description="Address of the contact.")
    phone_number: str | None = field(default=None, description="Telephone of the contact.")


@strawberry.type(description="The customer as a company.")
class CompanyProfile:
    """CONTRACT 5.6, companyProfile; a list has only the first three members."""

    tenant_id: strawberry.ID | None = field(default=None, description="The tenant's id, a GUID.")
    domain: str | None = field(default=None, description="The tenant's first domain.")
    company_name: str | None = field(default=None, description="The company's name.")
    links: ResourceLinks | None = field(default=None, description="Links of the profile.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
    customer: strawberry.Private[CustomerKey]
    is_full: strawberry.Private[bool] = True
    full_address: strawberry.Private[Address | None] = None
    full_email: strawberry.Private[str | None] = None
    full_registration: strawberry.Private[str | None] = None

    @strawberry.field(
        description="Where it is; null without delegated administration of the customer.",
        directives=FULL_CUSTOMER,
    )
    async def address(self, info: Info) -> Address | None:
        """One call where the customer came from a list."""
        return (await self._load_full(info)).full_address

    @strawberry.field(
        description="Its e-mail address; null without delegated administration of the customer.",
        directives=FULL_CUSTOMER,
    )
    async def email(self, info: Info) -> str | None:
        """One call where the customer came from a list."""
        return (await self._load_full(info)).full_email

    @strawberry.field(
        description="Its number in a register of organizations.", directives=FULL_CUSTOMER
    )
    async def organization_registration_number(self, info: Info) -> str | None:
        """One call where the customer came from a list."""
        return (await self._load_full(info)).full_registration

    async def _load_full(self, info: Info) -> "CompanyProfile":
        if self.is_full:
            return self
        customer = await info.context.loaders.full_customer.load(self.customer)
        return customer.company_profile


@strawberry.type(description="Who is billed.")
class BillingProfile:
    """CONTRACT 5.6, billingProfile."""

    id: strawberry.ID | None = field(default=None, description="The vendor's id, a GUID.")
    first_name: str | None = field(default=None, description="Given name.")
    last_name: str | None = field(default=None, description="Family name.")
    email: str | None = field(default=None, description="Where bills go.")
    culture: str | None = field(default=None, description="Culture of bills, such as `en-US`.")
    language: str | None = field(default=None, description="Language of bills, such as `en`.")
    company_name: str | None = field(default=None, description="Name of the company billed.")
    default_address: Address | None = field(default=None, description="Where bills go by post.")
    links: ResourceLinks | None = field(default=None, description="Links of the profile.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
