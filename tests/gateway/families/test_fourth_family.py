"""A fourth family needs an order type and a family, and nothing in `gateway.operations`."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar, Self

import pytest
from strawberry import ID

from gateway.families.base import PartnerCenterFamily, UpstreamAccess
from gateway.families.examination import Examination
from gateway.families.previews import FamilyPreviews
from gateway.families.registry import build_families
from gateway.operations.activities import ResultFields, SendSlot
from gateway.operations.call_counter import OperationCallCounter
from gateway.operations.model.record import Policy
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    PollResult,
    ReconcileResult,
    SendResult,
    UpstreamProgress,
    Verdict,
)
from gateway.operations.operation_service import OperationService
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.factory import build_store
from gateway.upstream.commands import PartnerCommands
from gateway.upstream.errors import TimedOut
from resolvers import preview_tokens
from resolvers.orders import Order, decode_order, register_order_type
from resolvers.ports.directory import Directory
from resolvers.ports.operations import OperationsKey
from schema.operation import AttemptOutcome, OperationState
from schema.operation_kind import OperationKind
from schema.order import OperationOrder
from schema.preview import UpgradePreview
from schema.transition import Transition
from schema.user_errors import UserError, UserErrorCode
from tests.gateway.upstream.scripted_client import build_scope
from tests.support.clock import FakeClock
from tests.support.directory import StubDirectory
from tests.support.waiting import HANG_TIMEOUT_S, LONG_TIMEOUTS


@register_order_type
@dataclass(frozen=True, slots=True)
class RenewalOrder(Order):
    """The renewal of a contract."""

    kind: ClassVar[str] = "RENEW_CONTRACT"

    customer: str
    contract: str

    @classmethod
    def parse(cls, input: Any) -> Self:
        return cls(input.customer_id, input.contract)

    @property
    def customer_id(self) -> str:
        return self.customer

    @property
    def subject(self) -> str:
        return f"contract:{self.contract}"

    @property
    def policy_type(self) -> str:
        return "RENEWAL"

    @property
    def seats(self) -> int:
        return 1


@dataclass
class Vendor:
    """The contracts that were renewed, and whether the response to the next purchase is lost."""

    renewed: list[str] = field(default_factory=list)
    is_mute: bool = False


@dataclass
class RenewalSlot:
    family: "Renewals"
    order: RenewalOrder

    async def send(self) -> SendResult:
        vendor, at = self.family.vendor, self.family.now()
        vendor.renewed.append(self.order.contract)
        if vendor.is_mute:
            blocker = Blocker(message="The vendor did not respond.")
            return SendResult(outcome=AttemptOutcome.UNANSWERED, at=at, blocker=blocker)
        return SendResult(
            outcome=AttemptOutcome.SUCCEEDED, at=at, reference=f"renewal-{self.order.contract}"
        )

    def release(self) -> None:
        pass


class Renewals(PartnerCenterFamily[RenewalOrder]):
    order_type = RenewalOrder
    polls = True

    def __init__(self, access: UpstreamAccess, vendor: Vendor) -> None:
        super().__init__(access)
        self.vendor = vendor
        self._polls = 0

    async def examine(self, order: RenewalOrder, directory: Directory) -> Examination:
        is_renewed = order.contract in self.vendor.renewed
        refusal = UserError(code=UserErrorCode.NOT_ELIGIBLE, message="It is renewed already.")
        show = partial(UpgradePreview, is_eligible=not is_renewed, target_name=order.contract)
        return Examination(show=show, refusal=refusal if is_renewed else None)

    async def prepare(
        self, order: RenewalOrder, baseline: Baseline, commands: PartnerCommands
    ) -> SendSlot | Blocker:
        return RenewalSlot(self, order)

    async def reconcile_order(
        self, order: RenewalOrder, baseline: Baseline, directory: Directory
    ) -> ReconcileResult:
        is_done = order.contract in self.vendor.renewed
        return ReconcileResult(
            at=self.now(),
            verdict=Verdict.DONE if is_done else Verdict.NOT_DONE,
            reference=f"renewal-{order.contract}",
        )

    async def poll_order(
        self, order: RenewalOrder, reference: str, directory: Directory
    ) -> PollResult:
        self._polls += 1
        if self._polls == 1:
            raise TimedOut("The vendor did not respond.")
        is_done = self._polls > 2
        progress = UpstreamProgress.DONE if is_done else UpstreamProgress.RUNNING
        return PollResult(
            at=self.now(), progress=progress, body=f'{{"operation_id":"{reference}"}}'
        )

    def show_order(self, order: RenewalOrder, quantity: int | None) -> OperationOrder:
        return OperationOrder(customer_id=ID(order.customer), product_family=order.contract)

    def show_result(self, order: RenewalOrder, body: str) -> ResultFields:
        return {"transition": Transition(operation_id=ID(body.split('"')[3]))}


def build_access(clock: FakeClock) -> UpstreamAccess:
    def commands(*_: object) -> Any:
        return None

    return UpstreamAccess(
        lambda *_: build_scope(),
        lambda _: StubDirectory(),
        commands,
        clock,
        OperationCallCounter(),
    )


@contextlib.asynccontextmanager
async def running(url: str, vendor: Vendor) -> AsyncIterator[OperationService]:
    clock = FakeClock()
    access = build_access(clock)
    families = build_families(access) | {RenewalOrder.kind: Renewals(access, vendor)}
    store = build_store(url, LONG_TIMEOUTS)
    runtime = OperationRuntime(store, families, clock, lines_at_once=1, timeouts=LONG_TIMEOUTS)
    await runtime.start()
    try:
        yield OperationService(runtime, "billing", Policy())
    finally:
        await runtime.stop(grace_s=0)


ORDER = RenewalOrder("customer-1", "contract-1")


@pytest.mark.parametrize("is_mute", [False, True], ids=["response", "lost response"])
async def test_an_order_of_a_fourth_family_is_checked_sent_and_polled_to_its_outcome(
    database_url: str, is_mute: bool
) -> None:
    vendor = Vendor(is_mute=is_mute)
    async with running(database_url, vendor) as operations:
        submitted = await operations.submit(ORDER, "key-1")
        done = await operations.wait_for_outcome(submitted.id, HANG_TIMEOUT_S)

    assert (done.state, done.kind) == (OperationState.DONE, OperationKind.UNKNOWN)
    assert done.order.product_family == "contract-1"
    assert done.transition is not None
    assert done.transition.operation_id == "renewal-contract-1"
    assert len(done.attempts) == len(vendor.renewed) == 1

    async with running(database_url, vendor) as operations:  # after a restart
        assert await operations.find(submitted.id) == done
        assert (await operations.submit(ORDER, "key-1")).id == submitted.id
        page = await operations.list_page(OperationsKey(customer_id="customer-1", first=10))
        assert [each.id for each in page.operations] == [submitted.id]


async def test_an_order_of_a_fourth_family_is_refused_with_its_reason(database_url: str) -> None:
    async with running(database_url, Vendor(renewed=["contract-1"])) as operations:
        submitted = await operations.submit(ORDER, "key-1")
        refused = await operations.wait_for_outcome(submitted.id, HANG_TIMEOUT_S)

    assert refused.state is OperationState.REFUSED
    assert refused.failure is not None
    assert refused.failure.message.startswith("It is renewed already.")
    assert refused.attempts == []


@pytest.mark.parametrize("is_changed", [False, True], ids=["as shown", "changed"])
async def test_an_order_of_a_fourth_family_is_previewed_and_bound_to_its_preview(
    database_url: str, is_changed: bool
) -> None:
    vendor, clock = Vendor(), FakeClock()
    previews = FamilyPreviews({RenewalOrder.kind: Renewals(build_access(clock), vendor)})
    preview = await previews.create(ORDER, StubDirectory())
    assert (preview.is_eligible, preview.target_name) == (True, "contract-1")
    assert (preview.user_errors, vendor.renewed) == ([], [])

    token = preview_tokens.encode(preview.digest, clock.wall() + 900)
    order = replace(ORDER, preview=token)
    if is_changed:
        order = replace(order, contract="contract-2")
    async with running(database_url, vendor) as operations:
        submitted = await operations.submit(order, "key-1")
        ended = await operations.wait_for_outcome(submitted.id, HANG_TIMEOUT_S)

    code = None if ended.failure is None else ended.failure.code
    assert code is (UserErrorCode.PREVIEW_CHANGED if is_changed else None)
    assert vendor.renewed == ([] if is_changed else ["contract-1"])


async def test_a_preview_of_a_fourth_family_has_the_reason_of_its_refusal() -> None:
    vendor = Vendor(renewed=["contract-1"])
    previews = FamilyPreviews({RenewalOrder.kind: Renewals(build_access(FakeClock()), vendor)})
    preview = await previews.create(ORDER, StubDirectory())
    assert [each.message for each in preview.user_errors] == ["It is renewed already."]


def test_a_kind_without_an_order_type_is_not_decoded() -> None:
    with pytest.raises(LookupError):
        decode_order("SOMETHING_NEW", {})
