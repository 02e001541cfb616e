"""The result of an upgrade of a license subscription. Source: CONTRACT 5.2."""

from typing import Final, cast

from msgspec import field

import schema.upgrade as graph
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.base import WireEnum, WireModel, WireText
from gateway.upstream.models.enums import UPGRADE_TYPE, raw_enum
from gateway.upstream.models.resource import WireAttributes
from gateway.upstream.models.service_fault import WireServiceFault, to_service_fault
from gateway.upstream.models.upgrade import WireUpgradeError


class WireUserLicenseError(WireModel):
    __class__ = graph.UserLicenseError  # type: ignore[assignment]  # used as this type

    user_object_id: WireText | None = None
    name: WireText | None = None
    email: WireText | None = None
    wire_errors: tuple[WireServiceFault, ...] | None = field(default=None, name="errors")
    attributes: WireAttributes | None = None

    @property
    def errors(self) -> list[graph.ServiceFault]:
        return [to_service_fault(fault) for fault in self.wire_errors or ()]


class WireUpgradeResult(WireModel):
    """The result of an upgrade (CONTRACT 5.2).

    Attributes:
        customer_id: the customer of the request. The gateway adds it.
    """

    __class__ = graph.UpgradeResult  # type: ignore[assignment]  # used as this type

    source_subscription_id: WireText | None = None
    target_subscription_id: WireText | None = None
    wire_upgrade_type: WireEnum = field(default=None, name="upgradeType")
    wire_upgrade_errors: list[WireUpgradeError] | None = field(default=None, name="upgradeErrors")
    wire_license_errors: list[WireUserLicenseError] | None = field(
        default=None, name="licenseErrors"
    )
    attributes: WireAttributes | None = None
    customer_id: str = field(default="", name="(customer)")

    @property
    def upgrade_type(self) -> graph.UpgradeType | None:
        return UPGRADE_TYPE(self.wire_upgrade_type)

    @property
    def raw_upgrade_type(self) -> str | None:
        return raw_enum(self.wire_upgrade_type)

    @property
    def upgrade_errors(self) -> list[WireUpgradeError]:
        return self.wire_upgrade_errors or []

    @property
    def license_errors(self) -> list[WireUserLicenseError]:
        return self.wire_license_errors or []


_RESULT: Final = Decoder(WireUpgradeResult)


def decode_upgrade_result(body: bytes, customer_id: str) -> graph.UpgradeResult:
    """Decode the result. Raises ValueError if it has neither a subscription nor an error.

    Otherwise such a body would look like a success in which nothing happened.
    """
    wire = _RESULT(body)
    if not (wire.source_subscription_id or wire.target_subscription_id or wire.upgrade_errors):
        raise ValueError("it is not the result of an upgrade")
    return to_upgrade_result(wire, customer_id)


def to_upgrade_result(wire: WireUpgradeResult, customer_id: str) -> graph.UpgradeResult:
    wire.customer_id = customer_id
    return cast("graph.UpgradeResult", wire)
