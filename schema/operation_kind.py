"""The kinds of operations, one for each family of upgrades."""

from enum import Enum

import strawberry


@strawberry.enum(description="The kind of an operation: one for each family of upgrades.")
class OperationKind(Enum):
    """The kinds of operations, one for each family of upgrades (CONTRACT 4.0)."""

    UPGRADE_SUBSCRIPTION = strawberry.enum_value(
        "UPGRADE_SUBSCRIPTION", description="Upgrades a legacy license subscription."
    )
    REQUEST_PRODUCT_UPGRADE = strawberry.enum_value(
        "REQUEST_PRODUCT_UPGRADE",
        description="Moves a customer's legacy Azure subscriptions to the Azure plan.",
    )
    TRANSITION_SUBSCRIPTION = strawberry.enum_value(
        "TRANSITION_SUBSCRIPTION", description="Transitions a subscription to another catalog item."
    )
    SCHEDULE_UPGRADE = strawberry.enum_value(
        "SCHEDULE_UPGRADE",
        description="Schedules the product and the terms to which a subscription renews.",
    )
    CANCEL_SCHEDULED_UPGRADE = strawberry.enum_value(
        "CANCEL_SCHEDULED_UPGRADE", description="Removes a scheduled change of a subscription."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="A kind that this version of the graph does not know."
    )


@strawberry.enum(description="A kind to order, or to filter operations by. See `OperationKind`.")
class OperationKindInput(Enum):
    """The kinds to filter by: those of `OperationKind` without UNKNOWN."""

    UPGRADE_SUBSCRIPTION = strawberry.enum_value(
        "UPGRADE_SUBSCRIPTION", description="Upgrades a legacy license subscription."
    )
    REQUEST_PRODUCT_UPGRADE = strawberry.enum_value(
        "REQUEST_PRODUCT_UPGRADE",
        description="Moves a customer's legacy Azure subscriptions to the Azure plan.",
    )
    TRANSITION_SUBSCRIPTION = strawberry.enum_value(
        "TRANSITION_SUBSCRIPTION", description="Transitions a subscription to another catalog item."
    )
    SCHEDULE_UPGRADE = strawberry.enum_value(
        "SCHEDULE_UPGRADE",
        description="Schedules the product and the terms to which a subscription renews.",
    )
    CANCEL_SCHEDULED_UPGRADE = strawberry.enum_value(
        "CANCEL_SCHEDULED_UPGRADE", description="Removes a scheduled change of a subscription."
    )
