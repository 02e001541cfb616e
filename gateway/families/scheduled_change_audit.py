"""Finds scheduled changes in records of the audit feed (CONTRACT-2 5.9, 10.5)."""

from typing import Any, Final

from resolvers.orders import ScheduleUpgradeOrder
from schema.audit_record import AuditRecord

_INSTRUCTIONS: Final = "schedulednextterminstructions"


def names_schedule(order: ScheduleUpgradeOrder, quantity: int | None, record: AuditRecord) -> bool:
    """Whether an audit record shows that the ordered change was scheduled.

    Compares the product, unless the order keeps it, and the quantity, unless that is None.
    """
    before, after = _read_instructions(record)
    found = _lower(after)
    if not found or before == after:
        return False
    if quantity is not None and found.get("quantity") != quantity:
        return False
    if order.to_catalog_item_id is None:
        return True
    product = _lower(found.get("product"))
    scheduled = f"{product.get('productid')}:{product.get('skuid')}:"
    return order.to_catalog_item_id.lower().startswith(scheduled.lower())


def names_removal(record: AuditRecord) -> bool:
    """Whether an audit record shows that a scheduled change was removed."""
    before, after = _read_instructions(record)
    return bool(before and _lower(record.resource_new_value) and not after)


def _read_instructions(record: AuditRecord) -> tuple[Any, Any]:
    """Return what is scheduled before and after; None if nothing is, or it is unknown."""
    before, after = _lower(record.resource_old_value), _lower(record.resource_new_value)
    return before.get(_INSTRUCTIONS), after.get(_INSTRUCTIONS)


def _lower(value: Any) -> dict[str, Any]:
    """Return an object with the names of its members in lower case; empty if it is none."""
    if not isinstance(value, dict):
        return {}
    return {name.lower(): each for name, each in value.items()}
