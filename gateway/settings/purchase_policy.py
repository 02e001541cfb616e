"""The purchase policy: what an operator allows, in a file that may change at any time."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gateway.settings.sections import SettingsSection
from gateway.settings.validators import validate_customer_id

RestrictedUpgradeType = Literal[
    "UPGRADE_ONLY",
    "UPGRADE_WITH_LICENSE_TRANSFER",
    "PRODUCT_UPGRADE",
    "TRANSITION_ONLY",
    "TRANSITION_WITH_LICENSE_TRANSFER",
]
CustomerId = Annotated[str, AfterValidator(validate_customer_id)]


class CustomerPolicy(SettingsSection):
    writes: bool = True


class CallerPolicy(SettingsSection):
    """Restrictions of one caller. An attribute that is None is as for all callers."""

    writes: bool = True
    seats_per_hour: int | None = Field(None, ge=0)
    upgrade_types: frozenset[RestrictedUpgradeType] | None = None


class PurchasePolicy(SettingsSection):
    """The content of the file. An empty file allows everything.

    Attributes:
        writes: whether mutations may buy anything.
        seats_per_hour: the licenses that each caller may buy within 3,600 s.
        upgrade_types: the types that may be bought; None for all.
        customers: by tenant id, in any letter case.
        callers: by principal; `PrincipalForms` knows the possible ones.
    """

    writes: bool = True
    seats_per_hour: int | None = Field(None, ge=0)
    upgrade_types: frozenset[RestrictedUpgradeType] | None = None
    customers: dict[CustomerId, CustomerPolicy] = Field(default_factory=dict)
    callers: dict[str, CallerPolicy] = Field(default_factory=dict)
