"""Upgrades of a customer's products (CONTRACT 4.9 to 4.11, 10.2)."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec

from gateway.operations.entries import (
    Checked,
    Facts,
    Failure,
    Followed,
    Looked,
    Progress,
    Sent,
    Trouble,
    Verdict,
)
from gateway.operations.partner import Slot
from gateway.operations.record import Record
from gateway.performing.acts import NO_CALLER, Acts, slot_of, trouble_of
from gateway.upstream.commands import CommandOutcome, CommandResult, find_upgrade_id
from gateway.upstream.errors import UpstreamError
from gateway.upstream.scope import RequestScope
from gateway.upstream.write_outcome import Rejected
from resolvers.orders import ProductUpgradeOrder
from schema.keys import ProductUpgradeKey, ProductUpgradeStatusKey
from schema.operation import AttemptOutcome
from schema.product_upgrade import ProductUpgradesStatus, ProductUpgradeState
from schema.user_errors import UserErrorCode

# The vendor says that there is an upgrade already, running or completed, and which.
_EXISTS: Final = {"900109", "900110"}
_OTHER_ID: Final = "900111"


@dataclass(frozen=True, slots=True)
class PartnerProductUpgrades(Acts):
    """Upgrades one customer's products."""

    async def check(self, record: Record, correlation_id: str) -> Checked:
        """Ask whether it is possible; an upgrade that exists already is adopted, not repeated."""
        scope = self.begin(record.principal, correlation_id)
        if scope is None:
            return Checked(at=self.clock.wall(), trouble=NO_CALLER)
        product = _product(record)
        try:
            found = await self.directory(scope).product_upgrade_eligibility(product)
            is_adopted = not found.is_eligible and await self._succeeds(
                scope, product, found.upgrade_id
            )
        except UpstreamError as error:
            return self.not_checked(error)
        if is_adopted:
            return Checked(at=self.clock.wall(), reference=found.upgrade_id)
        if not found.is_eligible:
            message = found.reason or "Not possible now; the vendor gives no reason."
            failure = Failure(code=UserErrorCode.NOT_ELIGIBLE, message=message)
            return Checked(at=self.clock.wall(), refusal=failure)
        known = (found.upgrade_id.lower(),) if found.upgrade_id else ()
        return Checked(at=self.clock.wall(), facts=Facts(known_ids=known))

    async def _succeeds(
        self, scope: RequestScope, product: ProductUpgradeKey, upgrade_id: str | None
    ) -> bool:
        """Whether an upgrade exists that has not failed."""
        if upgrade_id is None:
            return False
        key = ProductUpgradeStatusKey(upgrade_id, product)
        status = await self.directory(scope).product_upgrade_status(key)
        return status.status is not ProductUpgradeState.FAILED

    async def acquire_slot(
        self, record: Record, facts: Facts, correlation_id: str
    ) -> Slot | Trouble:
        """Wait until it could be requested at once."""
        scope = self.begin(record.principal, correlation_id)
        if scope is None:
            return NO_CALLER
        product = _product(record)
        prepared = await self.commands(scope, record.request_id).prepare_product_upgrade(product)
        return slot_of(prepared, partial(self._sent, product))

    def _sent(self, product: ProductUpgradeKey, outcome: CommandOutcome[str]) -> Sent:
        """Record what came of the request; being told of one that exists is as good."""
        upgrade_id, status = None, None
        if isinstance(outcome, CommandResult):
            upgrade_id, status = outcome.value, outcome.status
        elif isinstance(outcome, Rejected) and outcome.error.upstream_code in _EXISTS:
            named = find_upgrade_id(str(outcome.error), product.customer_id)
            upgrade_id, status = named, outcome.error.status
        if upgrade_id is not None:
            at = self.clock.wall()
            return Sent(
                outcome=AttemptOutcome.SUCCEEDED, at=at, reference=upgrade_id, status=status
            )
        assert not isinstance(outcome, CommandResult)  # noqa: S101 - it would have had an id
        sent = self.not_performed(outcome)
        if outcome.error.upstream_code in _EXISTS:  # without a readable id: eligibility tells it
            return msgspec.structs.replace(sent, outcome=AttemptOutcome.UNANSWERED)
        return sent

    async def look(self, record: Record, facts: Facts) -> Looked:
        """Ask eligibility, which names the upgrade that exists."""
        scope = self.begin(record.principal, None)
        if scope is None:
            return Looked(at=self.clock.wall(), trouble=NO_CALLER)
        try:
            found = await self.directory(scope).product_upgrade_eligibility(_product(record))
        except UpstreamError as error:
            return Looked(at=self.clock.wall(), trouble=trouble_of(error))
        at, upgrade_id = self.clock.wall(), found.upgrade_id
        if upgrade_id is None or upgrade_id.lower() in facts.known_ids:
            return Looked(at=at, verdict=Verdict.NOT_DONE)
        return Looked(at=at, verdict=Verdict.DONE, reference=upgrade_id)

    async def follow(self, record: Record, reference: str) -> Followed:
        """Ask how far it is; 900111 tells the right id."""
        scope = self.begin(record.principal, None)
        if scope is None:
            return Followed(at=self.clock.wall(), trouble=NO_CALLER)
        key = ProductUpgradeStatusKey(reference, _product(record))
        try:
            status = await self.directory(scope).product_upgrade_status(key)
        except UpstreamError as error:
            other = find_upgrade_id(str(error), reference, key.product.customer_id)
            if error.upstream_code == _OTHER_ID and other is not None:
                at = self.clock.wall()
                return Followed(at=at, progress=Progress.RUNNING, reference=other)
            return Followed(at=self.clock.wall(), trouble=trouble_of(error))
        return Followed(
            at=self.clock.wall(),
            progress=_progress(status),
            message=_reason(status),
            body=msgspec.json.encode(status).decode(),
        )


def _progress(status: ProductUpgradesStatus) -> Progress:
    """An unknown state is not finished (CONTRACT 6.6)."""
    known = {
        ProductUpgradeState.COMPLETED: Progress.DONE,
        ProductUpgradeState.FAILED: Progress.FAILED,
    }
    return known.get(status.status, Progress.RUNNING)


def _reason(status: ProductUpgradesStatus) -> str | None:
    details = [status.error_details, *(item.error_details for item in status.line_items)]
    return next((each.message for each in details if each is not None and each.message), None)


def _product(record: Record) -> ProductUpgradeKey:
    order = record.order
    if not isinstance(order, ProductUpgradeOrder):
        raise TypeError(f"{record.kind.name} is no product upgrade")
    return order.product
