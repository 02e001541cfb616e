"""The way of an operation, read top to bottom; every step is one short act with a recorded end.

What is decided between the steps is decided from recorded values alone, by `operation.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, Self

import msgspec

from gateway.operations.entries import (
    Announced,
    Announcement,
    AttemptRecord,
    Checked,
    Ended,
    Ending,
    Facts,
    Failure,
    Followed,
    Looked,
    Sent,
    Trouble,
    Verdict,
    Waiting,
)
from gateway.operations.operation import (
    LONGEST_RETRY_AFTER_S,
    Decision,
    History,
    Look,
    after_attempt,
    after_follow,
    after_look,
    after_trouble,
    cancelled,
    in_doubt,
    may_send_unseen,
    poll_pause_s,
)
from gateway.operations.partner import Clock, Journal, Partner, Slot
from gateway.operations.record import Record
from gateway.operations.rivals import Rivals
from schema.operation import AttemptOutcome, OperationKind, OperationState

_INTERRUPTED = Trouble(message="the process that may have sent it has ended")
_OVERDUE = Trouble(message="the gateway stood still, or its database did")


class Surroundings(Protocol):
    """What an operation knows of the others, and of its caller."""

    @property
    def process(self) -> str:
        """The id of this run of the process; see `Announcement.incarnation`."""
        ...

    @property
    def may_send(self) -> bool:
        """Whether no other process can have taken over what this one executes."""
        ...

    async def acquire_subject(self, record: Record) -> Failure | None:
        """Reserve what the order changes, for all processes; says who else has it."""
        ...

    async def rivals(self, record: Record) -> Rivals:
        """Read what else its customer has ordered."""
        ...

    async def is_credited_elsewhere(self, record: Record, purchase: str) -> bool:
        """Credit a purchase to the operation; whether another one has it already."""
        ...

    async def pause(self, record: Record, seconds: float | None, *, is_unsent: bool) -> None:
        """Wait, or without a time until the principal calls again.

        A cancellation ends the pause of what `is_unsent`: nothing of it may have been done.
        """
        ...

    async def is_cancelled(self, record: Record) -> bool:
        """Whether nobody wants it any more."""
        ...


@dataclass(slots=True)
class HeldSlot:
    """The slot that an operation has, if it has one: from before an announcement to its send."""

    partner: Partner
    _slot: Slot | None = None

    async def acquire(self, record: Record, facts: Facts, correlation_id: str) -> Trouble | None:
        """Wait for a slot for an attempt; says what is in the way."""
        found = await self.partner.acquire_slot(record, facts, correlation_id)
        if isinstance(found, Trouble):
            return found
        self._slot = found
        return None

    def take(self) -> Slot | None:
        """Take what is held, to send it."""
        slot, self._slot = self._slot, None
        return slot

    def release(self) -> None:
        """Let others have it; what was announced for it is not sent."""
        slot = self.take()
        if slot is not None:
            slot.release()

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Hold nothing any more, whatever happened."""
        self.release()


@dataclass(frozen=True, slots=True)
class Workflows:
    """The workflow of each kind.

    An attempt gets its slot first, is announced then, and sent at once: what waits for a slot in a
    process that dies was not announced, so that the next process knows that nothing was sent.

    Attributes:
        new_id: makes correlation ids.
        unsent: the correlation ids of what this process has announced and not sent yet.
    """

    partner: Partner
    surroundings: Surroundings
    clock: Clock
    new_id: Callable[[], str]
    unsent: set[str] = field(default_factory=set)

    async def carry_out(self, record: Record, journal: Journal) -> Ended:
        """Carry a record out by the workflow of its kind."""
        if record.kind is OperationKind.UPGRADE_SUBSCRIPTION:
            return await self.upgrade_subscription(record, journal)
        return await self.begin_and_follow(record, journal)

    async def upgrade_subscription(self, record: Record, journal: Journal) -> Ended:
        """Upgrade a legacy license subscription: its answer is its end."""
        with HeldSlot(self.partner) as held:
            checked = await self._checked(record, journal, held)
            if isinstance(checked, Ending):
                return Ended(ending=checked)
            ended = await self._sent(record, checked, journal, held)
            return msgspec.structs.replace(ended, quantity=checked.facts.quantity or None)

    async def begin_and_follow(self, record: Record, journal: Journal) -> Ended:
        """Have the vendor begin a product upgrade or a transition, and follow it to its end."""
        with HeldSlot(self.partner) as held:
            checked = await self._checked(record, journal, held)
            if isinstance(checked, Ending):
                return Ended(ending=checked)
            if checked.reference is not None:
                return Ended(ending=await self._followed(record, checked.reference, journal))
            ended = await self._sent(record, checked, journal, held)
        reference = ended.ending.reference
        if ended.ending.state is not OperationState.DONE or reference is None:
            return ended
        ending = await self._followed(record, reference, journal)
        return Ended(ending=ending, attempts=ended.attempts)

    async def _followed(self, record: Record, reference: str, journal: Journal) -> Ending:
        """Follow from change to change."""
        last = Followed(at=record.created_at)
        while True:
            act = partial(self._next_change, record, reference, last)
            followed = await journal.step("follow", Followed, act)
            reference = followed.reference or reference
            decision = after_follow(followed, reference)
            if isinstance(decision, Ending):
                return decision
            if decision is not None:
                await self._wait(record, decision, journal)
            last = followed

    async def _next_change(self, record: Record, reference: str, last: Followed) -> Followed:
        """Ask until it stands differently, less and less often; asking again does no harm."""
        polls = last.polls
        while True:
            if polls:
                await self.clock.sleep(poll_pause_s(polls - 1))
            found = await self.partner.follow(record, reference)
            polls += 1
            is_passing = found.trouble is not None and found.trouble.passes
            is_caller_away = found.trouble is not None and found.trouble.needs_caller
            if is_caller_away or not (is_passing or _is_same(found, last)):
                return msgspec.structs.replace(found, polls=polls)

    async def _checked(self, record: Record, journal: Journal, held: HeldSlot) -> Checked | Ending:
        """Look until the order is refused or its first attempt announced."""
        history = History(record.created_at, ())
        while True:
            checked = await journal.step("check", Checked, partial(self._check, record, held))
            if checked.refusal is not None:
                return Ending(
                    state=OperationState.REFUSED,
                    at=checked.at,
                    failure=checked.refusal,
                    body=checked.body,
                )
            if checked.is_cancelled:
                return cancelled(checked.at)
            if checked.trouble is None:
                return checked
            decision = after_trouble(history, checked.trouble, checked.at, record.policy)
            if isinstance(decision, Ending):
                return decision
            history = replace(history, delays=history.delays + 1)
            await self._wait(record, decision, journal, is_unsent=True)

    async def _sent(
        self, record: Record, checked: Checked, journal: Journal, held: HeldSlot
    ) -> Ended:
        """Send until it is decided."""
        announcement = checked.announcement
        attempts: tuple[AttemptRecord, ...] = ()
        while announcement is not None:
            sent = await journal.step("send", Sent, partial(self._send, announcement, held))
            attempts = (*attempts, AttemptRecord(announcement=announcement, sent=sent))
            history = History(record.created_at, attempts)
            decision = after_attempt(history, record.policy)
            if isinstance(decision, Look):
                decision = await self._looked(record, checked.facts, history, journal)
            if isinstance(decision, Ending):
                return Ended(ending=decision, attempts=attempts)
            is_unsent = history.first_unanswered is None
            await self._wait(record, decision, journal, is_unsent=is_unsent)
            announced = await self._announced(record, checked.facts, history, journal, held)
            if isinstance(announced, Ending):
                return Ended(ending=announced, attempts=attempts)
            announcement = announced.announcement
        return await self._given_up(record, checked, attempts, journal)

    async def _announced(
        self, record: Record, facts: Facts, history: History, journal: Journal, held: HeldSlot
    ) -> Announced | Ending:
        """Wait until another attempt is announced, or it is too late for one."""
        while True:
            act = partial(self._announce, record, facts, history, held)
            announced = await journal.step("announce", Announced, act)
            if announced.cancelled_at is not None:
                return cancelled(announced.cancelled_at)
            if announced.trouble is None or announced.at is None:
                return announced
            decision = after_trouble(history, announced.trouble, announced.at, record.policy)
            if isinstance(decision, Ending):
                return decision
            history = replace(history, delays=history.delays + 1)
            is_unsent = history.first_unanswered is None
            await self._wait(record, decision, journal, is_unsent=is_unsent)

    async def _given_up(
        self,
        record: Record,
        checked: Checked,
        attempts: tuple[AttemptRecord, ...],
        journal: Journal,
    ) -> Ended:
        """Look for the last time: what was perhaps done is too old to be sent again."""
        history = History(record.created_at, attempts)
        decision = await self._looked(record, checked.facts, history, journal)
        if not isinstance(decision, Ending):
            decision = in_doubt("was not answered", history.last.at)
        return Ended(ending=decision, attempts=attempts)

    async def _looked(
        self,
        record: Record,
        facts: Facts,
        history: History,
        journal: Journal,
    ) -> Decision:
        """Look until something was seen, or it takes too long."""
        while True:
            looked = await journal.step("look", Looked, partial(self._look, record, facts))
            decision = after_look(history, looked, record.policy)
            if looked.verdict is not None or isinstance(decision, Ending):
                return decision
            await self._wait(record, decision, journal)

    async def _wait(
        self, record: Record, decision: Decision, journal: Journal, *, is_unsent: bool = False
    ) -> None:
        """Say what is waited for, and wait; how long is known from the record."""
        if not isinstance(decision, Waiting):
            return

        async def waiting() -> Waiting:
            return decision

        await journal.step("wait", Waiting, waiting)
        seconds = _remaining_s(decision, self.clock.wall())
        await self.surroundings.pause(record, seconds, is_unsent=is_unsent)

    async def _check(self, record: Record, held: HeldSlot) -> Checked:
        """Check, get a slot, and announce the first attempt with the same record."""
        if await self.surroundings.is_cancelled(record):
            return Checked(at=self.clock.wall(), is_cancelled=True)
        conflict = await self.surroundings.acquire_subject(record)
        if conflict is not None:
            return Checked(at=self.clock.wall(), refusal=conflict)
        checked = await self.partner.check(record, self.new_id())
        if checked.refusal or checked.trouble or checked.reference:
            return checked
        correlation_id = self.new_id()
        trouble = await held.acquire(record, checked.facts, correlation_id)
        if trouble is not None:
            return Checked(at=self.clock.wall(), trouble=trouble)
        if await self.surroundings.is_cancelled(record):
            held.release()
            return Checked(at=self.clock.wall(), is_cancelled=True)
        announcement = self._announcement(1, correlation_id)
        return msgspec.structs.replace(checked, announcement=announcement)

    async def _announce(
        self, record: Record, facts: Facts, history: History, held: HeldSlot
    ) -> Announced:
        """Announce another attempt once it has a slot, unless it is unwanted before or then."""
        unwanted = await self._unwanted(record, history)
        if unwanted is not None:
            return unwanted
        correlation_id = self.new_id()
        trouble = await held.acquire(record, facts, correlation_id)
        if trouble is not None:
            return Announced(trouble=trouble, at=self.clock.wall())
        unwanted = await self._unwanted(record, history)
        if unwanted is not None:
            held.release()
            return unwanted
        number = len(history.attempts) + 1
        return Announced(announcement=self._announcement(number, correlation_id))

    async def _unwanted(self, record: Record, history: History) -> Announced | None:
        """Find out whether nobody wants another attempt, or it is too late to send it unseen."""
        if history.first_unanswered is None and await self.surroundings.is_cancelled(record):
            return Announced(cancelled_at=self.clock.wall())
        if not may_send_unseen(history, self.clock.wall(), record.policy):
            return Announced()
        return None

    async def _send(self, announcement: Announcement, held: HeldSlot) -> Sent:
        """Send what this very process has announced, once; else it may have been sent already."""
        if announcement.correlation_id not in self.unsent:
            return Sent(
                outcome=AttemptOutcome.UNANSWERED, at=self.clock.wall(), trouble=_INTERRUPTED
            )
        slot = held.take() if self.surroundings.may_send else None
        if slot is None:
            held.release()
            # It stood still after the announcement; another process may have gone on meanwhile.
            return Sent(outcome=AttemptOutcome.NEVER_SENT, at=self.clock.wall(), trouble=_OVERDUE)
        self.unsent.remove(announcement.correlation_id)
        return await slot.send()

    async def _look(self, record: Record, facts: Facts) -> Looked:
        """Look what was done; a purchase that another operation has made is none of this one."""
        is_listed = facts.is_listed or record.target is None  # by what it was made of
        look = self.partner.look if is_listed else self._look_among_rivals
        looked = await look(record, facts)
        purchase = looked.purchase or looked.reference
        if looked.verdict is not Verdict.DONE or purchase is None:
            return looked
        if await self.surroundings.is_credited_elsewhere(record, purchase):
            return Looked(at=looked.at, verdict=Verdict.UNCLEAR)
        return looked

    async def _look_among_rivals(self, record: Record, facts: Facts) -> Looked:
        """Look for what none of the customer's other operations has made, or may have made."""
        owned = (await self.surroundings.rivals(record)).owned
        facts = msgspec.structs.replace(facts, known_ids=(*facts.known_ids, *owned))
        looked = await self.partner.look(record, facts)
        if looked.verdict is None or looked.verdict is Verdict.NOT_DONE:
            return looked
        # Read after the vendor: what made a subscription was announced before it could be seen.
        return (await self.surroundings.rivals(record)).judge(looked, owned)

    def _announcement(self, number: int, correlation_id: str) -> Announcement:
        self.unsent.add(correlation_id)
        return Announcement(
            number=number,
            correlation_id=correlation_id,
            incarnation=self.surroundings.process,
            at=self.clock.wall(),
        )


def _remaining_s(waiting: Waiting, now: float) -> float | None:
    """Return how long to wait still, at most as long as was decided; None for the caller."""
    if waiting.until is None:
        return None
    longest_s = LONGEST_RETRY_AFTER_S if waiting.pause_s is None else waiting.pause_s
    return min(max(0.0, waiting.until - now), longest_s)


def _is_same(found: Followed, last: Followed) -> bool:
    return (found.progress, found.body, found.reference) == (last.progress, last.body, None)
