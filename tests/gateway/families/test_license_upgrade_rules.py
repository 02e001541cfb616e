import json
from typing import Any, Final

import pytest

from gateway.families.license_upgrade_rules import resolve_quantity, validate_upgrade
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.upgrade import WireUpgrade, to_upgrade
from resolvers.orders import UpgradeOrder
from schema.keys import SubscriptionKey
from schema.upgrade import Upgrade, UpgradeType
from schema.user_errors import UserErrorCode
from tests.support.directory import make_subscription

KEY: Final = SubscriptionKey("customer-1", "subscription-1")
ORDER: Final = UpgradeOrder(KEY, "offer-1", UpgradeType.UPGRADE_ONLY)
SOURCE: Final = make_subscription("customer-1", 1, quantity=5)
_READ: Final = Decoder(WireUpgrade)


def listed(offer: dict[str, Any] | None = None, **members: Any) -> Upgrade:
    """Return an upgrade as the vendor's JSON lists it."""
    target = {"id": "OFFER-1", **(offer or {})}
    body = {"targetOffer": target, "upgradeType": "upgrade_only", **members}
    return to_upgrade(_READ(json.dumps(body).encode()), KEY)


CAN: Final = listed(isEligible=True, quantity=5)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(listed(isEligible=False), id="no errors"),
        pytest.param(listed(isEligible=False, upgradeErrors=[]), id="empty errors"),
        pytest.param(listed(isEligible=False, upgradeErrors=None), id="null errors"),
        pytest.param(listed(isEligible=None), id="null"),
        pytest.param(listed(), id="absent"),
        pytest.param(listed(IsEligible="False"), id="as text"),
        pytest.param(listed(isEligible="perhaps"), id="unreadable"),
        pytest.param(listed(isEligible=True, upgradeType=None), id="null type"),
        pytest.param(listed(isEligible=True, upgradeType="none"), id="type none"),
    ],
)
def test_only_an_eligible_upgrade_is_sent(path: Upgrade) -> None:
    for paths in ([path], [CAN, path], [path, CAN]):
        refusal = validate_upgrade(ORDER, SOURCE, paths)
        is_other_type = path.upgrade_type is not UpgradeType.UPGRADE_ONLY
        if is_other_type and CAN in paths:
            assert refusal is None
        else:
            assert refusal is not None
            assert refusal.code is UserErrorCode.NOT_ELIGIBLE


@pytest.mark.parametrize(
    ("path", "held", "quantity"),
    [
        (listed(isEligible=True, quantity=7), 5, 7),
        (listed(isEligible=True), 5, 5),
        (listed(isEligible=True, quantity=0), 5, 5),
        (listed(isEligible=True), None, None),
        (listed(isEligible=True), 0, None),
    ],
)
def test_an_unknown_quantity_is_not_guessed(
    path: Upgrade, held: int | None, quantity: int | None
) -> None:
    source = make_subscription("customer-1", 1, quantity=held)
    assert resolve_quantity(ORDER, path, source) == quantity
    refusal = validate_upgrade(ORDER, source, [path])
    assert (refusal is None) == (quantity is not None)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({}, None),
        ({"minimumQuantity": 5, "maximumQuantity": 5}, None),
        ({"minimumQuantity": 6}, "quantity must be at least 6 for this offer, not 5."),
        ({"maximumQuantity": 4}, "quantity must be 1 to 4 for this offer, not 5."),
    ],
)
def test_the_vendors_quantity_is_compared_with_the_offer(
    bounds: dict[str, Any], message: str | None
) -> None:
    refusal = validate_upgrade(ORDER, SOURCE, [listed(bounds, isEligible=True)])
    assert (None if refusal is None else refusal.message) == message
