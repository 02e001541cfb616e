"""A store that the version before has written is read, and what was open in it goes on.

`previous_version.*.sql` are such stores: that version was killed while operations and batches of
each kind were open.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import psycopg
import pytest

from gateway.operations.batch_service import BatchService
from gateway.operations.model.record import OperationRecord, Policy, operation_id
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    PollResult,
    ReconcileResult,
    SendResult,
    UpstreamProgress,
    Verdict,
)
from gateway.operations.operation_service import OperationService
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.base import SeatReservation, StoreUnavailable
from gateway.operations.store.factory import build_store
from resolvers.orders import TransitionOrder, UpgradeOrder
from resolvers.ports.operations import OperationsKey
from schema.batch import BatchState, UpgradeBatch
from schema.keys import BatchLinesKey, SubscriptionKey
from schema.operation import AttemptOutcome, OperationState, UpgradeOperation
from schema.upgrade import UpgradeType
from schema.user_errors import UserErrorCode
from tests.support.clock import ManualClock
from tests.support.slots import FreeSlots
from tests.support.stores import execute_sql, make_record, open_store
from tests.support.waiting import LONG_TIMEOUTS, eventually

DUMPS: Final = Path(__file__).parent
PRINCIPAL: Final = "key:billing"
# While `lost-1` waits to be sent again.
KILLED_AT: Final = {"sqlite": 1_796_058_185.0, "postgresql": 1_796_058_236.0}
STATES: Final = {
    "done-1": OperationState.DONE,
    "refused-1": OperationState.REFUSED,
    "doubt-1": OperationState.IN_DOUBT,
    "doubt-settled": OperationState.DONE,
    "throttled-1": OperationState.WAITING,
    "away-1": OperationState.WAITING,
    "hang-1": OperationState.RUNNING,
    "lost-1": OperationState.WAITING,
    "follow-transition": OperationState.RUNNING,
    "follow-product": OperationState.RUNNING,
    "done-batch#1": OperationState.DONE,
    "done-batch#2": OperationState.DONE,
    "hang-batch#1": OperationState.RUNNING,
    "hang-cancelled#1": OperationState.QUEUED,
}
ENDS: Final = STATES | {
    "throttled-1": OperationState.DONE,
    "away-1": OperationState.DONE,
    "hang-1": OperationState.DONE,
    "lost-1": OperationState.DONE,
    "follow-transition": OperationState.DONE,
    "follow-product": OperationState.FAILED,
    "hang-batch#1": OperationState.DONE,
    "hang-batch#2": OperationState.DONE,
    "hang-batch#3": OperationState.DONE,
    "hang-cancelled#1": OperationState.CANCELLED,
}


BOUGHT: Final = '{"sourceSubscriptionId":"source","targetSubscriptionId":"target"}'


class Partner(FreeSlots):
    """Sells everything to a caller who is here; `hang-1` was bought before the kill.

    Attributes:
        sent: the keys of all sendings, with their request ids.
        is_mute: answers nothing at all.
    """

    def __init__(self, clock: ManualClock, *, is_mute: bool = False) -> None:
        self.clock = clock
        self.is_mute = is_mute
        self.is_caller_here = False
        self.sent: list[tuple[str, str]] = []

    async def _respond(self) -> None:
        if self.is_mute:
            await asyncio.Event().wait()

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        await self._respond()
        if record.idempotency_key == "away-1" and not self.is_caller_here:
            return CheckResult(
                at=self.clock.wall(), blocker=Blocker(message="away", needs_credentials=True)
            )
        return CheckResult(at=self.clock.wall(), baseline=Baseline(quantity=1))

    async def send(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendResult:
        await self._respond()
        self.sent.append((record.idempotency_key, record.request_id))
        return SendResult(
            outcome=AttemptOutcome.SUCCEEDED,
            at=self.clock.wall(),
            reference=f"target-of-{record.subject}",
            body=BOUGHT,
        )

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        await self._respond()
        if record.idempotency_key == "hang-1":
            return ReconcileResult(
                at=self.clock.wall(), verdict=Verdict.DONE, reference="target-of-hang", body=BOUGHT
            )
        return ReconcileResult(at=self.clock.wall(), verdict=Verdict.NOT_DONE)

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        await self._respond()
        is_done = isinstance(record.order, TransitionOrder)
        return PollResult(
            at=self.clock.wall(),
            progress=UpstreamProgress.DONE if is_done else UpstreamProgress.FAILED,
        )


@pytest.fixture
def url(database_url: str) -> str:
    """The address of a store as that version has left it."""
    kind = database_url.partition(":")[0]
    dump = (DUMPS / f"previous_version.{kind}.sql").read_text()
    if kind == "sqlite":
        with contextlib.closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as file:
            file.executescript(f"BEGIN;{dump}COMMIT;")
    else:
        # psql alone understands lines that begin with a backslash.
        lines = (line for line in dump.splitlines() if not line.startswith("\\"))
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("\n".join(("CREATE SCHEMA dbos;", *lines)).encode())
    return database_url


def killed_at(url: str) -> float:
    return KILLED_AT[url.partition(":")[0]]


def old(url: str, statement: str) -> None:
    """Change what that version has left; `{old}` stands for its schema."""
    schema = "dbos." if url.startswith("postgresql") else ""
    execute_sql(url, statement.replace("{old}", schema))


def requests_of_before(url: str) -> dict[str, str]:
    """Read the request ids of a principal's operations by their keys, as they were written."""
    schema = "dbos." if url.startswith("postgresql") else ""
    rows = execute_sql(url, f"SELECT inputs FROM {schema}workflow_input")  # noqa: S608
    inputs = [json.loads(inputs)["positionalArgs"][0] for (inputs,) in rows]
    return {
        each["idempotency_key"]: each["request_id"]
        for each in inputs
        if "request_id" in each and each["principal"] == PRINCIPAL
    }


@contextlib.asynccontextmanager
async def running(url: str, partner: Partner) -> AsyncIterator[OperationRuntime]:
    store = build_store(url, LONG_TIMEOUTS)
    runtime = OperationRuntime(
        store, partner, partner.clock, lines_at_once=4, timeouts=LONG_TIMEOUTS
    )
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop(grace_s=0)


def operations_of(runtime: OperationRuntime, principal: str = PRINCIPAL) -> OperationService:
    return OperationService(runtime, principal, Policy())


async def by_key(runtime: OperationRuntime, key: str) -> UpgradeOperation:
    found = await operations_of(runtime).find_by_key(key)
    assert found is not None
    return found


async def states_of(runtime: OperationRuntime) -> dict[str, OperationState]:
    page = await operations_of(runtime).list_page(OperationsKey(first=100))
    return {each.idempotency_key: each.state for each in page.operations}


async def batch_of_key(runtime: OperationRuntime, key: str) -> UpgradeBatch:
    batches = BatchService(runtime, PRINCIPAL, Policy())
    found = await batches.find(operation_id(PRINCIPAL, key))
    assert found is not None
    return found


def order(subscription: str) -> UpgradeOrder:
    source = SubscriptionKey("customer-1", subscription)
    return UpgradeOrder(source, "offer-1", UpgradeType.UPGRADE_ONLY)


async def test_operations_of_the_previous_version_are_imported(url: str) -> None:
    async with running(url, Partner(ManualClock(killed_at(url)), is_mute=True)) as runtime:
        states = await eventually(lambda: states_of(runtime), lambda found: found == STATES)
        done = await by_key(runtime, "done-1")
        settled = await by_key(runtime, "doubt-settled")
        throttled = await by_key(runtime, "throttled-1")
        away = await by_key(runtime, "away-1")
        lost = await by_key(runtime, "lost-1")
        theirs = await operations_of(runtime, "key:reports").list_page(OperationsKey(first=100))
        of_source = await operations_of(runtime).list_for_subscription(
            order("Subscription-0").source
        )

    assert states == STATES
    assert done.request_id == requests_of_before(url)["done-1"]
    assert [each.outcome for each in done.attempts] == [AttemptOutcome.SUCCEEDED]
    assert done.result is not None
    assert (settled.settled_by, settled.settlement_note) == (PRINCIPAL, "seen in the portal")
    assert throttled.retry_at is not None
    assert throttled.retry_at.timestamp() == pytest.approx(killed_at(url) + 3600, abs=60)
    assert away.waiting_for is not None
    assert "caller" in away.waiting_for
    assert [each.outcome for each in lost.attempts] == [AttemptOutcome.UNANSWERED] * 4
    assert [(each.idempotency_key, each.state) for each in theirs.operations] == [
        ("done-1", OperationState.DONE)
    ]
    assert of_source == [done]


async def test_batches_of_the_previous_version_are_imported(url: str) -> None:
    async with running(url, Partner(ManualClock(killed_at(url)), is_mute=True)) as runtime:
        done = await batch_of_key(runtime, "done-batch")
        resumed = await batch_of_key(runtime, "hang-batch")
        cancelled = await batch_of_key(runtime, "hang-cancelled")
    assert (done.state, done.counts.done) == (BatchState.COMPLETED, 2)
    assert (resumed.state, resumed.counts.open) == (BatchState.RUNNING, 3)
    assert cancelled.state is BatchState.CANCELLING
    assert cancelled.cancelled_at is not None


async def test_imported_open_operations_are_executed_to_their_end(url: str) -> None:
    clock = ManualClock(killed_at(url))
    partner = Partner(clock)
    async with running(url, partner) as runtime:
        await eventually(
            lambda: states_of(runtime), lambda found: found["hang-1"] is OperationState.DONE
        )
        partner.is_caller_here = True
        runtime.caller_presence.notify(PRINCIPAL)

        async def later() -> dict[str, OperationState]:
            clock.wake_next(within_s=60)
            return await states_of(runtime)

        # `throttled-1` waits for the hour that the vendor asked for.
        others = ENDS | {"throttled-1": OperationState.WAITING}
        await eventually(later, lambda found: others.items() <= found.items())
        before = [key for key, _ in partner.sent]
        clock.advance(3600)
        states = await eventually(later, lambda found: ENDS.items() <= found.items())
        hang = await by_key(runtime, "hang-1")
        lost = await by_key(runtime, "lost-1")
        product = await by_key(runtime, "follow-product")
        batch = await eventually(
            lambda: batch_of_key(runtime, "hang-batch"),
            lambda found: found.state is BatchState.COMPLETED,
        )
        cancelled = await eventually(
            lambda: batch_of_key(runtime, "hang-cancelled"),
            lambda found: found.state is BatchState.CANCELLED,
        )
        lines = await BatchService(runtime, PRINCIPAL, Policy()).list_lines(
            BatchLinesKey(str(cancelled.id), 10)
        )

    assert states == ENDS
    assert "throttled-1" not in before
    # What was done or is followed is not sent; all others once, under the request id of before.
    requests = dict(partner.sent)
    assert len(partner.sent) == len(requests)
    assert set(requests) == {
        "throttled-1",
        "away-1",
        "lost-1",
        "hang-batch#1",
        "hang-batch#2",
        "hang-batch#3",
    }
    kept = requests_of_before(url)
    assert {key: sent for key, sent in requests.items() if key in kept} == {
        key: kept[key] for key in ("throttled-1", "away-1", "lost-1", "hang-batch#1")
    }
    assert [each.outcome for each in hang.attempts] == [AttemptOutcome.UNANSWERED]
    assert [each.outcome for each in lost.attempts] == [
        *[AttemptOutcome.UNANSWERED] * 4,
        AttemptOutcome.SUCCEEDED,
    ]
    assert product.failure is not None
    assert product.failure.code is UserErrorCode.FAILED_UPSTREAM
    assert batch.counts.done == 3
    assert [line.operation.state for line in lines.lines] == [OperationState.CANCELLED] * 2


async def test_an_imported_key_returns_its_operation(url: str) -> None:
    partner = Partner(ManualClock(killed_at(url)), is_mute=True)
    async with running(url, partner) as runtime:
        again = await operations_of(runtime).submit(order("subscription-0"), "done-1")
        assert again == await by_key(runtime, "done-1")
    assert partner.sent == []


@pytest.mark.parametrize(
    ("subscription", "holder", "code"),
    [
        ("subscription-0", None, None),
        ("subscription-2", "doubt-1", UserErrorCode.EARLIER_IN_DOUBT),
        ("subscription-3", None, None),
        ("subscription-4", "throttled-1", UserErrorCode.UPGRADE_IN_PROGRESS),
        ("subscription-5", "away-1", UserErrorCode.UPGRADE_IN_PROGRESS),
        ("subscription-6", "hang-1", UserErrorCode.UPGRADE_IN_PROGRESS),
    ],
)
async def test_imported_open_and_doubtful_operations_hold_their_subjects(
    url: str, subscription: str, holder: str | None, code: UserErrorCode | None
) -> None:
    async with open_store(url) as store:
        record = make_record("new", subscription=subscription)
        claim = await store.record(record, "one")
        assert claim is not None
        found = await store.acquire_subject(claim, record.subject)
    assert (found and found.record.idempotency_key) == holder
    assert (found is None) is (code is None)


async def test_the_imported_operation_that_may_have_bought_holds_the_subject(url: str) -> None:
    old(
        url,
        "UPDATE {old}workflow_input SET inputs ="
        ' replace(inputs, \'"subscription_id":"subscription-6"\','
        ' \'"subscription_id":"subscription-5"\')',
    )
    async with open_store(url):
        holders = execute_sql(url, "SELECT operation_id FROM {s}subjects WHERE subject LIKE '%-5'")
    assert holders == [(operation_id(PRINCIPAL, "hang-1"),)]


async def test_imported_purchases_and_seats_count(url: str) -> None:
    reserved: list[int] = []

    def refuse(seats: int) -> str:
        reserved.append(seats)
        return "no"

    now = killed_at(url)
    async with open_store(url) as store:
        claim = await store.record(make_record("new"), "one")
        assert claim is not None
        buyer = await store.credit(claim, "target-of-subscription-0")
        for principal in (PRINCIPAL, "key:reports"):
            await store.reserve_seats(SeatReservation(principal, "new", 1, now), now - 3600, refuse)
    assert buyer == operation_id(PRINCIPAL, "done-1")
    assert reserved == [5, 0]


async def test_seats_that_were_reserved_again_after_an_hour_count_once(url: str) -> None:
    for table, columns in (
        ("workflow_input", "replace(inputs, '\"seats\":5', '\"seats\":7')"),
        ("workflow_status", "'SUCCESS'"),
    ):
        changed = "inputs" if table == "workflow_input" else "status, name, created_at, updated_at"
        values = columns if table == "workflow_input" else f"{columns}, 'seats', 0, 0"
        old(
            url,
            f"INSERT INTO {{old}}{table} (workflow_uuid, {changed})"  # noqa: S608
            f" SELECT workflow_uuid || '0', {values} FROM {{old}}{table}"
            " WHERE workflow_uuid LIKE '%seats.1'",
        )
    old(
        url,
        "UPDATE {old}workflow_input SET inputs ="
        " replace(inputs, '\"at\":1796058175.0975413', '\"at\":1796068175.0')"
        " WHERE workflow_uuid LIKE '%seats.10'",
    )
    async with open_store(url):
        found = execute_sql(url, "SELECT seats FROM {s}seats")
    assert found == [(7,)]


@pytest.mark.parametrize(
    ("key", "state"), [("hang-1", OperationState.IN_DOUBT), ("away-1", OperationState.FAILED)]
)
async def test_an_operation_that_failed_by_a_fault_of_that_version_ends_correctly(
    url: str, key: str, state: OperationState
) -> None:
    failed_id = operation_id(PRINCIPAL, key)
    old(
        url,
        f"UPDATE {{old}}workflow_status SET status = 'ERROR'"  # noqa: S608
        f" WHERE workflow_uuid = '{failed_id}'",
    )
    async with open_store(url) as store:
        found = await store.get(failed_id)
        holders = execute_sql(
            url,
            f"SELECT 1 FROM {{s}}subjects WHERE operation_id = '{failed_id}'",  # noqa: S608
        )
    assert found is not None
    assert found.result is not None
    assert found.result.outcome.state is state
    assert bool(holders) is (state is OperationState.IN_DOUBT)


async def test_simultaneous_and_repeated_opens_import_once(url: str) -> None:
    stores = [build_store(url, LONG_TIMEOUTS) for _ in range(4)]
    await asyncio.gather(*(each.open() for each in stores))
    counts = execute_sql(url, "SELECT count(*) FROM {s}operations")
    record = await stores[0].get(operation_id(PRINCIPAL, "away-1"))
    assert record is not None
    await stores[0].acquire_lease("one")
    taken = await stores[0].take_over("one", {})
    await asyncio.gather(*(each.close() for each in stores))
    execute_sql(url, "DELETE FROM {s}seats")
    async with open_store(url) as store:
        assert {each.claim for each in await store.list_owned("one")} == {
            each.claim for each in taken
        }
    assert execute_sql(url, "SELECT count(*) FROM {s}operations") == counts
    assert execute_sql(url, "SELECT count(*) FROM {s}seats") == [(0,)]
    assert len(taken) == 10


async def test_a_dry_run_imports_nothing(url: str) -> None:
    store = build_store(url, LONG_TIMEOUTS)
    await store.dry_run()
    await store.close()
    with pytest.raises((psycopg.errors.UndefinedTable, sqlite3.OperationalError)):
        execute_sql(url, "SELECT * FROM {s}operations")


@contextlib.contextmanager
def living(url: str, name: str) -> Iterator[None]:
    """Hold the name of a process of that version, as it did."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        with path.with_name(f"{path.name}.{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
    else:
        digest = hashlib.blake2b(name.encode(), digest_size=8, person=b"executor").digest()
        lock = int.from_bytes(digest, signed=True)
        with psycopg.connect(url) as session:
            session.execute("SELECT pg_advisory_lock(%s)", (lock,))
            yield


@pytest.mark.parametrize(
    "name", ["slot-0", "slot-3"], ids=["which has open ones", "which has none"]
)
async def test_nothing_is_imported_while_a_process_of_that_version_runs(
    url: str, name: str
) -> None:
    store = build_store(url, LONG_TIMEOUTS)
    with living(url, name):
        for opening in (store.open, store.dry_run):
            with pytest.raises(
                StoreUnavailable, match=r"previous version.*Stop (it|that gateway) first"
            ):
                await opening()
    await store.open()
    assert await store.get(operation_id(PRINCIPAL, "done-1")) is not None
    await store.close()


async def test_an_import_leaves_the_old_tables_unchanged(url: str) -> None:
    statement = "SELECT count(*), max(updated_at), min(status), max(status) FROM {s}workflow_status"
    statement = statement.replace("{s}", "dbos." if url.startswith("postgresql") else "")
    before = execute_sql(url, statement)
    async with open_store(url):
        pass
    assert execute_sql(url, statement) == before
