"""How things are charged, on offers and subscriptions alike. Source: CONTRACT 6.5."""

from enum import Enum

import strawberry


@strawberry.enum(description="What is charged for.")
class BillingType(Enum):
    """CONTRACT 6.5, BillingType."""

    NONE = strawberry.enum_value("NONE", description="Nothing.")
    USAGE = strawberry.enum_value("USAGE", description="What was used.")
    LICENSE = strawberry.enum_value("LICENSE", description="Each license.")
    BENEFIT = strawberry.enum_value("BENEFIT", description="A benefit bought in advance.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value this graph does not know.")


@strawberry.enum(description="How often it is charged.")
class BillingCycle(Enum):
    """CONTRACT 6.5, BillingCycleType."""

    MONTHLY = strawberry.enum_value("MONTHLY", description="Every month.")
    ANNUAL = strawberry.enum_value("ANNUAL", description="Every year.")
    NONE = strawberry.enum_value("NONE", description="Never, as trials.")
    ONE_TIME = strawberry.enum_value("ONE_TIME", description="Once.")
    TRIENNIAL = strawberry.enum_value("TRIENNIAL", description="Every three years.")
    BIENNIAL = strawberry.enum_value("BIENNIAL", description="Every two years.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="The vendor says unknown, or a value this graph does not know."
    )


@strawberry.enum(description="How often a transition should be charged.")
class BillingCycleInput(Enum):
    """The values of `BillingCycle` that can be ordered."""

    MONTHLY = strawberry.enum_value("MONTHLY", description="Every month.")
    ANNUAL = strawberry.enum_value("ANNUAL", description="Every year.")
    ONE_TIME = strawberry.enum_value("ONE_TIME", description="Once.")
    TRIENNIAL = strawberry.enum_value("TRIENNIAL", description="Every three years.")
    BIENNIAL = strawberry.enum_value("BIENNIAL", description="Every two years.")


def parse_billing_cycle(raw: str | None) -> BillingCycle | None:
    """Read a cycle as an order recorded it: `one_time`, or as callers once spelled it."""
    if raw is None:
        return None
    letters = "".join(filter(str.isalpha, raw)).upper()
    by_letters = {name.replace("_", ""): cycle for name, cycle in BillingCycle.__members__.items()}
    return by_letters.get(letters, BillingCycle.UNKNOWN)
