"""What an upgrade ended with. Source: CONTRACT 5.2."""

from typing import cast

from msgspec import field

import schema.upgrade as graph
from gateway.upstream.mapping import enums
from gateway.upstream.mapping.service_fault import service_fault
from gateway.upstream.nouns.upgrade import UpgradeError
from gateway.upstream.wire.resource import Attributes, Enumerated, Text, WireModel
from gateway.upstream.wire.service_fault import ServiceFault


class UserLicenseError(WireModel):
    """CONTRACT 5.2."""

    __class__ = graph.UserLicenseError  # type: ignore[assignment]  # stands in for it

    user_object_id: Text | None = None
    name: Text | None = None
    email: Text | None = None
    sent_errors: tuple[ServiceFault, ...] | None = field(default=None, name="errors")
    attributes: Attributes | None = None

    @property
    def errors(self) -> list[graph.ServiceFault]:
        """What went wrong with this user's licenses."""
        return [service_fault(fault) for fault in self.sent_errors or ()]


class UpgradeResult(WireModel):
    """CONTRACT 5.2.

    Attributes:
        customer_id: whose subscription was upgraded; no member of the vendor's has this name.
    """

    __class__ = graph.UpgradeResult  # type: ignore[assignment]  # stands in for it

    source_subscription_id: Text | None = None
    target_subscription_id: Text | None = None
    sent_upgrade_type: Enumerated = field(default=None, name="upgradeType")
    sent_upgrade_errors: list[UpgradeError] | None = field(default=None, name="upgradeErrors")
    sent_license_errors: list[UserLicenseError] | None = field(default=None, name="licenseErrors")
    attributes: Attributes | None = None
    customer_id: str = field(default="", name="(customer)")

    @property
    def upgrade_type(self) -> graph.UpgradeType | None:
        """What was moved."""
        return enums.UPGRADE_TYPE(self.sent_upgrade_type)

    @property
    def raw_upgrade_type(self) -> str | None:
        """As sent."""
        return enums.raw_text(self.sent_upgrade_type)

    @property
    def upgrade_errors(self) -> list[UpgradeError]:
        """Why it was refused; empty when it was not."""
        return self.sent_upgrade_errors or []

    @property
    def license_errors(self) -> list[UserLicenseError]:
        """Users whose licenses were not moved."""
        return self.sent_license_errors or []


def upgrade_result(sent: UpgradeResult, customer_id: str) -> graph.UpgradeResult:
    """Make a result one of a customer."""
    sent.customer_id = customer_id
    return cast("graph.UpgradeResult", sent)
