"""How operations, which know no HTTP, meet the vendor."""

import codecs
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from gateway.operations.record import (
    Checked,
    Facts,
    Failure,
    Looked,
    Record,
    Sent,
    Trouble,
    Verdict,
)
from gateway.upstream.clock import Clock
from gateway.upstream.commands import (
    CommandOutcome,
    PartnerCommands,
    Performed,
    UpgradeWish,
    read_upgrade_result,
)
from gateway.upstream.errors import (
    BadInput,
    Forbidden,
    NotFound,
    Throttled,
    Unauthorized,
    UpstreamError,
)
from gateway.upstream.scope import RequestScope
from gateway.upstream.sending import NeverSent, Refused
from resolvers.orders import UpgradeOrder
from resolvers.ports import Directory
from schema.contract_terms import CommerceFamily, SubscriptionStatus
from schema.customer_subscription import CustomerSubscription
from schema.operation import AttemptOutcome, UserErrorCode
from schema.upgrade import Upgrade, UpgradeError, UpgradeResult

Begin = Callable[[str, str | None], RequestScope | None]
"""Begins the use of the upstream in a principal's name, under a correlation id or a new one; None
without its token."""

_LASTING: Final = (BadInput, Forbidden, Unauthorized)
_NO_CALLER: Final = Trouble(message="the caller's token is not kept", needs_caller=True)
_OTHER_MUTATION: Final = {
    CommerceFamily.NEW_COMMERCE: "transitionSubscription",
    CommerceFamily.LEGACY_AZURE: "requestProductUpgrade",
}


@dataclass(frozen=True, slots=True)
class PartnerUpgrades:
    """Implements `gateway.operations.partner.Partner` over the client.

    Attributes:
        directory: reads in the name of whoever a scope is for.
        commands: writes likewise, under a request id.
    """

    begin: Begin
    directory: Callable[[RequestScope], Directory]
    commands: Callable[[RequestScope, str], PartnerCommands]
    clock: Clock

    async def check(self, record: Record, correlation_id: str) -> Checked:
        """Read the source and its upgrades, both fresh, and compare them with the order."""
        scope = self.begin(record.principal, correlation_id)
        if scope is None:
            return Checked(at=self.clock.wall(), trouble=_NO_CALLER)
        order, directory = _upgrade_order(record), self.directory(scope)
        try:
            held = await directory.subscriptions(order.source.customer_id)
            source = _find(held, order.source.subscription_id)
            refusal = refusal_of_source(source, order)
            upgrades = () if refusal else await directory.upgrades(order.source)
        except NotFound as error:
            failure = Failure(code=UserErrorCode.NOT_FOUND, message=str(error))
            return Checked(at=self.clock.wall(), refusal=failure)
        except UpstreamError as error:
            return Checked(at=self.clock.wall(), trouble=trouble_of(error))
        if refusal is not None or source is None:
            return Checked(at=self.clock.wall(), refusal=refusal)
        return self._compared(order, source, held, upgrades)

    def _compared(
        self,
        order: UpgradeOrder,
        source: CustomerSubscription,
        held: Sequence[CustomerSubscription],
        upgrades: Sequence[Upgrade],
    ) -> Checked:
        refusal = refusal_of_order(order, upgrades)
        path = _path(order, upgrades)
        if refusal is not None or path is None:
            body = _reasons(order, path.upgrade_errors if path else ())
            return Checked(at=self.clock.wall(), refusal=refusal, body=body)
        facts = Facts(
            quantity=order.quantity or path.quantity or source.quantity or 1,
            known_ids=tuple(s.id.lower() for s in _of_offer(held, order.target_offer_id)),
        )
        return Checked(at=self.clock.wall(), facts=facts)

    async def send(self, record: Record, facts: Facts, correlation_id: str) -> Sent:
        """Perform the upgrade, once."""
        scope = self.begin(record.principal, correlation_id)
        if scope is None:
            return self._never_sent(_NO_CALLER)
        order = _upgrade_order(record)
        wish = UpgradeWish(order.source, order.target_offer_id, order.upgrade_type, facts.quantity)
        outcome = await self.commands(scope, record.request_id).perform_upgrade(wish)
        if not isinstance(outcome, Performed):
            return self._not_performed(outcome)
        result: UpgradeResult = outcome.value
        return Sent(
            outcome=AttemptOutcome.ACCEPTED,
            at=self.clock.wall(),
            has_errors=bool(result.upgrade_errors),
            has_license_errors=bool(result.license_errors),
            reference=result.target_subscription_id,
            body=_text(outcome.body),
        )

    def _never_sent(self, trouble: Trouble) -> Sent:
        return Sent(outcome=AttemptOutcome.NEVER_SENT, at=self.clock.wall(), trouble=trouble)

    def _not_performed(self, outcome: CommandOutcome[Any]) -> Sent:
        assert not isinstance(outcome, Performed)  # noqa: S101 - handled by the caller
        error = outcome.error
        if isinstance(outcome, NeverSent):
            return self._never_sent(trouble_of(error))
        if not isinstance(outcome, Refused):
            kind = AttemptOutcome.UNANSWERED
        elif isinstance(error, Throttled):
            kind = AttemptOutcome.THROTTLED
        else:
            kind = AttemptOutcome.REFUSED
        return Sent(
            outcome=kind,
            at=self.clock.wall(),
            trouble=trouble_of(error),
            has_fresh_token=isinstance(outcome, Refused) and outcome.has_fresh_token,
        )

    async def look(self, record: Record, facts: Facts) -> Looked:
        """Read the customer's subscriptions and see whether the target is among them."""
        scope = self.begin(record.principal, None)
        if scope is None:
            return Looked(at=self.clock.wall(), trouble=_NO_CALLER)
        order = _upgrade_order(record)
        try:
            held = await self.directory(scope).subscriptions(order.source.customer_id)
        except UpstreamError as error:
            return Looked(at=self.clock.wall(), trouble=trouble_of(error))
        verdict, target = seen(order, facts, held)
        body = None if target is None else _bought(order, target)
        return Looked(at=self.clock.wall(), verdict=verdict, reference=target, body=body)

    def upgrade_result(self, body: str, customer_id: str) -> UpgradeResult:
        """Read a recorded answer."""
        return read_upgrade_result(body.encode(), customer_id)


def refusal_of_source(source: CustomerSubscription | None, order: UpgradeOrder) -> Failure | None:
    """Refuse what is not there, or belongs to another family of upgrades (CONTRACT 4.0)."""
    if source is None:
        message = (
            f"Customer {order.source.customer_id} has no subscription"
            f" {order.source.subscription_id}; `subscriptions` lists those it has."
        )
        return Failure(code=UserErrorCode.NOT_FOUND, message=message)
    other = _OTHER_MUTATION.get(source.commerce)
    if other is None:
        return None
    message = f"This subscription is {source.commerce.name}: `{other}` upgrades it."
    return Failure(code=UserErrorCode.WRONG_FAMILY, message=message)


def refusal_of_order(order: UpgradeOrder, upgrades: Sequence[Upgrade]) -> Failure | None:
    """Refuse what the vendor says is not possible now."""
    path = _path(order, upgrades)
    if path is None:
        known = sorted({str(each.target_offer.id) for each in upgrades})
        named = f"it can become {', '.join(known)}" if known else "it has no upgrade at all"
        message = f"The subscription has no such upgrade to {order.target_offer_id}: {named}."
        return Failure(code=UserErrorCode.NOT_ELIGIBLE, message=message)
    if not path.is_eligible:
        reasons = [e.description or e.code.name for e in path.upgrade_errors]
        message = "Not possible now: " + ("; ".join(reasons) or "the vendor gives no reason")
        return Failure(code=UserErrorCode.NOT_ELIGIBLE, message=message)
    return _refusal_of_quantity(order, path)


def _refusal_of_quantity(order: UpgradeOrder, path: Upgrade) -> Failure | None:
    quantity, offer = order.quantity, path.target_offer
    if quantity is None:
        return None
    least, most = offer.minimum_quantity or 1, offer.maximum_quantity
    if quantity >= least and (most is None or quantity <= most):
        return None
    message = f"quantity is from {least} to {most} for this offer, not {quantity}."
    field = ["input", "quantity"]
    return Failure(code=UserErrorCode.QUANTITY_OUT_OF_RANGE, message=message, field=field)


def seen(
    order: UpgradeOrder, facts: Facts, held: Sequence[CustomerSubscription]
) -> tuple[Verdict, str | None]:
    """Judge by the customer's subscriptions whether the upgrade was done (CONTRACT 10.1).

    It was when the source is out of service and one subscription of the target is new. A source
    in service with a new target beside it may be a license transfer that left users behind, or
    another's purchase.
    """
    source = _find(held, order.source.subscription_id)
    is_in_service = source is not None and source.status is SubscriptionStatus.ACTIVE
    new = [
        s.id for s in _of_offer(held, order.target_offer_id) if s.id.lower() not in facts.known_ids
    ]
    if not new:
        return (Verdict.NOT_DONE if is_in_service else Verdict.UNCLEAR), None
    if is_in_service or len(new) > 1:
        return Verdict.UNCLEAR, None
    return Verdict.DONE, str(new[0])


def trouble_of(error: UpstreamError) -> Trouble:
    """Keep of an error what decides and what people read."""
    return Trouble(
        message=str(error),
        passes=not isinstance(error, _LASTING),
        retry_after_s=error.retry_after_s if isinstance(error, Throttled) else None,
        status=error.status,
        code=error.upstream_code,
    )


def _upgrade_order(record: Record) -> UpgradeOrder:
    order = record.order
    if not isinstance(order, UpgradeOrder):
        raise TypeError(f"{record.kind.name} is no upgrade of a subscription")
    return order


def _path(order: UpgradeOrder, upgrades: Sequence[Upgrade]) -> Upgrade | None:
    wanted = order.target_offer_id.lower(), order.upgrade_type
    return next(
        (u for u in upgrades if (u.target_offer.id.lower(), u.upgrade_type) == wanted), None
    )


def _find(
    held: Sequence[CustomerSubscription], subscription_id: str
) -> CustomerSubscription | None:
    return next((s for s in held if s.id.lower() == subscription_id.lower()), None)


def _of_offer(held: Sequence[CustomerSubscription], offer_id: str) -> list[CustomerSubscription]:
    return [s for s in held if (s.offer_id or "").lower() == offer_id.lower()]


def _reasons(order: UpgradeOrder, errors: Sequence[UpgradeError]) -> str:
    """Write a refusal as the vendor would have answered it."""
    return _result(
        order,
        upgradeErrors=[
            {
                "code": each.raw_code or each.code.name,
                "description": each.description,
                "additionalDetails": each.additional_details,
            }
            for each in errors
        ],
    )


def _bought(order: UpgradeOrder, target_id: str) -> str:
    """Write what was found as the vendor would have answered it."""
    return _result(order, targetSubscriptionId=target_id)


def _result(order: UpgradeOrder, **members: object) -> str:
    named = {
        "sourceSubscriptionId": order.source.subscription_id,
        "upgradeType": order.upgrade_type.name.lower(),
    }
    return msgspec.json.encode({**named, **members}).decode()


def _text(body: bytes) -> str:
    return body.removeprefix(codecs.BOM_UTF8).decode(errors="replace")
