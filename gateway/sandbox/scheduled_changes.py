"""Parses and checks the change of a subscription that is scheduled for its renewal (CONTRACT 4.19).

No code is published for an invalid schedule. All but two reasons are 800002 (G27).
"""

from typing import Any, Final

from gateway.sandbox import transitions
from gateway.sandbox.catalog import Catalog, Product
from gateway.sandbox.custom_end_dates import check_custom_end_date, to_day
from gateway.sandbox.errors import VendorError, invalid_input_error
from gateway.sandbox.promotions import apply_promotion
from gateway.sandbox.records import (
    CommerceFamily,
    Customer,
    ScheduledAction,
    ScheduledChange,
    Subscription,
)
from gateway.sandbox.renewals import compute_start_s
from gateway.sandbox.upgrades import UpgradeContext

MAX_QUANTITY: Final = 300
SCHEDULE_TYPES: Final = ("TermEnd", "CustomDate")
ACTION_TYPES: Final = ("Cancel", "RenewToNewTerm", "RenewToExtendedServiceTerm", "Transition")
_CYCLE_MONTHS: Final = {"none": 0, "monthly": 1, "annual": 12, "triennial": 36}


def parse_change(value: object, catalog: Catalog) -> ScheduledChange | None:
    """Parse `scheduledNextTermInstructions`, whose member names are in lower case."""
    if value is None:
        return None
    term = value.get("product") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(term, dict):
        raise invalid_input_error("scheduledNextTermInstructions has no product")
    product_id, sku_id = _parse_text(term, "productId"), _parse_text(term, "skuId")
    product = catalog.find_sku(product_id, sku_id)
    if product is None:
        raise invalid_input_error(f"there is no SKU {product_id}:{sku_id} to renew to")
    change = ScheduledChange(
        item=product.key,
        availability_id=_parse_text(term, "availabilityId"),
        cycle=_parse_text(term, "billingCycle"),
        term=_parse_text(term, "termDuration"),
        quantity=_parse_quantity(value.get("quantity")),
        promotion_id=_parse_optional(term, "promotionid"),
        custom_end_date=_parse_optional(value, "customtermenddate"),
    )
    return apply_promotion(change, catalog)


def parse_actions(value: object, catalog: Catalog) -> tuple[ScheduledAction, ...]:
    """Parse `scheduledActions`: an array or one object, with lower-case member names (Q33)."""
    actions = value if isinstance(value, list) else [value] if value else []
    return tuple(_parse_action(each, catalog) for each in actions)


def check_change(
    change: ScheduledChange,
    customer: Customer,
    source: Subscription,
    catalog: Catalog,
    now_s: float,
) -> None:
    """Raise VendorError if the change cannot be scheduled."""
    if source.commerce_family is not CommerceFamily.NEW_COMMERCE:
        raise invalid_input_error("only new commerce subscriptions have scheduled changes")
    if not source.is_active:
        raise invalid_input_error("the subscription is not active")
    _check_target(change, customer, source, catalog, now_s)
    months, cycle = transitions.TERM_MONTHS.get(change.term.upper(), 0), change.cycle.lower()
    if not months:
        raise invalid_input_error(f"'{change.term}' is not a term; expected P1M, P1Y or P3Y")
    if cycle not in _CYCLE_MONTHS or _CYCLE_MONTHS[cycle] > months:
        raise invalid_input_error(f"'{change.cycle}' is not a billing cycle of the term")
    if not 1 <= change.quantity <= MAX_QUANTITY:
        raise invalid_input_error(f"the scheduled quantity must be between 1 and {MAX_QUANTITY}")
    if change.custom_end_date:
        start = to_day(compute_start_s(source))
        term = change.term.upper()
        check_custom_end_date(change.custom_end_date, customer, term, start)


def list_scheduled_targets(
    customer: Customer, source: Subscription, catalog: Catalog, now_s: float
) -> list[Product]:
    """List the products to which the subscription can be renewed, without its current one."""
    found = transitions.list_eligibilities(
        customer, source, catalog, UpgradeContext(is_user=True, now_s=now_s), is_scheduled=True
    )
    return [each.product for each in found if not each.types[0].problems]


def _check_target(
    change: ScheduledChange,
    customer: Customer,
    source: Subscription,
    catalog: Catalog,
    now_s: float,
) -> None:
    target = catalog.products[change.item]
    if change.item != source.item:
        targets = list_scheduled_targets(customer, source, catalog, now_s)
        if target not in targets:
            raise invalid_input_error(f"{target.title} is no scheduled eligibility")
    if not target.is_for_sale:
        raise invalid_input_error(f"{target.title} is no longer sold")
    if change.availability_id.lower() != catalog.get_availability_id(target, now_s).lower():
        raise invalid_input_error(
            f"the availability {change.availability_id} is stale; list the availabilities again"
        )


def _parse_action(value: object, catalog: Catalog) -> ScheduledAction:
    if not isinstance(value, dict):
        raise invalid_input_error("scheduledActions is neither an object nor an array of objects")
    schedule_type = value.get("scheduletype") or value.get("scheduledtype")
    return ScheduledAction(
        schedule_type=_find_name(schedule_type, SCHEDULE_TYPES, "scheduleType"),
        action_type=_find_name(value.get("actiontype"), ACTION_TYPES, "actionType"),
        effective_date=_parse_optional(value, "effectivedate"),
        change=parse_change(value.get("instructions"), catalog),
    )


def _find_name(value: object, names: tuple[str, ...], member: str) -> str:
    found = next((each for each in names if each.lower() == str(value).lower()), None)
    if found is None:
        raise invalid_input_error(f"{member} of scheduledActions must be one of {', '.join(names)}")
    return found


def _parse_text(body: dict[str, Any], name: str) -> str:
    value = body.get(name.lower())
    if not isinstance(value, str) or not value:
        raise invalid_input_error(f"{name} of scheduledNextTermInstructions is missing")
    return value


def _parse_optional(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    return str(value) if value else None


def _parse_quantity(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid_input_error("quantity of scheduledNextTermInstructions is missing")
    return value


def renewing_error() -> VendorError:
    """Build the error for updates of a subscription whose renewal is pending (CONTRACT 10.4)."""
    return VendorError(409, 900278, "The renewal of the subscription is pending; try again later.")
