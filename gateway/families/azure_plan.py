"""Upgrades of a customer's products to the Azure plan (CONTRACT 4.9 to 4.11, 10.2)."""

from functools import partial
from typing import Final

import msgspec
from strawberry import ID

from gateway.families.base import PartnerCenterFamily, build_slot
from gateway.families.examination import Examination
from gateway.families.step_results import send_failed
from gateway.operations.activities import ResultFields, SendSlot
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
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
from schema.preview import PreviewWarning, PreviewWarningCode, UpgradePreview
from schema.product_upgrade import (
    ProductUpgradesEligibility,
    ProductUpgradesStatus,
    ProductUpgradeState,
)
from schema.subscription_terms import CommerceFamily
from schema.user_errors import UserError, UserErrorCode

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

    async def examine(self, order: ProductUpgradeOrder, directory: Directory) -> Examination:
        """Check eligibility. An upgrade that already exists at the vendor is polled instead."""
        found = await directory.product_upgrade_eligibility(order.product)
        if found.is_eligible:
            known_ids = (found.upgrade_id.lower(),) if found.upgrade_id else ()
            return Examination(
                show=partial(_describe, found), baseline=Baseline(known_ids=known_ids)
            )
        existing = await _read_existing(directory, order.product, found.upgrade_id)
        show = partial(_describe, found, existing)
        if existing is not None:
            return Examination(show=show, reference=found.upgrade_id)
        message = found.reason or (
            "Partner Center does not allow the product upgrade now, and gives no reason."
        )
        refusal = UserError(code=UserErrorCode.NOT_ELIGIBLE, message=message)
        return Examination(show=show, refusal=refusal)

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
        """Check eligibility again: the order took effect if the response names a new upgrade."""
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


async def _read_existing(
    directory: Directory, product: ProductUpgradeKey, upgrade_id: str | None
) -> ProductUpgradesStatus | None:
    """Read the existing upgrade. None if there is none, or if it has failed."""
    if upgrade_id is None:
        return None
    status = await directory.product_upgrade_status(ProductUpgradeStatusKey(upgrade_id, product))
    return None if status.status is ProductUpgradeState.FAILED else status


def _describe(
    found: ProductUpgradesEligibility, existing: ProductUpgradesStatus | None = None
) -> UpgradePreview:
    preview = UpgradePreview(
        is_eligible=found.is_eligible,
        commerce=CommerceFamily.LEGACY_AZURE,
        target_name="Azure plan",
        product_upgrade=existing,
        source_afterwards=(
            "Partner Center suspends the customer's legacy Azure subscriptions, so that no usage is"
            " charged twice."
        ),
        target_afterwards="One Azure plan, to which the Azure subscriptions are moved.",
    )
    if found.upgrade_id is not None:
        text = (
            f"The product upgrade {found.upgrade_id} exists already. It is followed, and no other"
            " one is requested."
            if existing is not None
            else f"An earlier product upgrade, {found.upgrade_id}, did not succeed."
        )
        warning = PreviewWarning(code=PreviewWarningCode.UPGRADE_EXISTS, message=text)
        preview.warnings = [warning]
    return preview


def _failure_message(status: ProductUpgradesStatus) -> str | None:
    details = [status.error_details, *(item.error_details for item in status.line_items)]
    return next((each.message for each in details if each is not None and each.message), None)
