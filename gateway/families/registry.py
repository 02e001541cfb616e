"""The families of upgrades by the kind of their orders."""

from collections.abc import Callable
from typing import Any, Final

from gateway.families.azure_plan import AzurePlanUpgrades
from gateway.families.base import PartnerCenterFamily, UpstreamAccess
from gateway.families.license_upgrade import LicenseUpgrades
from gateway.families.scheduled_change import ScheduledUpgradeRemovals, ScheduledUpgrades
from gateway.families.transition import Transitions

FAMILIES: Final[tuple[Callable[[UpstreamAccess], PartnerCenterFamily[Any]], ...]] = (
    LicenseUpgrades,
    AzurePlanUpgrades,
    Transitions,
    ScheduledUpgrades,
    ScheduledUpgradeRemovals,
)


def build_families(access: UpstreamAccess) -> dict[str, PartnerCenterFamily[Any]]:
    families = [build(access) for build in FAMILIES]
    return {family.order_type.kind: family for family in families}
