"""Upgrades of legacy license subscriptions. Source: CONTRACT 5.2."""

from typing import cast

from msgspec import field

import schema.upgrade as graph
from gateway.upstream.mapping import enums
from gateway.upstream.nouns.offer import Offer
from gateway.upstream.wire.resource import Attributes, Enumerated, Number, Text, WireModel
from schema.keys import SubscriptionKey


class UpgradeError(WireModel):
    """CONTRACT 5.2."""

    __class__ = graph.UpgradeError  # type: ignore[assignment]  # stands in for it

    sent_code: Enumerated = field(default=None, name="code")
    description: Text | None = None
    additional_details: Text | None = None
    attributes: Attributes | None = None

    @property
    def code(self) -> graph.UpgradeErrorCode:
        """The reason."""
        return enums.UPGRADE_ERROR_CODE.required(self.sent_code)

    @property
    def raw_code(self) -> str:
        """As sent; empty if absent."""
        return enums.raw_text(self.sent_code) or ""


class Upgrade(WireModel):
    """CONTRACT 5.2.

    Attributes:
        upgraded: the subscription asked about; no member of the vendor's has this name.
    """

    __class__ = graph.Upgrade  # type: ignore[assignment]  # stands in for it

    target_offer: Offer
    sent_upgrade_type: Enumerated = field(default=None, name="upgradeType")
    sent_is_eligible: bool | None = field(default=None, name="isEligible")
    quantity: Number | None = None
    sent_errors: list[UpgradeError] | None = field(default=None, name="upgradeErrors")
    attributes: Attributes | None = None
    upgraded: SubscriptionKey | None = field(default=None, name="(upgraded)")

    @property
    def source(self) -> SubscriptionKey:
        """The subscription to be upgraded."""
        return cast("SubscriptionKey", self.upgraded)

    @property
    def upgrade_type(self) -> graph.UpgradeType:
        """What it moves."""
        return enums.UPGRADE_TYPE.required(self.sent_upgrade_type)

    @property
    def raw_upgrade_type(self) -> str | None:
        """As sent."""
        return enums.raw_text(self.sent_upgrade_type)

    @property
    def is_eligible(self) -> bool:
        """Whether it can be performed now."""
        return bool(self.sent_is_eligible)

    @property
    def upgrade_errors(self) -> list[UpgradeError]:
        """Why it is not possible; empty when it is."""
        return self.sent_errors or []


def upgrade(sent: Upgrade, source: SubscriptionKey) -> graph.Upgrade:
    """Make an upgrade one of a subscription; its offer belongs to the market it says."""
    sent.upgraded = source
    return cast("graph.Upgrade", sent)
