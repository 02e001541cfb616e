"""Upgrades of legacy license subscriptions. Source: CONTRACT 5.2."""

from gateway.upstream.wire.offer import Offer
from gateway.upstream.wire.resource import Attributes, Enumerated, Number, PassedThrough, WireModel


class UpgradeError(WireModel):
    """CONTRACT 5.2."""

    code: Enumerated = None
    description: str | None = None
    additional_details: str | None = None
    attributes: Attributes | None = None


class Upgrade(WireModel):
    """CONTRACT 5.2."""

    target_offer: Offer
    upgrade_type: Enumerated = None
    is_eligible: bool | None = None
    quantity: Number | None = None
    upgrade_errors: tuple[UpgradeError, ...] | None = None
    attributes: Attributes | None = None


class ServiceFault(WireModel):
    """CONTRACT 5.2."""

    code: str | int | None = None
    description: str | None = None
    data: PassedThrough = None
    source: str | None = None
    attributes: Attributes | None = None


class UserLicenseError(WireModel):
    """CONTRACT 5.2."""

    user_object_id: str | None = None
    name: str | None = None
    email: str | None = None
    errors: tuple[ServiceFault, ...] | None = None
    attributes: Attributes | None = None


class UpgradeResult(WireModel):
    """CONTRACT 5.2."""

    source_subscription_id: str | None = None
    target_subscription_id: str | None = None
    upgrade_type: Enumerated = None
    upgrade_errors: tuple[UpgradeError, ...] | None = None
    license_errors: tuple[UserLicenseError, ...] | None = None
    attributes: Attributes | None = None
