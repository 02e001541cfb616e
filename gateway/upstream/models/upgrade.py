"""Upgrades of legacy license subscriptions. Source: CONTRACT 5.2."""

from collections.abc import Sequence
from typing import Final, cast

from msgspec import field

import schema.upgrade as graph
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.base import WireEnum, WireInt, WireModel, WireText
from gateway.upstream.models.enums import UPGRADE_ERROR_CODE, UPGRADE_TYPE, raw_enum
from gateway.upstream.models.offer import WireOffer
from gateway.upstream.models.resource import WireAttributes, WireCollection
from schema.keys import SubscriptionKey


class WireUpgradeError(WireModel):
    __class__ = graph.UpgradeError  # type: ignore[assignment]  # used as this type

    wire_code: WireEnum = field(default=None, name="code")
    description: WireText | None = None
    additional_details: WireText | None = None
    attributes: WireAttributes | None = None

    @property
    def code(self) -> graph.UpgradeErrorCode:
        return UPGRADE_ERROR_CODE.required(self.wire_code)

    @property
    def raw_code(self) -> str:
        return raw_enum(self.wire_code) or ""


class WireUpgrade(WireModel):
    """A possible upgrade of a subscription (CONTRACT 5.2).

    Attributes:
        source: the subscription of the request. The gateway adds it.
    """

    __class__ = graph.Upgrade  # type: ignore[assignment]  # used as this type

    target_offer: WireOffer
    wire_upgrade_type: WireEnum = field(default=None, name="upgradeType")
    wire_is_eligible: bool | None = field(default=None, name="isEligible")
    quantity: WireInt | None = None
    wire_errors: list[WireUpgradeError] | None = field(default=None, name="upgradeErrors")
    attributes: WireAttributes | None = None
    source: SubscriptionKey | None = field(default=None, name="(source)")

    @property
    def upgrade_type(self) -> graph.UpgradeType:
        return UPGRADE_TYPE.required(self.wire_upgrade_type)

    @property
    def raw_upgrade_type(self) -> str | None:
        return raw_enum(self.wire_upgrade_type)

    @property
    def is_eligible(self) -> bool:
        return bool(self.wire_is_eligible)

    @property
    def upgrade_errors(self) -> list[WireUpgradeError]:
        return self.wire_errors or []


_UPGRADES: Final = Decoder(WireCollection[WireUpgrade])


def decode_upgrades(body: bytes, source: SubscriptionKey) -> Sequence[graph.Upgrade]:
    return [to_upgrade(wire, source) for wire in _UPGRADES(body).items or ()]


def to_upgrade(wire: WireUpgrade, source: SubscriptionKey) -> graph.Upgrade:
    wire.source = source
    return cast("graph.Upgrade", wire)
