"""Operations are followed from change to change."""

import asyncio
from collections.abc import AsyncGenerator

from gateway.operations.model.record import OperationRecord, Policy, create_record
from gateway.operations.model.steps import (
    AttemptIntended,
    AttemptIntent,
    OperationOutcome,
    OperationResult,
)
from gateway.operations.running_operation import RunningOperation
from gateway.operations.snapshot import OperationSnapshot, replay
from gateway.operations.store.base import Claim
from gateway.operations.streams import OperationStreams
from schema.operation import OperationState
from tests.support.clock import FakeClock
from tests.support.fake_partner import ORDER
from tests.support.waiting import run_ready_tasks

RECORD = create_record(ORDER, "somebody", "key-1", request_id="r", now=1.0, policy=Policy())
SENT = AttemptIntended(
    intent=AttemptIntent(number=1, correlation_id="c", process_run_id="here", at=2.0)
)
DONE = OperationResult(outcome=OperationOutcome(state=OperationState.DONE, at=3.0))


class Here:
    """One operation that runs in this process."""

    def __init__(self, record: OperationRecord) -> None:
        self.found = RunningOperation(record, Claim(record.id, "here", 1))
        self.reads = 0

    def find_running(self, operation_id: str) -> RunningOperation | None:
        return self.found

    async def get(self, operation_id: str) -> OperationSnapshot | None:
        self.reads += 1
        return replay(self.found.record, self.found.steps, self.found.result)


class Elsewhere:
    """One operation of another process, which stands as the script says at each look."""

    def __init__(self, *script: OperationSnapshot | None) -> None:
        self._script = list(script)

    def find_running(self, operation_id: str) -> RunningOperation | None:
        return None

    async def get(self, operation_id: str) -> OperationSnapshot | None:
        return self._script.pop(0)


async def states(changes: AsyncGenerator[OperationSnapshot, None]) -> list[str]:
    return [found.state.name async for found in changes]


async def test_a_running_operation_of_this_process_is_watched_without_reading_the_store() -> None:
    operations = Here(RECORD)
    watches = OperationStreams(operations, FakeClock())
    followers = [asyncio.create_task(states(watches.watch(RECORD.id))) for _ in range(50)]
    await run_ready_tasks()
    operations.found.add_step(SENT)
    await run_ready_tasks()
    operations.found.set_result(DONE)

    found = await asyncio.gather(*followers)

    assert found == [["QUEUED", "RUNNING", "DONE"]] * 50
    assert operations.reads == 3


async def test_an_ended_operation_is_one_event() -> None:
    operations = Here(RECORD)
    operations.found.set_result(DONE)

    assert await states(OperationStreams(operations, FakeClock()).watch(RECORD.id)) == ["DONE"]


async def test_a_change_in_another_process_is_seen_within_a_second() -> None:
    accepted = replay(RECORD, (), None)
    running = replay(RECORD, (SENT,), None)
    done = replay(RECORD, (SENT,), DONE)
    clock = FakeClock()
    operations = Elsewhere(*[accepted] * 6, running, running, done)

    found = await states(OperationStreams(operations, clock).watch(RECORD.id))

    assert found == ["QUEUED", "RUNNING", "DONE"]
    assert clock.slept == [0.5] * 8


async def test_an_unknown_operation_has_no_events() -> None:
    assert await states(OperationStreams(Elsewhere(None), FakeClock()).watch("unknown")) == []
