"""Billing types and cycles of offers and subscriptions. Source: CONTRACT 6.5."""

from enum import Enum

import strawberry


@strawberry.enum(description="How a subscription or an offer is charged.")
class BillingType(Enum):
    NONE = strawberry.enum_value("NONE", description="It is not charged.")
    USAGE = strawberry.enum_value("USAGE", description="By usage.")
    LICENSE = strawberry.enum_value("LICENSE", description="By the number of licenses.")
    BENEFIT = strawberry.enum_value(
        "BENEFIT", description="A benefit that was bought in advance, such as a savings plan."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="A value that this version of the graph does not know. The raw field has it.",
    )


@strawberry.enum(description="How often a subscription is charged.")
class BillingCycle(Enum):
    MONTHLY = strawberry.enum_value("MONTHLY", description="Every month.")
    ANNUAL = strawberry.enum_value("ANNUAL", description="Every year.")
    NONE = strawberry.enum_value("NONE", description="Never, for example for trials.")
    ONE_TIME = strawberry.enum_value("ONE_TIME", description="Once.")
    TRIENNIAL = strawberry.enum_value("TRIENNIAL", description="Every three years.")
    BIENNIAL = strawberry.enum_value("BIENNIAL", description="Every two years.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description=(
            "Partner Center sent `unknown` or a value that this version of the graph does not know."
        ),
    )


@strawberry.enum(description="How often the subscription is to be charged after a transition.")
class BillingCycleInput(Enum):
    """The billing cycles that can be ordered."""

    MONTHLY = strawberry.enum_value("MONTHLY", description="Every month.")
    ANNUAL = strawberry.enum_value("ANNUAL", description="Every year.")
    ONE_TIME = strawberry.enum_value("ONE_TIME", description="Once.")
    TRIENNIAL = strawberry.enum_value("TRIENNIAL", description="Every three years.")
    BIENNIAL = strawberry.enum_value("BIENNIAL", description="Every two years.")


def parse_billing_cycle(raw: str | None) -> BillingCycle | None:
    """Parse a cycle from a record: in snake_case, or as earlier versions accepted it."""
    if raw is None:
        return None
    letters = "".join(filter(str.isalpha, raw)).upper()
    by_letters = {name.replace("_", ""): cycle for name, cycle in BillingCycle.__members__.items()}
    return by_letters.get(letters, BillingCycle.UNKNOWN)
