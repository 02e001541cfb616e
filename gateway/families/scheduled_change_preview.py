"""The effects of a change at the end of a term, for its preview (CONTRACT 10.4)."""

from collections.abc import Sequence

from gateway.families.scheduled_change_rules import find_title, keeps_sku
from gateway.families.source_rules import show_source
from gateway.upstream.scheduled_changes import NextTerm
from schema.billing import parse_billing_cycle
from schema.customer_subscription import CustomerSubscription
from schema.keys import AvailabilityKey
from schema.preview import PreviewWarning, PreviewWarningCode, UpgradePreview
from schema.transition_eligibility import TransitionEligibility


def describe_schedule(
    source: CustomerSubscription,
    next_term: NextTerm,
    item: AvailabilityKey,
    eligibilities: Sequence[TransitionEligibility],
) -> UpgradePreview:
    preview = show_source(source)
    is_same_sku = keeps_sku(item, source)
    title = find_title(item, source, eligibilities)
    product = next_term.product
    preview.is_eligible = True
    preview.target_name = title
    preview.quantity, preview.minimum_quantity = next_term.quantity, 1
    preview.moves_user_licenses = is_same_sku or next_term.quantity == source.quantity
    preview.source_afterwards = (
        f"Nothing changes before the term ends{_on(source)}. A cancellation, a transition, a change"
        " of the quantity or the term, switching auto-renew off and a suspension delete what is"
        " scheduled."
    )
    preview.target_afterwards = (
        f"The same subscription, renewed as {title or item.sku.product_id} with"
        f" {next_term.quantity} licenses for {product.term_duration}, billed"
        f" {product.billing_cycle}."
    )
    preview.warnings = [
        *_warn_of_terms(source, next_term),
        *_warn_of_replacement(source),
        *_warn_of_assignments(preview),
    ]
    return preview


def describe_removal(source: CustomerSubscription, *, is_eligible: bool) -> UpgradePreview:
    preview = show_source(source)
    preview.is_eligible = is_eligible
    preview.target_name = source.offer_name
    preview.source_afterwards = f"Nothing changes before the term ends{_on(source)}."
    preview.target_afterwards = (
        "The same subscription, renewed with the product and terms it has."
        if source.auto_renew_enabled
        else "None: auto-renew is off, and the subscription ends with its term."
    )
    return preview


def _on(source: CustomerSubscription) -> str:
    ends = source.commitment_end_date
    return "" if ends is None else f" on {ends.date().isoformat()}"


def _warn_of_terms(source: CustomerSubscription, next_term: NextTerm) -> list[PreviewWarning]:
    product = next_term.product
    changes = []
    if product.term_duration != source.term_duration:
        changes.append(f"the term from {source.term_duration} to {product.term_duration}")
    if parse_billing_cycle(product.billing_cycle) is not source.billing_cycle:
        changes.append(
            f"the billing cycle from {source.raw_billing_cycle} to {product.billing_cycle}"
        )
    if not changes:
        return []
    text = f"The renewal changes {' and '.join(changes)}."
    return [PreviewWarning(code=PreviewWarningCode.TERMS_CHANGE, message=text)]


def _warn_of_replacement(source: CustomerSubscription) -> list[PreviewWarning]:
    if source.scheduled_change is None:
        return []
    text = "The change that is already scheduled (`source.scheduledChange`) will be replaced."
    return [PreviewWarning(code=PreviewWarningCode.SCHEDULED_CHANGE_DELETED, message=text)]


def _warn_of_assignments(preview: UpgradePreview) -> list[PreviewWarning]:
    if preview.moves_user_licenses:
        return []
    text = (
        "Partner Center reassigns the users' licenses only if their number stays the same."
        " Otherwise an administrator has to assign the new licenses."
    )
    return [PreviewWarning(code=PreviewWarningCode.LICENSES_STAY, message=text)]
