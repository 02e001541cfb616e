"""Guards: what an operator forbids while the gateway runs, in a file of its own."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gateway.settings.customer_ids import validate_customer_id
from gateway.settings.section import SettingsSection

RestrictedUpgradeType = Literal[
    "UPGRADE_ONLY",
    "UPGRADE_WITH_LICENSE_TRANSFER",
    "PRODUCT_UPGRADE",
    "TRANSITION_ONLY",
    "TRANSITION_WITH_LICENSE_TRANSFER",
]


CustomerId = Annotated[str, AfterValidator(validate_customer_id)]


class GuardsSettings(SettingsSection):
    """What mutations may do, changed while the gateway runs."""

    file: Path | None = Field(
        None,
        description=(
            "TOML file with write switches, ceilings and allowed upgrade types; a change applies to"
            " the next mutation. While it cannot be read, mutations are refused"
        ),
    )


class CustomerPolicy(SettingsSection):
    """What is allowed for one customer."""

    writes: bool = True


class CallerPolicy(SettingsSection):
    """What one caller may do; what is not said here is as for all."""

    writes: bool = True
    seats_per_hour: int | None = Field(None, ge=0)
    upgrade_types: frozenset[RestrictedUpgradeType] | None = None


class PurchasePolicy(SettingsSection):
    """The contents of the file; an empty one allows everything.

    Attributes:
        writes: whether anything may be bought.
        seats_per_hour: licenses that each caller may ask for in 3,600 s.
        upgrade_types: kinds that may be bought; None for all.
        customers: by tenant id, without regard to case.
        callers: by principal; `PrincipalForms` knows which there can be.
    """

    writes: bool = True
    seats_per_hour: int | None = Field(None, ge=0)
    upgrade_types: frozenset[RestrictedUpgradeType] | None = None
    customers: dict[CustomerId, CustomerPolicy] = Field(default_factory=dict)
    callers: dict[str, CallerPolicy] = Field(default_factory=dict)
