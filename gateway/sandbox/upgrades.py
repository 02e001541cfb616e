"""Upgrades of legacy license subscriptions (CONTRACT 10.1)."""

from dataclasses import dataclass, replace
from typing import Final

from gateway.sandbox.catalog import Catalog, Offer
from gateway.sandbox.enums import SubscriptionStatus, UpgradeErrorCode, UpgradeType
from gateway.sandbox.identity import guid
from gateway.sandbox.profiles import create_people
from gateway.sandbox.records import CommerceFamily, Customer, Subscription, Trait

UPGRADE_TYPES: Final = (UpgradeType.UPGRADE_ONLY, UpgradeType.UPGRADE_WITH_LICENSE_TRANSFER)
_YEAR_S: Final = 365 * 86_400.0
_USERS_WITH_LICENSE_ERROR: Final = 2
_DESCRIPTIONS: Final = {
    UpgradeErrorCode.OTHER: "Subscription cannot be upgraded.",
    UpgradeErrorCode.DELEGATED_ADMIN_PERMISSIONS_DISABLED: (
        "Subscription cannot be upgraded with license transfer because the customer has removed "
        "delegated admin permissions."
    ),
    UpgradeErrorCode.SUBSCRIPTION_STATUS_NOT_ACTIVE: (
        "Subscription cannot be upgraded because the source subscription state is not active.  "
        "Additional Details contains the current source subscription state."
    ),
    UpgradeErrorCode.CONFLICTING_SERVICE_TYPES: (
        "Subscription cannot be upgraded with license transfer because its services conflict with "
        "those of another subscription.  Additional Details contains that subscription."
    ),
    UpgradeErrorCode.CONCURRENCY_CONFLICTS: (
        "Subscription cannot be upgraded because the customer has reached the limit of concurrent "
        "subscriptions to the target offer."
    ),
    UpgradeErrorCode.USER_CONTEXT_REQUIRED: (
        "Subscription cannot be upgraded with license transfer in app context; sign in as a user."
    ),
    UpgradeErrorCode.SUBSCRIPTION_ADD_ONS_PRESENT: (
        "Subscription cannot be upgraded because it has add-ons."
    ),
    UpgradeErrorCode.NO_UPGRADE_PATHS: "Subscription does not have any upgrade paths.",
    UpgradeErrorCode.SUBSCRIPTION_TARGET_OFFER_NOT_FOUND: (
        "The target offer is not an upgrade of the subscription.  Additional Details contains the "
        "requested offer."
    ),
    UpgradeErrorCode.SUBSCRIPTION_NOT_PROVISIONED: (
        "Subscription cannot be upgraded because its order is still being processed."
    ),
    UpgradeErrorCode.OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE: (
        "The target offer does not support the billing cycle of the subscription.  Additional "
        "Details contains the billing cycle."
    ),
    UpgradeErrorCode.INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS: (
        "The partner's granular admin permissions do not allow license transfer."
    ),
}


@dataclass(frozen=True, slots=True)
class UpgradeProblem:
    """A reason against an upgrade."""

    code: UpgradeErrorCode
    details: str | None = None

    @property
    def description(self) -> str:
        return _DESCRIPTIONS[self.code]


@dataclass(frozen=True, slots=True)
class UpgradeContext:
    """Facts that an upgrade depends on: the kind of caller, the time, the time for provisioning."""

    is_user: bool
    now_s: float
    provisioning_s: float = 0.0


@dataclass(frozen=True, slots=True)
class UpgradeRequest:
    """A request to upgrade. If the quantity is None, the source's quantity applies."""

    offer_id: str
    upgrade_type: UpgradeType
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class UserLicenseError:
    """A user whose license could not be transferred."""

    object_id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class UpgradeOutcome:
    """The result of an upgrade: a target subscription, or the reasons against it."""

    source: Subscription
    upgrade_type: UpgradeType
    target: Subscription | None = None
    problems: tuple[UpgradeProblem, ...] = ()
    license_errors: tuple[UserLicenseError, ...] = ()


def list_targets(source: Subscription, catalog: Catalog) -> list[Offer]:
    """List the target offers; none for other commerce families (G12)."""
    if source.commerce_family is not CommerceFamily.LEGACY_LICENSE:
        return []
    return [catalog.offers[key] for key in catalog.offers[source.item].upgrades]


def find_problems(
    customer: Customer,
    source: Subscription,
    target: Offer,
    upgrade_type: UpgradeType,
    context: UpgradeContext,
) -> tuple[UpgradeProblem, ...]:
    """Return all reasons against the upgrade; none if it is possible now."""
    found = _find_source_problems(customer, source, context)
    if source.cycle not in target.cycles:
        code = UpgradeErrorCode.OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE
        found.append(UpgradeProblem(code, str(source.cycle.value)))
    owns_target = customer.has_active(CommerceFamily.LEGACY_LICENSE, target.key)
    if owns_target and "concurrent" in target.flags:
        found.append(UpgradeProblem(UpgradeErrorCode.CONCURRENCY_CONFLICTS, target.id))
    if upgrade_type is UpgradeType.UPGRADE_WITH_LICENSE_TRANSFER:
        if owns_target:
            found.append(UpgradeProblem(UpgradeErrorCode.CONFLICTING_SERVICE_TYPES, target.id))
        found.extend(_find_permission_problems(customer, context))
    return tuple(found)


def perform(
    customer: Customer,
    source: Subscription,
    request: UpgradeRequest,
    catalog: Catalog,
    context: UpgradeContext,
) -> UpgradeOutcome:
    """Check the request and add the target subscription.

    The source stays as it is until the caller calls `retire_source`.
    """
    paths = list_targets(source, catalog)
    if not paths:
        return _reject(source, request, UpgradeProblem(UpgradeErrorCode.NO_UPGRADE_PATHS))
    target = next((each for each in paths if each.id.lower() == request.offer_id.lower()), None)
    if target is None:
        code = UpgradeErrorCode.SUBSCRIPTION_TARGET_OFFER_NOT_FOUND
        return _reject(source, request, UpgradeProblem(code, request.offer_id))
    problems = find_problems(customer, source, target, request.upgrade_type, context)
    if problems:
        return _reject(source, request, *problems)
    target_subscription = _add_target(customer, source, target, request, context)
    return UpgradeOutcome(
        source,
        request.upgrade_type,
        target_subscription,
        license_errors=_find_license_errors(source, request),
    )


def retire_source(outcome: UpgradeOutcome, status: SubscriptionStatus) -> None:
    """Set the status of the source, unless users still have its licenses (G3)."""
    if outcome.target is not None and not outcome.license_errors:
        set_source_status(outcome.source, status)


def set_source_status(source: Subscription, status: SubscriptionStatus) -> None:
    source.status = status
    source.version += 1


def _reject(
    source: Subscription, request: UpgradeRequest, *problems: UpgradeProblem
) -> UpgradeOutcome:
    return UpgradeOutcome(source, request.upgrade_type, problems=problems)


def _find_source_problems(
    customer: Customer, source: Subscription, context: UpgradeContext
) -> list[UpgradeProblem]:
    found = []
    if not source.is_active:
        code = UpgradeErrorCode.SUBSCRIPTION_STATUS_NOT_ACTIVE
        found.append(UpgradeProblem(code, str(source.status.value)))
    if context.now_s < source.provisioned_s:
        found.append(UpgradeProblem(UpgradeErrorCode.SUBSCRIPTION_NOT_PROVISIONED))
    if any(each.is_active for each in customer.list_add_ons(source)):
        found.append(UpgradeProblem(UpgradeErrorCode.SUBSCRIPTION_ADD_ONS_PRESENT))
    if Trait.UPGRADE_REJECTED in source.trait:
        found.append(UpgradeProblem(UpgradeErrorCode.OTHER, "Contact support."))
    return found


def _find_permission_problems(customer: Customer, context: UpgradeContext) -> list[UpgradeProblem]:
    found = []
    if not customer.allows_delegated_access:
        found.append(UpgradeProblem(UpgradeErrorCode.DELEGATED_ADMIN_PERMISSIONS_DISABLED))
    if not customer.has_granular_admin:
        found.append(UpgradeProblem(UpgradeErrorCode.INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS))
    if not context.is_user:
        found.append(UpgradeProblem(UpgradeErrorCode.USER_CONTEXT_REQUIRED))
    return found


def _add_target(
    customer: Customer,
    source: Subscription,
    target: Offer,
    request: UpgradeRequest,
    context: UpgradeContext,
) -> Subscription:
    ordinal = len(customer.subscriptions)
    target_subscription = replace(
        source,
        id=guid("upgraded", source.id, ordinal),
        order_id=guid("upgrade-order", source.id, ordinal),
        item=target.key,
        friendly_name=target.names["en-US"],
        quantity=source.quantity if request.quantity is None else request.quantity,
        created_s=context.now_s,
        ends_s=context.now_s + _YEAR_S,
        provisioned_s=context.now_s + context.provisioning_s,
        trait=Trait.NONE,
        version=1,
    )
    customer.subscriptions[target_subscription.id] = target_subscription
    return target_subscription


def _find_license_errors(
    source: Subscription, request: UpgradeRequest
) -> tuple[UserLicenseError, ...]:
    transfers = request.upgrade_type is UpgradeType.UPGRADE_WITH_LICENSE_TRANSFER
    if not transfers or Trait.USERS_CANNOT_MOVE not in source.trait:
        return ()
    people = create_people(source.id, count=_USERS_WITH_LICENSE_ERROR)
    return tuple(
        UserLicenseError(
            object_id=guid("user", source.id, number),
            name=f"{first} {last}",
            email=f"{first}.{last}@example.com".lower(),
        )
        for number, (first, last) in enumerate(people)
    )
