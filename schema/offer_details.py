"""The parts of an offer. Source: CONTRACT 5.4."""

from enum import Enum

import strawberry
from strawberry import field

from schema.resource import Link, ResourceAttributes, ResourceLinks


@strawberry.enum(description="What the `limit` of an offer counts.")
class LimitUnitOfMeasure(Enum):
    NONE = strawberry.enum_value("NONE", description="There is no limit.")
    CONCURRENT = strawberry.enum_value(
        "CONCURRENT",
        description="The subscriptions to the offer that a customer has at the same time.",
    )
    LIFE_TIME = strawberry.enum_value(
        "LIFE_TIME", description="The subscriptions to the offer that a customer has ever had."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="A value that this version of the graph does not know. The raw field has it.",
    )


@strawberry.type(
    description=(
        "A category of the legacy catalog. Null if Partner Center assigns the offer to none."
    )
)
class OfferCategory:
    id: strawberry.ID | None = field(
        default=None, description="The category's id, such as `Enterprise_Key`. Null on add-ons."
    )
    name: str | None = field(
        default=None,
        description=(
            "The localized name. Partner Center spells the same category in several ways."
        ),
    )
    rank: int | None = field(
        default=None, description="The position among the categories, ascending."
    )
    locale: str | None = field(default=None, description="The language of `name`.")
    country: str | None = field(
        default=None, description="The market, an ISO 3166 code of two letters."
    )
    links: ResourceLinks | None = field(
        default=None, description="The links that Partner Center returned with the category."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )


@strawberry.type(
    description="The product that an offer sells. Null if Partner Center returns none."
)
class OfferProduct:
    id: strawberry.ID | None = field(default=None, description="The product's id, a GUID.")
    name: str | None = field(default=None, description="The product's name.")
    unit: str | None = field(
        default=None, description="The unit that is counted, such as `Licenses`."
    )
    type: str | None = field(
        default=None,
        description="The kind of product. Only some Partner Center responses contain it.",
    )


@strawberry.type(
    description="The attestation that a buyer of an offer must give. Null if none is needed."
)
class AttestationProperties:
    attestation_type: str | None = field(default=None, description="The kind of attestation.")
    enforce_attestation: bool | None = field(
        default=None,
        description="Whether Partner Center refuses the purchase without the attestation.",
    )


@strawberry.type(description="The links that Partner Center returns with an offer.")
class OfferLinks(ResourceLinks):
    learn_more: Link | None = field(
        default=None, description="Microsoft's page about the offer. The address may be broken."
    )
