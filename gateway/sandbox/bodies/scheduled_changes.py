"""`ScheduledNextTermInstructions` and `ScheduledAction` (CONTRACT 5.8)."""

from gateway.sandbox.bodies.envelope import Body
from gateway.sandbox.catalog import Catalog
from gateway.sandbox.options import RenewalOptions, ScheduledActionsForm
from gateway.sandbox.records import ScheduledAction, ScheduledChange, Subscription
from gateway.sandbox.renewals import get_change


def build_schedule(record: Subscription, catalog: Catalog, options: RenewalOptions) -> Body:
    """Build the members of a subscription for its scheduled changes; none if there are none."""
    body: Body = {}
    change = get_change(record, catalog)
    if change is not None:
        body["scheduledNextTermInstructions"] = build_change(change, catalog)
    if options.scheduled_actions is ScheduledActionsForm.OFF or not record.scheduled_actions:
        return body
    actions = [
        _build_action(each, catalog, options.schedule_type_name)
        for each in record.scheduled_actions
    ]
    is_array = options.scheduled_actions is ScheduledActionsForm.ARRAY
    return body | {"scheduledActions": actions if is_array else actions[0]}


def build_change(change: ScheduledChange, catalog: Catalog) -> Body:
    product = catalog.products[change.item]
    term: Body = {
        "productId": product.product_id,
        "skuId": product.sku_id,
        "availabilityId": change.availability_id,
        "billingCycle": change.cycle,
        "termDuration": change.term,
    }
    if change.promotion_id:
        term["promotionId"] = change.promotion_id
    body: Body = {"product": term, "quantity": change.quantity}
    if change.custom_end_date:
        body["customTermEndDate"] = change.custom_end_date
    return body


def _build_action(action: ScheduledAction, catalog: Catalog, schedule_type_name: str) -> Body:
    body: Body = {schedule_type_name: action.schedule_type, "actionType": action.action_type}
    if action.effective_date:
        body["effectiveDate"] = action.effective_date
    if action.change is not None:
        body["instructions"] = build_change(action.change, catalog)
    return body
