"""Transitions of new commerce subscriptions. Source: CONTRACT 5.7, 6.5, 6.7."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import field

from schema.billing import BillingCycle
from schema.resource import ResourceAttributes
from schema.upgrade import ServiceFault


@strawberry.enum(description="What a transition moves.")
class TransitionType(Enum):
    NONE = strawberry.enum_value(
        "NONE", description="Nothing. Partner Center uses it only in eligibilities."
    )
    TRANSITION_ONLY = strawberry.enum_value(
        "TRANSITION_ONLY",
        description="The subscription, but not the licenses that are assigned to users.",
    )
    TRANSITION_WITH_LICENSE_TRANSFER = strawberry.enum_value(
        "TRANSITION_WITH_LICENSE_TRANSFER",
        description="The subscription and the licenses that are assigned to users.",
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description=(
            "A value that this version of the graph does not know. `rawTransitionType` has it."
        ),
    )


@strawberry.enum(description="What a transition is to move.")
class TransitionTypeInput(Enum):
    """The transition types that can be ordered."""

    TRANSITION_ONLY = strawberry.enum_value(
        "TRANSITION_ONLY",
        description="The subscription, but not the licenses that are assigned to users.",
    )
    TRANSITION_WITH_LICENSE_TRANSFER = strawberry.enum_value(
        "TRANSITION_WITH_LICENSE_TRANSFER",
        description="The subscription and the licenses that are assigned to users.",
    )


@strawberry.enum(description="The step of a transition that an event reports.")
class TransitionEventName(Enum):
    CONVERSION = strawberry.enum_value(
        "CONVERSION", description="The conversion of the subscription."
    )
    LICENSE_REASSIGNMENT = strawberry.enum_value(
        "LICENSE_REASSIGNMENT", description="The reassignment of the users' licenses."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="A name that this version of the graph does not know. `rawName` has it.",
    )


@strawberry.enum(description="The progress of a step of a transition.")
class TransitionEventStatus(Enum):
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="Started, not ended.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Ended successfully.")
    FAILED = strawberry.enum_value(
        "FAILED", description="Ended with an error. `errors` has the reasons."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="A status that this version of the graph does not know. `rawStatus` has it.",
    )


@strawberry.type(description="The progress of one step of a transition.")
class TransitionEvent:
    name: TransitionEventName | None = field(default=None, description="The step.")
    raw_name: str | None = field(default=None, description="`name` as Partner Center sent it.")
    status: TransitionEventStatus | None = field(
        default=None, description="The progress of the step."
    )
    raw_status: str | None = field(default=None, description="`status` as Partner Center sent it.")
    timestamp: datetime | None = field(
        default=None, description="When the step reached this status."
    )
    raw_timestamp: str | None = field(
        default=None, description="`timestamp` as Partner Center sent it."
    )
    errors: list[ServiceFault] = field(
        default_factory=list, description="Why the step failed. Empty if it did not."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )


@strawberry.type(
    description=(
        "A subscription's change to another new commerce catalog item. Null if there is none."
    )
)
class Transition:
    operation_id: strawberry.ID | None = field(
        default=None, description="The id of the transition in Partner Center."
    )
    from_catalog_item_id: strawberry.ID | None = field(
        default=None, description="The id of the previous catalog item."
    )
    from_subscription_id: strawberry.ID | None = field(
        default=None, description="The id of the subscription that was changed."
    )
    to_catalog_item_id: strawberry.ID | None = field(
        default=None, description="The id of the new catalog item."
    )
    to_subscription_id: strawberry.ID | None = field(
        default=None,
        description=(
            "The id of the subscription that receives the licenses. Null if the"
            " subscription keeps its id."
        ),
    )
    quantity: int | None = field(default=None, description="The number of licenses that are moved.")
    term_duration: str | None = field(
        default=None,
        description="The term after the transition, an ISO 8601 duration such as `P1Y`.",
    )
    billing_cycle: BillingCycle | None = field(
        default=None, description="The billing cycle after the transition."
    )
    raw_billing_cycle: str | None = field(
        default=None, description="`billingCycle` as Partner Center sent it."
    )
    transition_type: TransitionType | None = field(
        default=None, description="What the transition moves."
    )
    raw_transition_type: str | None = field(
        default=None, description="`transitionType` as Partner Center sent it."
    )
    promotion_id: strawberry.ID | None = field(
        default=None, description="The id of the promotion that is applied."
    )
    events: list[TransitionEvent] = field(
        default_factory=list, description="The progress of the steps, in Partner Center's order."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
