"""Scheduled changes in records of the audit feed (CONTRACT-2 10.5)."""

from typing import Any, Final

import pytest

from gateway.families.scheduled_change_audit import names_removal, names_schedule
from resolvers.orders import ScheduleUpgradeOrder
from schema.audit_record import AuditRecord
from schema.keys import SubscriptionKey

SOURCE: Final = SubscriptionKey("customer", "subscription")
ORDER: Final = ScheduleUpgradeOrder(
    source=SOURCE, to_catalog_item_id="CFQ7TTC0LFLZ:0002:CFQ7TTC0K71H"
)


def record(product: Any = None, quantity: Any = 5, **members: Any) -> AuditRecord:
    """A record of a subscription for which this product was scheduled."""
    scheduled = {
        "Product": product or {"ProductId": "cfq7ttc0lflz", "SkuId": "0002"},
        "Quantity": quantity,
    }
    value = {"Quantity": 28, "ScheduledNextTermInstructions": scheduled}
    return AuditRecord(**{"resource_new_value": value, **members})


def test_a_record_names_what_is_scheduled_afterwards() -> None:
    assert names_schedule(ORDER, 5, record())
    assert names_schedule(ORDER, None, record())
    assert names_schedule(ScheduleUpgradeOrder(source=SOURCE), 5, record())


@pytest.mark.parametrize(
    "other",
    [
        record(quantity=28),
        record(product={"ProductId": "CFQ7TTC0LFLZ", "SkuId": "0001"}),
        record(product={"ProductId": "CFQ7TTC0LFL", "SkuId": "0002"}),
        record(product="[redacted]"),
        record(resource_new_value={"Quantity": 5}),
        record(resource_new_value={"ScheduledNextTermInstructions": None}),
        record(resource_new_value="[redacted]"),
        record(resource_new_value=None),
        record(resource_old_value=record().resource_new_value),
    ],
)
def test_a_record_of_another_change_does_not(other: AuditRecord) -> None:
    assert not names_schedule(ORDER, 5, other)


def test_a_removal_is_scheduled_before_and_not_afterwards() -> None:
    scheduled = record().resource_new_value
    assert names_removal(record(resource_old_value=scheduled, resource_new_value={"Id": "s"}))
    assert not names_removal(record(resource_old_value=scheduled))
    assert not names_removal(record(resource_old_value=scheduled, resource_new_value=None))
    assert not names_removal(record(resource_old_value={}, resource_new_value={"Id": "s"}))
