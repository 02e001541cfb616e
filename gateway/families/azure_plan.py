"""Upgrades of a customer's products to the Azure plan (CONTRACT 4.9 to 4.11, 10.2)."""

from functools import partial
from typing import Final

import msgspec
from strawberry import ID

from gateway.families.base import PartnerCenterFamily, build_slot, send_failed
from gateway.operations.activities import ResultFields, SendSlot
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    Failure,
    PollResult,
    ReconcileResult,
    SendResult,
    UpstreamProgress,
    Verdict,
)
from gateway.upstream.commands import (
    CommandOutcome,
    CommandResult,
    PartnerCommands,
    find_upgrade_id,
)
from gateway.upstream.errors import UpstreamError
from gateway.upstream.write_outcome import Rejected
from resolvers.orders import ProductUpgradeOrder
from resolvers.ports.directory import Directory
from schema.keys import ProductUpgradeKey, ProductUpgradeStatusKey
from schema.operation import AttemptOutcome
from schema.order import OperationOrder
from schema.product_upgrade import ProductUpgradesStatus, ProductUpgradeState
from schema.user_errors import UserErrorCode

# Error codes: an upgrade exists already, running or completed. The text names it.
_EXISTS: Final = {"900109", "900110"}
# Error code: the upgrade has another id. The text names it.
_OTHER_ID: Final = "900111"
_PROGRESS: Final = {
    ProductUpgradeState.COMPLETED: UpstreamProgress.DONE,
    ProductUpgradeState.FAILED: UpstreamProgress.FAILED,
}


class AzurePlanUpgrades(PartnerCenterFamily[ProductUpgradeOrder]):
    order_type = ProductUpgradeOrder
    polls = True

    async def check_order(
        self, order: ProductUpgradeOrder, directory: Directory, created_at: float
    ) -> CheckResult:
        """Check eligibility. An upgrade that the vendor has already is polled, not repeated."""
        found = await directory.product_upgrade_eligibility(order.product)
        if found.is_eligible:
            known_ids = (found.upgrade_id.lower(),) if found.upgrade_id else ()
            return CheckResult(at=self.now(), baseline=Baseline(known_ids=known_ids))
        if await _can_be_adopted(directory, order.product, found.upgrade_id):
            return CheckResult(at=self.now(), reference=found.upgrade_id)
        message = found.reason or (
            "Partner Center does not allow the product upgrade now, and gives no reason."
        )
        failure = Failure(code=UserErrorCode.NOT_ELIGIBLE, message=message)
        return CheckResult(at=self.now(), refusal=failure)

    async def prepare(
        self, order: ProductUpgradeOrder, baseline: Baseline, commands: PartnerCommands
    ) -> SendSlot | Blocker:
        prepared = await commands.prepare_product_upgrade(order.product)
        return build_slot(prepared, partial(self._send_result, order.product))

    def _send_result(self, product: ProductUpgradeKey, outcome: CommandOutcome[str]) -> SendResult:
        """Build the result. An upgrade that exists already counts as accepted."""
        upgrade_id, status = None, None
        if isinstance(outcome, CommandResult):
            upgrade_id, status = outcome.value, outcome.status
        elif isinstance(outcome, Rejected) and outcome.error.upstream_code in _EXISTS:
            upgrade_id = find_upgrade_id(str(outcome.error), product.customer_id)
            status = outcome.error.status
        if upgrade_id is not None:
            return SendResult(
                outcome=AttemptOutcome.SUCCEEDED,
                at=self.now(),
                reference=upgrade_id,
                status=status,
            )
        assert not isinstance(outcome, CommandResult)  # noqa: S101 - its value is an id
        failed = send_failed(outcome, self.now())
        if outcome.error.upstream_code in _EXISTS:  # reconciliation finds the unreadable id
            return msgspec.structs.replace(failed, outcome=AttemptOutcome.UNANSWERED)
        return failed

    async def reconcile_order(
        self, order: ProductUpgradeOrder, baseline: Baseline, directory: Directory
    ) -> ReconcileResult:
        """Check eligibility again, which names the upgrade that exists."""
        found = await directory.product_upgrade_eligibility(order.product)
        upgrade_id = found.upgrade_id
        if upgrade_id is None or upgrade_id.lower() in baseline.known_ids:
            return ReconcileResult(at=self.now(), verdict=Verdict.NOT_DONE)
        return ReconcileResult(at=self.now(), verdict=Verdict.DONE, reference=upgrade_id)

    async def poll_order(
        self, order: ProductUpgradeOrder, reference: str, directory: Directory
    ) -> PollResult:
        key = ProductUpgradeStatusKey(reference, order.product)
        try:
            status = await directory.product_upgrade_status(key)
        except UpstreamError as error:
            other = find_upgrade_id(str(error), reference, order.customer_id)
            if error.upstream_code != _OTHER_ID or other is None:
                raise
            return PollResult(at=self.now(), progress=UpstreamProgress.RUNNING, reference=other)
        return PollResult(
            at=self.now(),
            # An unknown state is not final (CONTRACT 6.6).
            progress=_PROGRESS.get(status.status, UpstreamProgress.RUNNING),
            message=_failure_message(status),
            body=msgspec.json.encode(status).decode(),
        )

    def show_order(self, order: ProductUpgradeOrder, quantity: int | None) -> OperationOrder:
        return OperationOrder(
            customer_id=ID(order.customer_id), product_family=order.product.product_family
        )

    def show_result(self, order: ProductUpgradeOrder, body: str) -> ResultFields:
        return {"product_upgrade": msgspec.json.decode(body, type=ProductUpgradesStatus)}


async def _can_be_adopted(
    directory: Directory, product: ProductUpgradeKey, upgrade_id: str | None
) -> bool:
    """Return whether there is an upgrade that has not failed."""
    if upgrade_id is None:
        return False
    status = await directory.product_upgrade_status(ProductUpgradeStatusKey(upgrade_id, product))
    return status.status is not ProductUpgradeState.FAILED


def _failure_message(status: ProductUpgradesStatus) -> str | None:
    details = [status.error_details, *(item.error_details for item in status.line_items)]
    return next((each.message for each in details if each is not None and each.message), None)
