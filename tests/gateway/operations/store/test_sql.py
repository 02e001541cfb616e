"""The guarantees of the store, on both databases."""

import asyncio
import contextlib
import itertools
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace as replace_struct

from gateway.operations.model.audit import AuditFinding, AuditMatch
from gateway.operations.model.batch import BatchCancellation, BatchResult
from gateway.operations.model.record import to_microseconds
from gateway.operations.model.steps import Backoff, OperationOutcome, OperationResult, Settlement
from gateway.operations.store import tables
from gateway.operations.store.base import (
    BatchCancelled,
    Claim,
    OperationCounts,
    OperationFilter,
    OwnershipLost,
    SeatReservation,
    StoredBatch,
    StoredOperation,
    StoreUnavailable,
    Takeover,
)
from gateway.operations.store.factory import build_store
from gateway.operations.store.rows import select_rows
from gateway.operations.store.sql import SqlOperationStore
from schema.operation import OperationState
from tests.support.stores import execute_sql, make_batch, make_record, make_transition, open_store
from tests.support.waiting import HANG_TIMEOUT_S, LONG_TIMEOUTS

RECORD: Final = make_record("key-1")
SUBJECT: Final = RECORD.subject
BATCH: Final = make_batch("batch-1")
PAUSE: Final = Backoff(reason="the vendor asked for it", until=2000.0, delay_s=57.0)
BATCH_ENDED: Final = BatchResult(at=2.0, states=(OperationState.DONE, OperationState.REFUSED))
REPOSITORY: Final = Path(__file__).parents[4]

CHILD: Final = """
import asyncio, sys
from tests.support.stores import make_record, open_store

async def own_an_operation():
    async with open_store(sys.argv[1]) as store:
        await store.acquire_lease("child")
        await store.record(make_record("of-the-child"), "child")
        print("recorded", flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(own_an_operation())
"""


def end(state: OperationState) -> OperationResult:
    return OperationResult(outcome=OperationOutcome(state=state, at=2.0))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlOperationStore]:
    """A store of which the processes "one" and "two" have leases."""
    async with open_store(database_url) as made:
        await made.acquire_lease("one")
        await made.acquire_lease("two")
        yield made


async def recorded(store: SqlOperationStore, key: str, process: str = "one") -> Claim:
    claim = await store.record(make_record(key), process)
    assert claim is not None
    return claim


async def taken_from_one(store: SqlOperationStore) -> Takeover:
    """Let "one" give up its lease, and "two" take over what it leaves."""
    await store.release_lease("one")
    (taken,) = await store.take_over("two", {})
    return taken


def ids(found: list[Takeover]) -> set[str]:
    return {each.claim.id for each in found}


async def operation(store: SqlOperationStore, operation_id: str) -> StoredOperation:
    found = await store.get(operation_id)
    assert found is not None
    return found


# Fencing

Write = Callable[[SqlOperationStore, Claim], Awaitable[object]]
WRITES: Final[dict[str, Write]] = {
    "append": lambda store, claim: store.append(claim, 0, "wait", PAUSE),
    "finish": lambda store, claim: store.finish(claim, end(OperationState.DONE)),
    "acquire a subject": lambda store, claim: store.acquire_subject(claim, SUBJECT),
    "read a customer's others": lambda store, claim: store.find_others_of_customer(claim, "c", 0.0),
    "credit": lambda store, claim: store.credit(claim, "target-1"),
}
LOST: Final[dict[str, Callable[[Claim, Claim], Claim]]] = {
    "the old claim": lambda old, new: old,
    "the new owner with the old epoch": lambda old, new: replace(new, epoch=old.epoch),
    "the old owner with the new epoch": lambda old, new: replace(old, epoch=new.epoch),
    "an epoch to come": lambda old, new: replace(new, epoch=new.epoch + 1),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
async def test_after_a_takeover_the_old_owner_cannot_write(
    store: SqlOperationStore,
    database_url: str,
    write: Write,
    lost: Callable[[Claim, Claim], Claim],
) -> None:
    old = await recorded(store, "key-1")
    taken = await taken_from_one(store)
    with pytest.raises(OwnershipLost):
        await write(store, lost(old, taken.claim))

    assert await store.get(RECORD.id) == StoredOperation(RECORD)
    assert execute_sql(database_url, "SELECT * FROM {s}subjects") == [(SUBJECT, RECORD.id)]
    assert execute_sql(database_url, "SELECT * FROM {s}purchases") == []


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_after_a_takeover_the_new_owner_can_write(
    store: SqlOperationStore, write: Write
) -> None:
    await recorded(store, "key-1")
    await write(store, (await taken_from_one(store)).claim)


async def test_after_a_takeover_the_old_owner_cannot_finish_a_batch(
    store: SqlOperationStore,
) -> None:
    old = await store.record_batch(BATCH, "one")
    assert old is not None
    new = (await taken_from_one(store)).claim
    for lost in LOST.values():
        with pytest.raises(OwnershipLost):
            await store.finish_batch(lost(old, new), BATCH_ENDED)
    assert await store.get_batch(BATCH.id) == StoredBatch(BATCH)
    await store.finish_batch(new, BATCH_ENDED)
    assert await store.get_batch(BATCH.id) == StoredBatch(BATCH, result=BATCH_ENDED)


async def test_a_repeated_step_keeps_the_first_result(store: SqlOperationStore) -> None:
    claim = await recorded(store, "key-1")
    other = Backoff(reason="another")
    await store.append(claim, 0, "wait", PAUSE)
    await store.append(claim, 0, "wait", other)
    await store.append(claim, 1, "wait", other)
    assert (await operation(store, claim.id)).steps == (PAUSE, other)


async def test_a_repeated_finish_keeps_the_first_result(store: SqlOperationStore) -> None:
    claim = await recorded(store, "key-1")
    await store.finish(claim, end(OperationState.DONE))
    await store.finish(claim, end(OperationState.FAILED))
    batch = await store.record_batch(BATCH, "one")
    assert batch is not None
    await store.finish_batch(batch, BATCH_ENDED)
    await store.finish_batch(batch, replace_states(OperationState.CANCELLED))
    found = await store.get_batch(BATCH.id)
    assert (await operation(store, claim.id)).result == end(OperationState.DONE)
    assert found is not None
    assert found.result == BATCH_ENDED


def replace_states(*states: OperationState) -> BatchResult:
    return BatchResult(at=3.0, states=states)


# Leases


async def test_operations_of_a_running_process_are_not_taken_over(store: SqlOperationStore) -> None:
    await recorded(store, "key-1")
    assert await store.take_over("two", {}) == []
    assert ids(await store.list_owned("one")) == {RECORD.id}


async def test_an_operation_of_a_later_versions_kind_is_left_to_that_version(
    store: SqlOperationStore, database_url: str
) -> None:
    await recorded(store, "key-1")
    await recorded(store, "key-2")
    renamed = "UPDATE {s}operations SET kind = 'LATER' WHERE record LIKE '%key-2%'"
    await asyncio.to_thread(execute_sql, database_url, renamed)
    await store.release_lease("one")
    assert ids(await store.take_over("two", {})) == {RECORD.id}


async def test_an_expired_lease_is_revoked_only_on_request(store: SqlOperationStore) -> None:
    await recorded(store, "key-1")
    expired = await store.read_other_leases("two")
    early = await store.take_over("two", {})
    late = await store.take_over("two", expired)
    assert early == []
    assert late == [Takeover(Claim(RECORD.id, "two", 2), StoredOperation(RECORD))]
    assert not await store.renew_lease("one")
    assert await store.renew_lease("two")


async def test_a_renewed_lease_is_never_revoked(store: SqlOperationStore) -> None:
    await recorded(store, "key-1")
    expired = await store.read_other_leases("two")
    assert await store.renew_lease("one")
    assert await store.take_over("two", expired) == []


async def test_a_lease_that_is_acquired_again_is_never_revoked(store: SqlOperationStore) -> None:
    await recorded(store, "key-1")
    expired = await store.read_other_leases("two")
    await store.acquire_lease("one")
    assert await store.take_over("two", expired) == []


async def test_a_process_without_a_lease_takes_over_nothing(store: SqlOperationStore) -> None:
    await recorded(store, "key-1")
    await store.release_lease("one")
    await store.release_lease("two")
    assert await store.take_over("two", {}) == []
    assert not await store.renew_lease("two")
    await store.acquire_lease("two")
    assert ids(await store.take_over("two", {})) == {RECORD.id}


async def test_each_renewal_of_a_lease_is_counted(store: SqlOperationStore) -> None:
    assert await store.read_other_leases("two") == {"one": 0}
    for _ in range(3):
        await store.renew_lease("one")
    assert await store.read_other_leases("two") == {"one": 3}
    assert await store.read_other_leases("somebody else") == {"one": 3, "two": 0}


async def test_operations_of_a_killed_process_are_taken_over_at_once(
    store: SqlOperationStore, database_url: str
) -> None:
    # One that still runs is killed when the test fails.
    with subprocess.Popen(  # noqa: ASYNC220, S603 - a script of ours
        [sys.executable, "-c", CHILD, database_url],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        try:
            assert child.stdout is not None
            assert await asyncio.to_thread(child.stdout.readline) == b"recorded\n"
            alive = await store.take_over("two", {})
        finally:
            child.kill()
        # Killed, and not even waited for by its parent.
        await asyncio.to_thread(child.stdout.read)
        await asyncio.to_thread(wait_until_dead, child.pid)
        killed = await store.take_over("two", {})
    assert alive == []
    assert ids(killed) == {make_record("of-the-child").id}
    assert not await store.renew_lease("child")


def wait_until_dead(pid: int) -> None:
    """Wait for a process to end, whose parent does not ask how it ended."""
    stat = Path(f"/proc/{pid}/stat")
    while stat.read_text().rpartition(")")[2].split()[0] != "Z":
        pass


async def test_simultaneous_takeovers_share_the_operations(
    store: SqlOperationStore, database_url: str
) -> None:
    records = [make_record(f"key-{number}") for number in range(450)]
    await asyncio.gather(*(store.record(each, "dead") for each in records))
    await store.record_batch(BATCH, "dead")

    async def taken_by(taker: SqlOperationStore, process: str) -> list[Takeover]:
        found: list[Takeover] = []
        while taken := await taker.take_over(process, {}):
            found += taken
        return found

    async with open_store(database_url) as other:
        shares = await asyncio.gather(taken_by(store, "one"), taken_by(other, "two"))
    taken = list(itertools.chain(*shares))
    assert sorted(each.claim.id for each in taken) == sorted(
        [BATCH.id, *(each.id for each in records)]
    )
    assert {each.claim.epoch for each in taken} == {2}
    for process, share in zip(("one", "two"), shares, strict=True):
        assert ids(await store.list_owned(process)) == ids(share)


async def test_a_reclaim_invalidates_the_earlier_claims(
    store: SqlOperationStore,
) -> None:
    forgotten, executed = await recorded(store, "key-1"), await recorded(store, "key-2")
    await store.append(forgotten, 0, "wait", PAUSE)
    ended = await recorded(store, "key-3")
    await store.finish(ended, end(OperationState.DONE))

    reclaimed = await store.reclaim("one", {executed.id})

    assert [each.claim for each in reclaimed] == [replace(forgotten, epoch=2)]
    assert reclaimed[0].stored == StoredOperation(RECORD, steps=(PAUSE,))
    with pytest.raises(OwnershipLost):
        await store.append(forgotten, 1, "wait", PAUSE)
    await store.append(executed, 0, "wait", PAUSE)


async def test_a_takeover_returns_everything_that_is_stored(
    store: SqlOperationStore,
) -> None:
    claim = await recorded(store, "key-1")
    await store.append(claim, 0, "wait", PAUSE)
    await store.append(claim, 1, "wait", Backoff(reason="another"))
    ended = await recorded(store, "key-2")
    await store.finish(ended, end(OperationState.DONE))
    await store.record_batch(BATCH, "one")
    cancellation = BatchCancellation(batch_id=BATCH.id, principal="somebody", at=3.0)
    await store.cancel_batch(cancellation)
    before = await store.list_owned("one")
    await store.release_lease("one")
    taken = await store.take_over("two", {})

    assert {each.claim.id: each.stored for each in taken} == {
        claim.id: StoredOperation(RECORD, steps=(PAUSE, Backoff(reason="another"))),
        BATCH.id: StoredBatch(BATCH, cancellation=cancellation),
    }
    assert {replace(each.claim, owner="two", epoch=2) for each in before} == {
        each.claim for each in taken
    }
    assert {each.claim for each in await store.list_owned("two")} == {each.claim for each in taken}
    assert await store.list_owned("one") == []


# Subjects and purchases


async def test_one_of_many_simultaneous_records_has_the_subject(
    store: SqlOperationStore, database_url: str
) -> None:
    async with open_store(database_url) as other:
        claims = await asyncio.gather(
            *(recorded([store, other][number % 2], f"key-{number}") for number in range(24))
        )
        await assert_one_has_it(claims, store, other)


async def test_one_of_many_simultaneous_acquires_of_a_subject_wins(
    store: SqlOperationStore, database_url: str
) -> None:
    first = await recorded(store, "first")
    async with open_store(database_url) as other:
        claims = [await recorded(store, f"key-{number}") for number in range(24)]
        await store.finish(first, end(OperationState.DONE))
        await assert_one_has_it(claims, store, other)


async def assert_one_has_it(claims: Sequence[Claim], *processes: SqlOperationStore) -> None:
    """One acquires it, now and again; all others learn which one that is."""
    holders = await asyncio.gather(
        *(
            process.acquire_subject(claim, SUBJECT)
            for claim, process in zip(claims, itertools.cycle(processes), strict=False)
        )
    )
    (winner,) = (claim for claim, holder in zip(claims, holders, strict=True) if holder is None)
    assert {each.record.id for each in holders if each is not None} == {winner.id}
    assert await processes[0].acquire_subject(winner, SUBJECT) is None


async def test_the_operation_recorded_first_has_the_subject(store: SqlOperationStore) -> None:
    first, second = await recorded(store, "key-1"), await recorded(store, "key-2")
    holder = await store.acquire_subject(second, SUBJECT)
    assert holder == StoredOperation(RECORD)
    assert await store.acquire_subject(first, SUBJECT) is None


@pytest.mark.parametrize(
    "state", [state for state in OperationState if state is not OperationState.IN_DOUBT]
)
async def test_finishing_an_operation_frees_its_subject(
    store: SqlOperationStore, state: OperationState
) -> None:
    first, second = await recorded(store, "key-1"), await recorded(store, "key-2")
    await store.finish(first, end(state))
    assert await store.acquire_subject(second, SUBJECT) is None


async def test_an_operation_in_doubt_holds_its_subject_until_it_is_settled(
    store: SqlOperationStore,
) -> None:
    first, second = await recorded(store, "key-1"), await recorded(store, "key-2")
    await store.finish(first, end(OperationState.IN_DOUBT))
    await store.finish(first, end(OperationState.IN_DOUBT))
    holder = await store.acquire_subject(second, SUBJECT)
    await store.settle(settlement(is_done=False))
    assert holder == StoredOperation(RECORD, result=end(OperationState.IN_DOUBT))
    assert await store.acquire_subject(second, SUBJECT) is None


async def test_a_review_of_a_doubt_is_due_for_one_process_at_a_time(
    store: SqlOperationStore, database_url: str
) -> None:
    for key in ("doubted", "settled", "done"):
        state = OperationState.DONE if key == "done" else OperationState.IN_DOUBT
        await store.finish(await recorded(store, key), end(state))
    await store.settle(
        Settlement(
            operation_id=make_record("settled").id, principal="p", is_done=True, note="n", at=3.0
        )
    )

    async with open_store(database_url) as other:
        claimed = await asyncio.gather(
            *(each.claim_reviews(100.0, lambda _: 900.0) for each in [store, other] * 4)
        )
        assert [s.record.idempotency_key for due in claimed for s in due] == ["doubted"]
        assert await store.claim_reviews(899.9, lambda _: 2000.0) == []
        assert len(await other.claim_reviews(900.0, lambda _: 2000.0)) == 1


async def test_open_operations_and_unsettled_doubts_are_counted(store: SqlOperationStore) -> None:
    for key in ("open", "done", "doubted", "settled"):
        claim = await recorded(store, key)
        if key != "open":
            state = OperationState.DONE if key == "done" else OperationState.IN_DOUBT
            await store.finish(claim, end(state))
        if key == "settled":
            await store.settle(
                Settlement(operation_id=claim.id, principal="p", is_done=True, note="n", at=3.0)
            )
    counts = await store.count_operations()
    assert counts == OperationCounts(
        {RECORD.kind: 1}, {RECORD.kind: 1}, to_microseconds(RECORD.created_at)
    )


async def test_the_last_finding_about_a_doubt_is_kept(store: SqlOperationStore) -> None:
    await store.finish(await recorded(store, "key-1"), end(OperationState.IN_DOUBT))
    match = AuditMatch(
        record_id="r", operation_type="create_order", status="FAILED", executed_at="then"
    )
    for at in (1.0, 2.0):
        found = AuditFinding(operation_id=RECORD.id, at=at, matches=(match,))
        await store.store_finding(found)
    stored = await store.get(RECORD.id)
    assert stored is not None
    assert stored.audit == found


async def test_a_takeover_keeps_the_subject_reserved(store: SqlOperationStore) -> None:
    await recorded(store, "key-1")
    second = await recorded(store, "key-2", "two")
    new = (await taken_from_one(store)).claim
    assert await store.acquire_subject(new, SUBJECT) is None
    assert await store.acquire_subject(second, SUBJECT) is not None


async def test_a_subject_that_is_freed_meanwhile_is_acquired(
    store: SqlOperationStore, database_url: str
) -> None:
    async def have_it_once(process: SqlOperationStore, key: str) -> None:
        claim = await recorded(process, key)
        while await process.acquire_subject(claim, SUBJECT) is not None:
            pass
        await process.finish(claim, end(OperationState.DONE))

    async with open_store(database_url) as other:
        await asyncio.gather(
            *(have_it_once([store, other][number % 2], f"key-{number}") for number in range(24))
        )
    assert execute_sql(database_url, "SELECT * FROM {s}subjects") == []


async def test_a_purchase_is_credited_to_one_operation(
    store: SqlOperationStore, database_url: str
) -> None:
    async with open_store(database_url) as other:
        claims = [await recorded(store, f"key-{number}") for number in range(24)]
        buyers = await asyncio.gather(
            *(
                process.credit(claim, "target-1")
                for claim, process in zip(claims, itertools.cycle([store, other]), strict=False)
            )
        )
        (buyer,) = set(buyers)
        assert buyer in {claim.id for claim in claims}
        await store.finish(
            next(each for each in claims if each.id == buyer), end(OperationState.DONE)
        )
        assert {await store.credit(claim, "target-1") for claim in claims} == {buyer}
        assert await store.credit(claims[0], "target-2") == claims[0].id


async def test_finishing_an_operation_credits_its_purchases(store: SqlOperationStore) -> None:
    first, second = await recorded(store, "key-1"), await recorded(store, "key-2")
    for claim, state, reference in (
        (first, OperationState.DONE, "Target-1"),
        (second, OperationState.FAILED, "target-2"),
    ):
        ended = OperationResult(
            outcome=OperationOutcome(
                state=state, at=2.0, reference=reference, purchase=f"new-{reference}"
            )
        )
        await store.finish(claim, ended)
        await store.finish(claim, ended)
    assert await store.credit(second, "target-1") == first.id
    assert await store.credit(second, "new-target-1") == first.id
    third = await recorded(store, "key-3")
    assert await store.credit(third, "target-2") == third.id


# What is read


async def test_an_operation_and_a_batch_share_their_ids(store: SqlOperationStore) -> None:
    batch = make_batch("key-1")
    assert batch.id == RECORD.id
    await recorded(store, "key-1")
    assert await store.record(RECORD, "two") is None
    assert await store.record_batch(batch, "one") is None
    assert await store.get_batch(batch.id) is None
    assert await store.record_batch(BATCH, "one") is not None
    assert await store.record_batch(BATCH, "two") is None
    assert await store.record(make_record("batch-1"), "one") is None
    assert await store.get(BATCH.id) is None
    assert ids(await store.list_owned("two")) == set()


async def test_one_of_many_simultaneous_records_owns_the_id(
    store: SqlOperationStore, database_url: str
) -> None:
    async with open_store(database_url) as other:
        claims = await asyncio.gather(
            *(
                process.record(RECORD, name)
                for process, name in ((store, "one"), (other, "two")) * 8
            ),
            *(process.record_batch(make_batch("key-1"), "one") for process in (store, other) * 4),
        )
    assert sum(claim is not None for claim in claims) == 1


async def test_steps_of_ended_operations_are_not_read(store: SqlOperationStore) -> None:
    claim = await recorded(store, "key-1")
    await store.append(claim, 0, "wait", PAUSE)
    await store.finish(claim, end(OperationState.REFUSED))
    assert await store.get(claim.id) == StoredOperation(RECORD, result=end(OperationState.REFUSED))
    assert await store.get("unknown") is None
    assert await store.get_batch("unknown") is None


async def test_pages_are_in_order_while_operations_are_added(store: SqlOperationStore) -> None:
    # Several of one moment, whose ids decide; and as close as microseconds are.
    made = [make_record(f"key-{number}", at=1000 + number // 3 / 1e6) for number in range(50)]
    for each in made:
        await store.record(each, "one")
    seen: list[str] = []
    wanted = OperationFilter(7)
    while page := await store.find(wanted):
        seen += [each.record.id for each in page]
        await store.record(make_record(f"new-{len(seen)}", at=2000), "one")
        last = page[-1].record
        wanted = OperationFilter(7, before=(round(last.created_at * 1e6), last.id))
    ordered = sorted(made, key=lambda each: (each.created_at, each.id), reverse=True)
    assert seen == [each.id for each in ordered]


async def test_operations_are_found_by_principal_and_subscription(
    store: SqlOperationStore,
) -> None:
    mine = make_record("mine", principal="me", customer="ABC", subscription="S-1")
    other = make_record("other", principal="you", customer="abc", subscription="s-1", at=1001)
    third = make_record("third", principal="me", customer="def", subscription="s-2", at=1002)
    for each in (mine, other, third):
        await store.record(each, "one")
    await store.record_batch(BATCH, "one")

    async def found(wanted: OperationFilter) -> list[str]:
        return [each.record.idempotency_key for each in await store.find(wanted)]

    assert await found(OperationFilter(10)) == ["third", "other", "mine"]
    assert await found(OperationFilter(10, principal="me")) == ["third", "mine"]
    assert await found(OperationFilter(10, customer_id="aBc")) == ["other", "mine"]
    assert await found(OperationFilter(10, subject=mine.subject)) == ["other", "mine"]
    assert await found(OperationFilter(10, principal="me", subject=other.subject)) == ["mine"]
    assert await found(OperationFilter(10, principal="nobody")) == []


async def test_operations_are_found_by_kind_state_and_time(store: SqlOperationStore) -> None:
    made = {
        key: make_record(key, at=1000 + number, principal=f"principal-{number % 2}")
        for number, key in enumerate(("open", "done", "failed", "doubted", "settled"))
    }
    transition = make_transition("transition", at=1010)
    states = {
        "done": OperationState.DONE,
        "failed": OperationState.FAILED,
        "doubted": OperationState.IN_DOUBT,
        "settled": OperationState.IN_DOUBT,
        "transition": OperationState.DONE,
    }
    for each in (*made.values(), transition):
        claim = await store.record(each, "one")
        assert claim is not None
        if each.idempotency_key in states:
            await store.finish(claim, end(states[each.idempotency_key]))
    settled = Settlement(
        operation_id=made["settled"].id, principal="p", is_done=True, note="n", at=3.0
    )
    await store.settle(settled)
    await store.record_batch(BATCH, "one")

    async def found(limit: int = 10, **filters: Any) -> list[str]:
        page = await store.find(OperationFilter(limit, **filters))
        return [each.record.idempotency_key for each in page]

    upgrades: dict[str, Any] = {"kinds": ["UPGRADE_SUBSCRIPTION"]}
    transitions: dict[str, Any] = {"kinds": [transition.kind]}
    both: dict[str, Any] = {"kinds": ["UPGRADE_SUBSCRIPTION", transition.kind]}
    assert await found(**transitions) == ["transition"]
    assert await found(**upgrades, limit=2) == ["settled", "doubted"]
    assert await found(**both, limit=2) == ["transition", "settled"]
    assert await found(states=[OperationState.QUEUED, OperationState.RUNNING]) == ["open"]
    assert await found(states=[OperationState.IN_DOUBT]) == ["settled", "doubted"]
    # Settled ones are candidates of both results, and so is what is in doubt.
    done: dict[str, Any] = {"states": [OperationState.DONE]}
    assert await found(**done) == ["transition", "settled", "doubted", "done"]
    assert await found(**done, **transitions) == ["transition"]
    assert await found(**done, **both, principal="principal-1") == ["doubted", "done"]
    assert await found(**done, customer_id="CUSTOMER-1", principal="principal-1") == [
        "doubted",
        "done",
    ]
    since, until = 1001 * 10**6, 1003 * 10**6
    assert await found(since=since, until=until) == ["failed", "done"]
    assert await found(since=since, until=until, states=[OperationState.FAILED]) == ["failed"]


async def test_filtered_pages_are_in_order(store: SqlOperationStore) -> None:
    states = [OperationState.DONE, OperationState.REFUSED, OperationState.FAILED, None]
    made = [make_record(f"key-{number}", at=1000 + number // 5 / 1e6) for number in range(40)]
    for each, state in zip(made, itertools.cycle(states), strict=False):
        claim = await store.record(each, "one")
        assert claim is not None
        if state is not None:
            await store.finish(claim, end(state))
    wanted = OperationFilter(
        4, states=[OperationState.DONE, OperationState.REFUSED, OperationState.QUEUED]
    )
    seen: list[str] = []
    while page := await store.find(wanted):
        seen += [each.record.id for each in page]
        last = page[-1].record
        wanted = replace(wanted, before=(to_microseconds(last.created_at), last.id))
    kept = [each for number, each in enumerate(made) if number % 4 != 2]
    ordered = sorted(kept, key=lambda each: (each.created_at, each.id), reverse=True)
    assert seen == [each.id for each in ordered]


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({"states": [OperationState.IN_DOUBT]}, "operations_state"),
        ({"states": [OperationState.QUEUED]}, "operations_state"),
        ({"kinds": ["TRANSITION_SUBSCRIPTION"]}, "operations_kind"),
        ({"principal": "me", "states": [OperationState.IN_DOUBT]}, "operations_principal_state"),
        ({"principal": "me"}, "operations_principal"),
        (
            {"principal": "me", "customer_id": "c", "states": [OperationState.DONE]},
            "operations_customer",
        ),
        ({"since": 1, "until": 2}, "operations_time"),
        ({}, "operations_time"),
    ],
    ids=str,
)
def test_each_filter_reads_an_index_in_order(filters: dict[str, Any], index: str) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as file:
        for statement in tables.CREATE:
            file.execute(statement.format(s=""))
        plans: list[str] = []

        def explain(statement: str, **values: Any) -> Any:
            plan = file.execute(f"EXPLAIN QUERY PLAN {statement.format(s='')}", values)
            plans.extend(row[3] for row in plan)
            return file.execute("SELECT 1")

        with contextlib.suppress(AttributeError):  # a cursor of sqlite3 has no `all`
            select_rows(explain, OperationFilter(10, **filters), is_batch=0)
    steps = [
        (plan, after)
        for plan, after in zip(plans, [*plans[1:], ""], strict=True)
        if plan.startswith(("SEARCH", "SCAN operations"))
    ]
    assert steps
    for plan, after in steps:
        assert f"USING INDEX {index} " in f"{plan} "
        assert "TEMP B-TREE" not in after


async def test_open_and_recent_operations_of_a_customer_are_read(
    store: SqlOperationStore,
) -> None:
    ends = (None, OperationState.IN_DOUBT, OperationState.DONE)
    claims = {}
    for key, state in itertools.product(("old", "new"), ends):
        at = 2000.0 if key == "new" else 1000.0
        name = f"{key} {state.name if state else 'open'}"
        record = make_record(name, customer="C", subscription=name, at=at)
        claims[name] = await store.record(record, "one")
        if state is not None and (claim := claims[name]) is not None:
            await store.finish(claim, end(state))
    await store.record(make_record("of another", customer="d", at=2000.0), "one")
    own, open_one = claims["new DONE"], claims["old open"]
    assert own is not None
    assert open_one is not None
    await store.append(open_one, 0, "wait", PAUSE)
    found = await store.find_others_of_customer(own, "c", 1500.0)
    assert {each.record.idempotency_key for each in found} == {
        "old open",
        "old IN_DOUBT",
        "new open",
        "new IN_DOUBT",
    }
    assert {each.steps for each in found} == {(), (PAUSE,)}
    found = await store.find_others_of_customer(open_one, "c", 1500.0)
    assert "new DONE" in {each.record.idempotency_key for each in found}


async def test_states_of_lines_are_read_by_number(store: SqlOperationStore) -> None:
    await store.record_batch(BATCH, "one")
    for number in (1, 2):
        claim = await store.record(BATCH.line(number, 1000.0), "one")
        assert claim is not None
        if number == 1:
            await store.finish(claim, end(OperationState.REFUSED))
    assert await store.read_line_states(BATCH.id) == {1: OperationState.REFUSED, 2: None}
    assert await store.read_line_states("unknown") == {}


# What is recorded once


def settlement(*, is_done: bool, at: float = 3.0) -> Settlement:
    return Settlement(
        operation_id=RECORD.id, principal="somebody", is_done=is_done, note="looked", at=at
    )


async def test_an_operation_is_settled_once(store: SqlOperationStore, database_url: str) -> None:
    claim = await recorded(store, "key-1")
    await store.finish(claim, end(OperationState.IN_DOUBT))
    async with open_store(database_url) as other:
        settled = await asyncio.gather(
            *(
                process.settle(settlement(is_done=bool(number % 2), at=float(number)))
                for number, process in enumerate([store, other] * 8)
            )
        )
    assert len(set(settled)) == 1
    assert (await operation(store, claim.id)).settlement == settled[0]


async def test_a_batch_is_cancelled_once(store: SqlOperationStore) -> None:
    await store.record_batch(BATCH, "one")
    for at in (3.0, 4.0):
        cancellation = BatchCancellation(batch_id=BATCH.id, principal="somebody", at=at)
        await store.cancel_batch(cancellation)
    found = await store.get_batch(BATCH.id)
    assert found is not None
    assert found.cancellation == BatchCancellation(batch_id=BATCH.id, principal="somebody", at=3.0)


CANCELLATION: Final = BatchCancellation(batch_id=BATCH.id, principal="somebody", at=3.0)


async def test_a_cancelled_batch_records_no_further_line(
    store: SqlOperationStore, database_url: str
) -> None:
    await store.record_batch(BATCH, "one")
    assert await store.record(BATCH.line(1, 1000.0), "one") is not None
    await store.cancel_batch(CANCELLATION)
    with pytest.raises(BatchCancelled):
        await store.record(BATCH.line(2, 1000.0), "two")
    assert await store.record(BATCH.line(1, 1001.0), "two") is None
    assert await store.read_line_states(BATCH.id) == {1: None}
    subjects = execute_sql(database_url, "SELECT operation_id FROM {s}subjects")
    assert subjects == [(BATCH.line(1, 1000.0).id,)]


async def test_a_line_is_recorded_before_the_cancellation_of_its_batch_or_not_at_all(
    store: SqlOperationStore, database_url: str
) -> None:
    batch = make_batch("batch-2", lines=40)
    await store.record_batch(batch, "one")
    recorded_lines: set[int] = set()

    async def record(process: SqlOperationStore, number: int) -> None:
        with contextlib.suppress(BatchCancelled):
            await process.record(batch.line(number, 1000.0), "one")
            recorded_lines.add(number)

    async def cancel(process: SqlOperationStore) -> set[int]:
        await process.cancel_batch(replace_struct(CANCELLATION, batch_id=batch.id))
        return set(await process.read_line_states(batch.id))

    async with open_store(database_url) as other:
        lines = [record([store, other][number % 2], number) for number in range(1, 41)]
        found = await asyncio.gather(*lines[:20], cancel(other), *lines[20:])
        assert recorded_lines == set(await store.read_line_states(batch.id)) == found[20]


async def test_seats_are_counted_for_all_processes(
    store: SqlOperationStore, database_url: str
) -> None:
    def at_most_ten(reserved: int) -> str | None:
        return f"{reserved} of 10" if reserved + 2 > 10 else None

    async with open_store(database_url) as other:
        reasons = await asyncio.gather(
            *(
                process.reserve_seats(
                    SeatReservation("somebody", f"operation-{number}", 2, 1000.0), 0.0, at_most_ten
                )
                for number, process in enumerate([store, other] * 8)
            )
        )
    accepted = [number for number, reason in enumerate(reasons) if reason is None]
    assert len(accepted) == 5
    assert set(reasons) == {None, "10 of 10"}

    async def again(number: int, principal: str, since: float) -> str | None:
        wanted = SeatReservation(principal, f"operation-{number}", 2, 2000.0)
        return await store.reserve_seats(wanted, since, at_most_ten)

    assert await again(accepted[0], "somebody", 0.0) is None
    assert await again(100, "somebody", 999.0) == "10 of 10"
    assert await again(101, "another", 0.0) is None
    assert await again(102, "somebody", 1000.0) is None


# Pauses


async def test_other_processes_read_the_longest_rest_of_a_pause(store: SqlOperationStore) -> None:
    await store.share_pauses("one", {"a": 3600.0, "b": 600.0})
    await store.share_pauses("two", {"a": 7200.0})
    assert await store.read_other_pauses("two") == {
        "a": pytest.approx(3600, abs=HANG_TIMEOUT_S),
        "b": pytest.approx(600, abs=HANG_TIMEOUT_S),
    }
    read_by_a_third = await store.read_other_pauses("three")
    assert read_by_a_third["a"] == pytest.approx(7200, abs=HANG_TIMEOUT_S)


async def test_a_pause_that_has_ended_is_deleted(
    store: SqlOperationStore, database_url: str
) -> None:
    await store.share_pauses("one", {"ended": 0.0})
    await store.share_pauses("two", {"a": 7200.0})
    assert set(await store.read_other_pauses("three")) == {"a"}
    assert execute_sql(database_url, "SELECT scope FROM {s}pauses") == [("a",)]


# Opening


async def test_simultaneous_opens_create_the_tables_once(database_url: str) -> None:
    stores = [build_store(database_url, LONG_TIMEOUTS) for _ in range(8)]
    await asyncio.gather(*(each.open() for each in stores))
    keys = {await each.preview_key(bytes([n]) * 32) for n, each in enumerate(stores)}
    await asyncio.gather(*(each.close() for each in stores))
    assert execute_sql(database_url, "SELECT version FROM {s}version") == [(tables.VERSION,)]
    assert len(keys) == 1


UNDO: Final = {
    5: ("DROP TABLE {s}pauses",),
    4: (
        "DROP INDEX {s}operations_in_doubt",
        "ALTER TABLE {s}operations DROP COLUMN review_due_us",
        "ALTER TABLE {s}operations DROP COLUMN audit",
    ),
    3: (
        "DROP INDEX {s}operations_kind",
        "DROP INDEX {s}operations_state",
        "DROP INDEX {s}operations_principal_state",
        "ALTER TABLE {s}operations DROP COLUMN kind",
    ),
    2: (
        "ALTER TABLE {s}leases DROP COLUMN renewals",
        "ALTER TABLE {s}leases ADD COLUMN expires_at DOUBLE PRECISION NOT NULL DEFAULT 1e12",
    ),
}
"""The statements that return the tables of each version to those of the one before."""


def return_to_version(database_url: str, version: int) -> None:
    for undone in range(tables.VERSION, version, -1):
        for statement in UNDO[undone]:
            execute_sql(database_url, statement)
    execute_sql(database_url, f"UPDATE {{s}}version SET version = {version}")  # noqa: S608


async def test_tables_of_the_first_version_keep_their_rows(database_url: str) -> None:
    async with open_store(database_url) as store:
        await store.acquire_lease("one")
        await store.record(RECORD, "one")
    return_to_version(database_url, 1)

    trying = build_store(database_url, LONG_TIMEOUTS)
    await trying.dry_run()
    await trying.close()
    assert execute_sql(database_url, "SELECT expires_at FROM {s}leases") == [(1e12,)]
    async with open_store(database_url) as store, open_store(database_url) as other:
        await other.acquire_lease("two")
        assert await store.read_other_leases("two") == {"one": 0}
        assert ids(await store.list_owned("one")) == {RECORD.id}
        assert await store.renew_lease("one")
        assert ids(await other.take_over("two", {"one": 1})) == {RECORD.id}
    assert execute_sql(database_url, "SELECT max(version) FROM {s}version") == [(tables.VERSION,)]


async def test_operations_of_the_second_version_have_their_kind(database_url: str) -> None:
    transition = make_transition("key-2", at=1001)
    async with open_store(database_url) as store:
        await store.record(make_record('"kind":"TRANSITION_SUBSCRIPTION"'), "one")
        await store.record(transition, "one")
        await store.record_batch(BATCH, "one")
    return_to_version(database_url, 2)

    async with open_store(database_url) as store:
        found = await store.find(OperationFilter(10, kinds=[transition.kind]))
        others = await store.find(OperationFilter(10, kinds=["UPGRADE_SUBSCRIPTION"]))
    assert [each.record for each in found] == [transition]
    assert len(others) == 1


async def test_tables_of_a_newer_version_are_left_alone(database_url: str) -> None:
    async with open_store(database_url):
        execute_sql(database_url, "UPDATE {s}version SET version = 100000")
    newer = build_store(database_url, LONG_TIMEOUTS)
    with pytest.raises(StoreUnavailable, match=r"newer version.*100000.*Start that version"):
        await newer.open()
    with pytest.raises(StoreUnavailable, match="newer version"):
        await newer.dry_run()
    await newer.close()


async def test_a_store_that_is_not_open_stores_nothing(database_url: str) -> None:
    store = build_store(database_url, LONG_TIMEOUTS)
    for _ in ("before it is opened", "after it is closed"):
        with pytest.raises(StoreUnavailable) as raised:
            await store.record(RECORD, "one")
        assert not raised.value.may_be_stored
        await store.close()
