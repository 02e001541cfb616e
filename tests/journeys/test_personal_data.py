"""Names and e-mail addresses of users, which the vendor reports in license errors."""

from typing import Any, Final

import pytest

from tests.support.journey import Journey, journey
from tests.support.upgrades import find_possible_upgrades, request_upgrade
from tests.support.waiting import eventually

RECORDED: Final = """
query ($key: String!) {
  operationByKey(idempotencyKey: $key) {
    state result { targetSubscriptionId licenseErrors { userObjectId name email errors { code } } }
  }
}
"""


async def read(gateway: Journey) -> dict[str, Any]:
    data = await gateway.data(RECORDED, key="key-1")
    found: dict[str, Any] = data["operationByKey"]
    return found


async def order_with_license_errors(gateway: Journey) -> None:
    examples = gateway.sandbox.world.examples
    possible = await find_possible_upgrades(gateway.client, examples.customer_id)
    (upgrade,) = [
        each for each in possible if each.subscription_id == examples.license_errors_subscription_id
    ][:1]
    order = upgrade.input("key-1", upgradeType="UPGRADE_WITH_LICENSE_TRANSFER")
    await request_upgrade(gateway.client, order)


@pytest.mark.parametrize("days", [0, 1])
async def test_they_are_deleted_after_the_configured_days(database_url: str, days: float) -> None:
    settings = {"database_url": database_url}
    async with journey(settings=settings) as gateway:
        await order_with_license_errors(gateway)
        before = await read(gateway)
    assert before["state"] == "DONE_WITH_LICENSE_ERRORS"
    assert all(each["name"] and each["email"] for each in before["result"]["licenseErrors"])

    async with journey(settings={**settings, "operations": {"personal_data_days": days}}) as later:
        after = await eventually(
            lambda: read(later), lambda found: days > 0 or not is_personal(found)
        )
    if days:
        assert after == before
        return
    for each in before["result"]["licenseErrors"]:
        each.update(name=None, email=None)
    assert after == before


def is_personal(found: dict[str, Any]) -> bool:
    return any(each["email"] for each in found["result"]["licenseErrors"])
