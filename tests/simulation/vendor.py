"""The simulated vendor, which stores subscriptions and recognizes request ids.

`SimulatedActivities` connects one process to it, with latency and faults. Reconciliation uses the
gateway's own rules, from `gateway.families`.

Only the gateways change these subscriptions (except in the variant "with others"), and the
vendor's lists are up to date.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import msgspec
from strawberry import ID

from gateway.families import license_upgrade, transition_rules
from gateway.families.base import NO_CREDENTIALS
from gateway.operations.activities import SendSlot
from gateway.operations.model.record import OperationRecord
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
from resolvers.orders import TransitionOrder, UpgradeOrder
from schema.customer_subscription import CustomerSubscription
from schema.keys import SubscriptionKey
from schema.operation import AttemptOutcome
from schema.subscription_terms import CommerceFamily, SubscriptionStatus
from schema.user_errors import UserErrorCode
from tests.simulation.faults import (
    MAX_LATENESS_S,
    RESPONSE_TIMEOUT_S,
    FaultState,
    PostFate,
    Scenario,
)
from tests.simulation.loop import Actor, SimulatedLoop
from tests.support.families import FakeFamilies

LISTED_ITEM = "newer"
"""Transitions to it are listed and polled; others create a subscription at once."""
_TRANSITION_S = 15.0
_SLOT_TIMEOUT_S = 8.0
_SLOT_LIFETIME_S = 5.0


@dataclass(slots=True)
class SimulatedSubscription:
    id: str
    offer_id: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class VendorResponse:
    """The vendor's response to a POST.

    Attributes:
        reference: the new subscription or transition; None if the source was no longer active.
        is_refusal: it is a plain no.
    """

    reference: str | None
    is_rejected: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedTransition:
    id: str
    request_id: str
    source_id: str
    ends_at: float
    succeeds: bool


class VendorObserver(Protocol):
    """Is notified of everything that happens at the vendor."""

    def on_accepted(self, request_id: str, reference: str) -> None:
        """Called for an accepted POST, unless its request id was known."""
        ...

    def on_purchased(self, request_id: str, reference: str) -> None: ...


@dataclass
class SimulatedVendor:
    """The vendor. Holds subscriptions by customer."""

    scenario: Scenario
    loop: SimulatedLoop
    observer: VendorObserver
    subscriptions: dict[str, list[SimulatedSubscription]] = field(default_factory=dict)
    transitions: list[SimulatedTransition] = field(default_factory=list)
    _responses: dict[str, tuple[float, VendorResponse]] = field(default_factory=dict)
    _count: int = 0

    def post(self, record: OperationRecord, *, is_refused: bool = False) -> VendorResponse:
        """Execute or reject an order; repeat the response to a known request id."""
        now = self.loop.time()
        remembered = self._responses.get(record.request_id)
        if remembered is not None and now < remembered[0] + self.scenario.request_ids_known_s:
            return remembered[1]
        answer = (
            VendorResponse(None, is_rejected=True)
            if is_refused
            else VendorResponse(self._perform(record))
        )
        self._responses[record.request_id] = now, answer
        if answer.reference is not None:
            self.observer.on_accepted(record.request_id, answer.reference)
        return answer

    def _perform(self, record: OperationRecord) -> str | None:
        order = record.order
        assert isinstance(order, UpgradeOrder | TransitionOrder)
        source = self.find(order.source.customer_id, order.source.subscription_id)
        if not source.is_active:
            return None
        self._count += 1
        if is_listed(order):
            return self._start_transition(record, source)
        target = SimulatedSubscription(f"target-{self._count}", _offer_of(order))
        self.subscriptions[order.source.customer_id].append(target)
        source.is_active = self.scenario.keeps_sources_active
        self.observer.on_purchased(record.request_id, target.id)
        return target.id

    def _start_transition(self, record: OperationRecord, source: SimulatedSubscription) -> str:
        begun = SimulatedTransition(
            id=f"transition-{self._count}",
            request_id=record.request_id,
            source_id=source.id,
            ends_at=self.loop.time() + _TRANSITION_S,
            succeeds=self._count % 4 != 0,
        )
        self.transitions.append(begun)
        source.is_active = self.scenario.keeps_sources_active

        def end() -> None:
            if begun.succeeds:
                self.observer.on_purchased(begun.request_id, begun.id)

        self.loop.schedule(_TRANSITION_S, end)
        return begun.id

    def suspend(self, record: OperationRecord) -> None:
        """Suspend the source of an order, as other people may do."""
        order = record.order
        assert isinstance(order, UpgradeOrder | TransitionOrder)
        self.find(order.source.customer_id, order.source.subscription_id).is_active = False

    def find(self, customer_id: str, subscription_id: str) -> SimulatedSubscription:
        return next(each for each in self.subscriptions[customer_id] if each.id == subscription_id)

    def list_transitions(self, source_id: str) -> list[SimulatedTransition]:
        return [each for each in self.transitions if each.source_id == source_id]


class SendingProcess(Protocol):
    """A process that sends requests to the vendor."""

    @property
    def actor(self) -> Actor: ...

    @property
    def loop(self) -> SimulatedLoop: ...

    @property
    def fault_state(self) -> FaultState: ...

    def wall(self) -> float:
        """Return seconds since the epoch by the clock of the machine."""
        ...

    def reached(self, point: str) -> None:
        """Fire the faults that are triggered at a point."""
        ...

    def has_token(self, principal: str) -> bool:
        """Whether it has a token of a principal."""
        ...

    def on_reconcile(self, record: OperationRecord) -> None:
        """Called when a reconciliation has a verdict."""
        ...

    def on_slot_request(self, record: OperationRecord) -> None:
        """Called when an operation starts to wait for a slot."""
        ...

    def on_post(self, record: OperationRecord) -> None:
        """Called when a POST is sent."""
        ...


class SimulatedSlot:
    """Implements `gateway.operations.activities.SendSlot`; it is released after some time.

    Args:
        held: all slots of the process.
    """

    def __init__(
        self,
        post: Callable[[], Awaitable[SendResult]],
        sender: SendingProcess,
        held: "set[SimulatedSlot]",
    ) -> None:
        self._post = post
        self._sender = sender
        self._held = held
        held.add(self)
        sender.loop.call_later(_SLOT_LIFETIME_S, self.release)

    async def send(self) -> SendResult:
        if self not in self._held:
            return _not_sent_result(
                self._sender.wall(), Blocker(message="the slot was held too long")
            )
        try:
            return await self._post()
        finally:
            self.release()

    def release(self) -> None:
        self._held.discard(self)


class SimulatedActivities(FakeFamilies):
    """The families of upgrades for a run of a process.

    Attributes:
        slots: the slots that are held.
    """

    def __init__(self, vendor: SimulatedVendor, sender: SendingProcess) -> None:
        self._vendor = vendor
        self._sender = sender
        self.slots: set[SimulatedSlot] = set()

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        blocker = await self._reach_vendor(record)
        if blocker is not None:
            return CheckResult(at=self._sender.wall(), blocker=blocker)
        facts = self._baseline(record)
        await self._response_latency()
        if facts is None:
            failure = Failure(code=UserErrorCode.NOT_ELIGIBLE, message="it is not active")
            return CheckResult(at=self._sender.wall(), refusal=failure)
        return CheckResult(at=self._sender.wall(), baseline=facts)

    def _baseline(self, record: OperationRecord) -> Baseline | None:
        order = record.order
        assert isinstance(order, UpgradeOrder | TransitionOrder)
        customer_id, source_id = order.source.customer_id, order.source.subscription_id
        if not self._vendor.find(customer_id, source_id).is_active:
            return None
        if is_listed(order):
            known = tuple(each.id for each in self._vendor.list_transitions(source_id))
            return Baseline(quantity=1, known_ids=known, is_listed=True)
        held = self._vendor.subscriptions[customer_id]
        known = tuple(each.id for each in held if each.offer_id == _offer_of(order))
        return Baseline(quantity=1, known_ids=known, source_quantity=1)

    async def acquire_slot(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        sender = self._sender
        if sender.actor.is_killed:
            raise asyncio.CancelledError
        sender.on_slot_request(record)
        sender.reached("slot wanted")
        slot_s = sender.fault_state.draw_slot_wait_s()
        await asyncio.sleep(min(slot_s, _SLOT_TIMEOUT_S))
        if not sender.has_token(record.principal):
            return NO_CREDENTIALS
        if slot_s > _SLOT_TIMEOUT_S:
            return Blocker(message="too many calls are in flight", retry_after_s=3.0)
        sender.reached("slot held")
        return SimulatedSlot(partial(self._post, record), sender, self.slots)

    async def _post(self, record: OperationRecord) -> SendResult:
        sender = self._sender
        if sender.actor.is_killed:
            raise asyncio.CancelledError
        fate = sender.fault_state.draw_post_fate()
        if fate is PostFate.NEVER_SENT:
            await self._response_latency()
            return _not_sent_result(sender.wall(), Blocker(message="no connection"))
        sender.on_post(record)
        sender.reached("post left")
        if fate in {PostFate.THROTTLED, PostFate.TOKEN_REFUSED}:  # before the request id is stored
            await self._response_latency()
            return _rejected_result(fate, sender.wall())
        answer = await self._wait_for_response(record, fate)
        if answer is None:
            blocker = Blocker(message="no response")
            return SendResult(outcome=AttemptOutcome.UNANSWERED, at=sender.wall(), blocker=blocker)
        if answer.is_rejected:
            return _rejected_result(PostFate.REFUSED, sender.wall())
        return SendResult(
            outcome=AttemptOutcome.SUCCEEDED,
            at=sender.wall(),
            has_errors=answer.reference is None,
            has_license_errors=fate is PostFate.LICENSE_ERRORS
            and _is_purchased_at_once(record, answer),
            reference=answer.reference if _has_reference(record) else None,
            purchase=None if _has_reference(record) else answer.reference,
            body=_body(record, answer.reference),
        )

    async def _wait_for_response(
        self, record: OperationRecord, fate: PostFate
    ) -> VendorResponse | None:
        """Wait until the client's timeout, which does not cancel the request."""
        sender = self._sender
        arrived: asyncio.Future[VendorResponse] = sender.loop.create_future()

        def arrive() -> None:
            answer = self._vendor.post(record, is_refused=fate is PostFate.REFUSED)
            sender.reached("post done")
            if not arrived.done() and fate not in {PostFate.RESPONSE_LOST, PostFate.LATE}:
                sender.loop.schedule(
                    sender.fault_state.draw_latency_s(), partial(_deliver, arrived, answer)
                )

        if fate is PostFate.LATE:
            late_s = sender.fault_state.random.uniform(0.0, MAX_LATENESS_S)
            sender.loop.schedule(RESPONSE_TIMEOUT_S + late_s, arrive)
        elif fate is not PostFate.REQUEST_LOST:
            sender.loop.schedule(sender.fault_state.draw_latency_s(), arrive)
        if fate is PostFate.DUPLICATED:
            sender.loop.schedule(sender.fault_state.random.uniform(0.0, MAX_LATENESS_S), arrive)
        try:
            async with asyncio.timeout(RESPONSE_TIMEOUT_S):
                return await arrived
        except TimeoutError:
            return None

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        blocker = await self._reach_vendor(record)
        if blocker is not None:
            return ReconcileResult(at=self._sender.wall(), blocker=blocker)
        verdict, found = self._judge(record, facts)
        self._sender.on_reconcile(record)
        await self._response_latency()
        return ReconcileResult(
            at=self._sender.wall(),
            verdict=verdict,
            reference=found if _has_reference(record) else None,
            purchase=None if _has_reference(record) else found,
            body=_body(record, found),
        )

    def _judge(self, record: OperationRecord, facts: Baseline) -> tuple[Verdict, str | None]:
        order = record.order
        assert isinstance(order, UpgradeOrder | TransitionOrder)
        held = [
            _subscription(order.customer_id, each)
            for each in self._vendor.subscriptions[order.source.customer_id]
        ]
        if isinstance(order, UpgradeOrder):
            return license_upgrade.judge_subscriptions(order, facts, held)
        if not is_listed(order):
            return transition_rules.judge_subscriptions(order, facts, held)
        made = self._vendor.list_transitions(order.source.subscription_id)
        new = [each.id for each in made if each.id not in facts.known_ids]
        if len(new) != 1:
            return (Verdict.UNCLEAR if new else Verdict.NOT_DONE), None
        return Verdict.DONE, new[0]

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        blocker = await self._reach_vendor(record)
        if blocker is not None:
            return PollResult(at=self._sender.wall(), blocker=blocker)
        begun = next(each for each in self._vendor.transitions if each.id == reference)
        progress = UpstreamProgress.RUNNING
        if begun.ends_at < self._sender.loop.time():
            progress = UpstreamProgress.DONE if begun.succeeds else UpstreamProgress.FAILED
        await self._response_latency()
        return PollResult(at=self._sender.wall(), progress=progress)

    async def _reach_vendor(self, record: OperationRecord) -> Blocker | None:
        """Send a read request; returns why it fails, or None."""
        sender = self._sender
        if sender.actor.is_killed:
            raise asyncio.CancelledError
        if not sender.has_token(record.principal):
            return NO_CREDENTIALS
        await asyncio.sleep(sender.fault_state.draw_latency_s())
        if sender.fault_state.draw_read_failure():
            await self._response_latency()
            return Blocker(message="the vendor is unavailable")
        return None

    async def _response_latency(self) -> None:
        await asyncio.sleep(self._sender.fault_state.draw_latency_s())


def is_listed(order: UpgradeOrder | TransitionOrder) -> bool:
    """Whether the vendor lists the transitions of the source."""
    return isinstance(order, TransitionOrder) and order.to_catalog_item_id == LISTED_ITEM


def _has_reference(record: OperationRecord) -> bool:
    order = record.order
    assert isinstance(order, UpgradeOrder | TransitionOrder)
    return isinstance(order, UpgradeOrder) or is_listed(order)


def _offer_of(order: UpgradeOrder | TransitionOrder) -> str:
    return order.target_offer_id if isinstance(order, UpgradeOrder) else order.to_catalog_item_id


def _deliver(arrived: "asyncio.Future[VendorResponse]", answer: VendorResponse) -> None:
    if not arrived.done():
        arrived.set_result(answer)


def _is_purchased_at_once(record: OperationRecord, answer: VendorResponse) -> bool:
    return isinstance(record.order, UpgradeOrder) and answer.reference is not None


def _not_sent_result(at: float, blocker: Blocker) -> SendResult:
    return SendResult(outcome=AttemptOutcome.NEVER_SENT, at=at, blocker=blocker)


def _rejected_result(fate: PostFate, at: float) -> SendResult:
    if fate is PostFate.THROTTLED:
        blocker = Blocker(message="busy", retry_after_s=3.0)
        return SendResult(outcome=AttemptOutcome.THROTTLED, at=at, blocker=blocker)
    has_fresh_token = fate is PostFate.TOKEN_REFUSED
    blocker = Blocker(message="no", is_transient=False, status=401 if has_fresh_token else 403)
    return SendResult(
        outcome=AttemptOutcome.REFUSED, at=at, blocker=blocker, has_fresh_token=has_fresh_token
    )


def _body(record: OperationRecord, reference: str | None) -> str:
    members = {"operation_id": reference}
    if isinstance(record.order, UpgradeOrder):
        members = {
            "sourceSubscriptionId": record.order.source_id,
            "targetSubscriptionId": reference,
        }
    return msgspec.json.encode(members).decode()


def _subscription(customer_id: str, held: SimulatedSubscription) -> CustomerSubscription:
    return CustomerSubscription(
        key=SubscriptionKey(customer_id, held.id),
        id=ID(held.id),
        offer_id=ID(held.offer_id),
        status=SubscriptionStatus.ACTIVE if held.is_active else SubscriptionStatus.SUSPENDED,
        commerce=CommerceFamily.LEGACY_LICENSE,
        quantity=1,
    )
