"""Rules for subscriptions from which upgrades start, of every family (CONTRACT 4.0)."""

from collections.abc import Collection, Sequence
from typing import Final

from schema.customer_subscription import CustomerSubscription
from schema.keys import SubscriptionKey
from schema.preview import PreviewWarning, PreviewWarningCode, UpgradePreview
from schema.subscription_terms import CommerceFamily
from schema.user_errors import UserError, UserErrorCode

_MUTATIONS: Final = {
    CommerceFamily.LEGACY_LICENSE: (
        "`upgradeSubscription`, with `targetOfferId` and `upgradeType`,"
    ),
    CommerceFamily.LEGACY_AZURE: "`requestProductUpgrade`, with `customerId` alone,",
    CommerceFamily.NEW_COMMERCE: (
        "`transitionSubscription`, with `toCatalogItemId`, `quantity` and `transitionType`,"
    ),
}


def validate_source(
    source: CustomerSubscription | None,
    key: SubscriptionKey,
    other_families: Collection[CommerceFamily],
) -> UserError | None:
    """Return an error if the source does not exist, or another mutation upgrades its family.

    The error names that mutation, and the members to set in a line of a batch or a preview.
    """
    if source is None:
        message = (
            f"Customer {key.customer_id} has no subscription {key.subscription_id}."
            " `customer.subscriptions` lists those that it has."
        )
        return UserError(code=UserErrorCode.NOT_FOUND, message=message)
    if source.commerce not in other_families:
        return None
    message = (
        f"This subscription is {source.commerce.name}."
        f" Use {_MUTATIONS[source.commerce]} to upgrade it."
    )
    return UserError(code=UserErrorCode.WRONG_FAMILY, message=message)


def show_source(source: CustomerSubscription | None) -> UpgradePreview:
    """Build the preview of an order that cannot be executed. It shows only the source."""
    commerce = None if source is None else source.commerce
    return UpgradePreview(is_eligible=False, commerce=commerce, source=source)


def find_subscription(
    held: Sequence[CustomerSubscription], wanted_id: str
) -> CustomerSubscription | None:
    """Find a subscription by its id, without regard to case."""
    return next((s for s in held if s.id.lower() == wanted_id.lower()), None)


def with_offer(held: Sequence[CustomerSubscription], offer_id: str) -> list[CustomerSubscription]:
    """Return the subscriptions to an offer or catalog item; the vendor's list may repeat them."""
    found = (s for s in held if (s.offer_id or "").lower() == offer_id.lower())
    return list({s.id.lower(): s for s in found}.values())


def warn_of_add_ons(
    source: CustomerSubscription, held: Sequence[CustomerSubscription]
) -> list[PreviewWarning]:
    own_id = source.id.lower()
    add_ons = [s for s in held if (s.parent_subscription_id or "").lower() == own_id]
    if not add_ons:
        return []
    names = ", ".join(each.friendly_name or each.id for each in add_ons)
    text = f"The subscription has add-ons, which are not moved: {names}."
    return [PreviewWarning(code=PreviewWarningCode.ADD_ONS_PRESENT, message=text)]


def warn_of_licenses(*, are_moved: bool, on_request: bool) -> list[PreviewWarning]:
    """Warn about what happens to the users' licenses.

    Args:
        are_moved: whether they are moved with the upgrade.
        on_request: whether they are moved because the order says so.
    """
    warnings = []
    if not are_moved:
        text = "Users keep their old licenses until an administrator assigns the new ones."
        warnings.append(PreviewWarning(code=PreviewWarningCode.LICENSES_STAY, message=text))
    if on_request:
        text = (
            "The gateway's token must be of a user with write access to the customer's directory."
        )
        warnings.append(PreviewWarning(code=PreviewWarningCode.USER_CONTEXT_NEEDED, message=text))
    return warnings


def warn_of_scheduled_changes(
    *subscriptions: CustomerSubscription | None,
) -> list[PreviewWarning]:
    """Warn about changes scheduled for the end of the term.

    An earlier change of the subscription deletes them (CONTRACT 10.4).
    """
    return [
        PreviewWarning(
            code=PreviewWarningCode.SCHEDULED_CHANGE_DELETED,
            message=(
                f"The change that is scheduled for the end of the term of {each.id} is deleted."
                " Schedule it again afterwards."
            ),
        )
        for each in subscriptions
        if each is not None and each.scheduled_change is not None
    ]
