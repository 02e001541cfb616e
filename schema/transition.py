"""Transitions of new commerce subscriptions. Source: CONTRACT 5.7, 6.3, 6.4, 6.7."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import field

from schema.billing import BillingCycle
from schema.resource import ResourceAttributes
from schema.upgrade import ServiceFault


@strawberry.enum(description="What a transition moves.")
class TransitionType(Enum):
    """CONTRACT 6.5."""

    NONE = strawberry.enum_value("NONE", description="Nothing; only in eligibilities.")
    TRANSITION_ONLY = strawberry.enum_value(
        "TRANSITION_ONLY", description="The subscription, not the licenses assigned to users."
    )
    TRANSITION_WITH_LICENSE_TRANSFER = strawberry.enum_value(
        "TRANSITION_WITH_LICENSE_TRANSFER",
        description="The subscription, and each user's license with it.",
    )
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value this graph does not know.")


@strawberry.enum(description="What a transition should move.")
class TransitionTypeInput(Enum):
    """The values of `TransitionType` that can be ordered."""

    TRANSITION_ONLY = strawberry.enum_value(
        "TRANSITION_ONLY", description="The subscription, not the licenses assigned to users."
    )
    TRANSITION_WITH_LICENSE_TRANSFER = strawberry.enum_value(
        "TRANSITION_WITH_LICENSE_TRANSFER",
        description="The subscription, and each user's license with it.",
    )


@strawberry.enum(description="What an event of a transition is about.")
class TransitionEventName(Enum):
    """CONTRACT 6.7."""

    CONVERSION = strawberry.enum_value("CONVERSION", description="The subscription.")
    LICENSE_REASSIGNMENT = strawberry.enum_value(
        "LICENSE_REASSIGNMENT", description="The users' licenses, also called seats."
    )
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A name this graph does not know.")


@strawberry.enum(description="How an event of a transition stands.")
class TransitionEventStatus(Enum):
    """CONTRACT 6.7."""

    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="Started, not ended.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Ended well.")
    FAILED = strawberry.enum_value("FAILED", description="Ended badly; see `errors`.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A status this graph does not know.")


@strawberry.type(description="Something that happened in a transition.")
class TransitionEvent:
    """CONTRACT 5.7, TransitionEvent."""

    name: TransitionEventName | None = field(default=None, description="What it is about.")
    raw_name: str | None = field(default=None, description="`name` as sent.")
    status: TransitionEventStatus | None = field(default=None, description="How it stands.")
    raw_status: str | None = field(default=None, description="`status` as sent.")
    timestamp: datetime | None = field(default=None, description="When it happened, UTC.")
    raw_timestamp: str | None = field(default=None, description="`timestamp` as sent.")
    errors: list[ServiceFault] = field(default_factory=list, description="Why it failed.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )


@strawberry.type(description="A change of a new commerce subscription to another catalog item.")
class Transition:
    """CONTRACT 5.7, Transition."""

    operation_id: strawberry.ID | None = field(default=None, description="The vendor's operation.")
    from_catalog_item_id: strawberry.ID | None = field(default=None, description="What it was.")
    from_subscription_id: strawberry.ID | None = field(default=None, description="The source.")
    to_catalog_item_id: strawberry.ID | None = field(default=None, description="What it becomes.")
    to_subscription_id: strawberry.ID | None = field(
        default=None,
        description="Where the seats go; null when the subscription keeps its id.",
    )
    quantity: int | None = field(default=None, description="Licenses moved.")
    term_duration: str | None = field(default=None, description="ISO 8601, such as `P1Y`.")
    billing_cycle: BillingCycle | None = field(default=None, description="How often charged.")
    raw_billing_cycle: str | None = field(default=None, description="`billingCycle` as sent.")
    transition_type: TransitionType | None = field(default=None, description="What it moves.")
    raw_transition_type: str | None = field(default=None, description="`transitionType` as sent.")
    promotion_id: strawberry.ID | None = field(default=None, description="The promotion used.")
    events: list[TransitionEvent] = field(
        default_factory=list, description="What happened, in the vendor's order."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
