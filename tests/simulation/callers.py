"""Callers, who submit, read, watch, cancel and settle operations."""

import asyncio
import contextlib
from collections.abc import Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Protocol

from gateway.operations.model.record import operation_id
from resolvers.orders import Order, UpgradeOrder
from resolvers.ports.batches import BatchAlreadyEnded
from resolvers.ports.errors import OperationsUnavailable
from resolvers.ports.operations import NotInDoubt, OperationsKey
from schema.batch import BatchState
from schema.keys import BatchLinesKey
from schema.operation import OPEN_STATES, OperationState, UpgradeOperation
from tests.simulation.faults import MAX_LATENESS_S, RESPONSE_TIMEOUT_S
from tests.simulation.invariants import InvariantChecker
from tests.simulation.loop import SimulatedLoop
from tests.simulation.processes import Machine, ProcessGone, ProcessRun
from tests.simulation.tables import Tables

_TRIES: Final = 40


@dataclass(frozen=True, slots=True)
class Submission:
    """The orders that are submitted under one key; a batch has several."""

    principal: str
    key: str
    orders: tuple[Order, ...]
    is_batch: bool = False

    @property
    def id(self) -> str:
        """The id of the operation or batch."""
        return operation_id(self.principal, self.key)


class CallerWorld(Protocol):
    """The parts of the world that callers use."""

    @property
    def loop(self) -> SimulatedLoop: ...

    @property
    def machines(self) -> list[Machine]: ...

    @property
    def tables(self) -> Tables: ...

    @property
    def checker(self) -> InvariantChecker: ...

    def trace(self, source: object, what: str) -> None: ...


@dataclass
class Callers:
    """All callers.

    Attributes:
        acknowledged: submissions that a process has confirmed as recorded, by id.
    """

    world: CallerWorld
    random: Random
    acknowledged: dict[str, Submission] = field(default_factory=dict)
    _traced: dict[tuple[str, str], OperationState] = field(default_factory=dict)

    async def submit_until_acknowledged(self, submission: Submission) -> None:
        """Submit with the same key, at random processes, until one acknowledges it."""
        while True:
            await asyncio.sleep(self.random.uniform(0.0, 4.0))
            run = self._pick_run()
            if run is None:
                continue
            run.receive_token(submission.principal)
            try:
                await self._submit(run, submission)
            except (ProcessGone, TimeoutError, OperationsUnavailable) as error:
                self.world.trace("caller", f"{submission.key} at {run.name}: {error!r}")
                continue
            return

    async def _submit(self, run: ProcessRun, submission: Submission) -> None:
        within_s = self.random.choice((0.5, 5.0, 30.0))
        if submission.is_batch:
            work = self._submit_batch(run, submission, within_s)
        else:
            work = self._submit_one(run, submission, within_s)
        await run.request(work, within_s + self.random.choice((1.0, 30.0)))

    async def _submit_one(self, run: ProcessRun, submission: Submission, within_s: float) -> None:
        operations, requested_at = run.operations(submission.principal), self._now()
        submitted = await operations.submit(submission.orders[0], submission.key)
        self._check_response(run, submitted, requested_at)
        self.acknowledged[submission.id] = submission
        self.world.trace(run, f"{submission.key} is acknowledged: {submitted.state.name}")
        requested_at = self._now()
        self._check_response(
            run, await operations.wait_for_outcome(submitted.id, within_s), requested_at
        )

    async def _submit_batch(self, run: ProcessRun, submission: Submission, within_s: float) -> None:
        batches, requested_at = run.batches(submission.principal), self._now()
        orders = [order for order in submission.orders if isinstance(order, UpgradeOrder)]
        submitted = await batches.submit(orders, submission.key)
        self.world.checker.check_batch_response(submitted, requested_at)
        self.acknowledged[submission.id] = submission
        self.world.trace(run, f"batch {submission.key} is acknowledged: {submitted.state.name}")
        requested_at = self._now()
        self.world.checker.check_batch_response(
            await batches.wait_for_outcome(submitted.id, within_s), requested_at
        )

    async def read_repeatedly(self) -> None:
        """Read random acknowledged submissions at random processes."""
        while True:
            await asyncio.sleep(self.random.uniform(0.1, 4.0))
            submission, run = self._pick_submission(), self._pick_run()
            if submission is not None and run is not None:
                await self._try_request(run, self._read(run, submission, self.random.randrange(4)))

    async def read_all(self, run: ProcessRun) -> None:
        """Check that one process finds all acknowledged submissions."""
        for _ in range(_TRIES):
            try:
                for submission in list(self.acknowledged.values()):
                    await run.request(self._read(run, submission, 0))
            except OperationsUnavailable as error:
                last = error
                await asyncio.sleep(1.0)
            else:
                return
        self.world.checker.fail(f"{run.name} cannot be read: {last}")

    async def _read(self, run: ProcessRun, submission: Submission, way: int) -> None:
        if submission.is_batch:
            await self._read_batch(run, submission)
            return
        operations, requested_at = run.operations(submission.principal), self._now()
        if way == 0:
            found = await operations.find_by_key(submission.key)
            if found is None:
                self.world.checker.fail(
                    f"{submission.key} was acknowledged, {run.name} does not find it"
                )
                return
            self._check_response(run, found, requested_at)
        elif way == 1:
            for each in (await operations.list_page(OperationsKey(100))).operations:
                self._check_response(run, each, requested_at)
        elif isinstance(submission.orders[0], UpgradeOrder):
            for each in await operations.list_for_subscription(submission.orders[0].source):
                self._check_response(run, each, requested_at)

    async def _read_batch(self, run: ProcessRun, submission: Submission) -> None:
        batches, requested_at = run.batches(submission.principal), self._now()
        found = await batches.find(submission.id)
        if found is None:
            self.world.checker.fail(
                f"{submission.key} was acknowledged, {run.name} does not find it"
            )
            return
        self.world.checker.check_batch_response(found, requested_at)
        requested_at = self._now()
        for line in (await batches.list_lines(BatchLinesKey(submission.id, 100))).lines:
            self._check_response(run, line.operation, requested_at)

    async def watch_repeatedly(self) -> None:
        """Watch random submissions at random processes."""
        while True:
            await asyncio.sleep(self.random.uniform(0.5, 5.0))
            submission, run = self._pick_submission(), self._pick_run()
            if submission is not None and run is not None:
                await self._try_request(
                    run, self._watch(run, submission), self.random.uniform(1.0, 60.0)
                )

    async def _watch(self, run: ProcessRun, submission: Submission) -> None:
        if submission.is_batch:
            async with aclosing(run.batches(submission.principal).watch(submission.id)) as batches:
                async for batch in batches:
                    self.world.checker.check_batch_response(batch, 0.0)
            return
        last: UpgradeOperation | None = None
        async with aclosing(
            run.operations(submission.principal).watch(submission.id)
        ) as operations:
            async for last in operations:
                self._check_response(run, last, 0.0, is_exact=False)
        if last is None or last.state in OPEN_STATES:
            self.world.checker.fail(f"a watch of {submission.key} ended before its outcome")

    async def cancel(self, submission: Submission) -> None:
        """Cancel a batch after a random delay."""
        await asyncio.sleep(self.random.uniform(0.0, 30.0))
        run = self._pick_run()
        if run is not None and submission.id in self.acknowledged:
            await self._try_request(run, self._cancel(run, submission))

    async def _cancel(self, run: ProcessRun, submission: Submission) -> None:
        self.world.trace(run, f"cancels {submission.key}")
        requested_at = self._now()
        try:
            found = await run.batches(submission.principal).cancel(submission.id)
        except BatchAlreadyEnded:
            return
        assert found is not None
        self.world.checker.note_cancellation(submission.id)
        self.world.checker.check_batch_response(found, requested_at)
        if found.state not in {BatchState.CANCELLING, BatchState.CANCELLED, BatchState.COMPLETED}:
            self.world.checker.fail(f"{submission.key} was cancelled, and is {found.state.name}")

    async def settle_repeatedly(self) -> None:
        """Settle operations in doubt correctly, once their last POST can no longer take effect."""
        while True:
            await asyncio.sleep(self.random.uniform(2.0, 20.0))
            for found in list(self.world.tables.operations()):
                is_in_doubt = (
                    found.result is not None
                    and found.result.outcome.state is OperationState.IN_DOUBT
                    and found.settlement is None
                )
                record, run = found.record, self._pick_run()
                if not is_in_doubt or run is None or not self._is_quiet(record.request_id):
                    continue
                is_done = bool(self.world.checker.purchases[record.request_id])
                await self._try_request(
                    run, self._settle(run, record.principal, record.id, is_done)
                )

    def _is_quiet(self, request_id: str) -> bool:
        posted_at = self.world.checker.posted_at.get(request_id, 0.0)
        return self._now() > posted_at + RESPONSE_TIMEOUT_S + MAX_LATENESS_S + 20.0

    async def _settle(self, run: ProcessRun, principal: str, id: str, is_done: bool) -> None:
        self.world.trace(run, f"{id} is settled: is_done={is_done}")
        requested_at = self._now()
        try:
            found = await run.operations(principal).settle(id, is_done=is_done, note="checked")
        except NotInDoubt:
            return
        assert found is not None
        self._check_response(run, found, requested_at)

    async def _try_request(
        self, run: ProcessRun, work: Coroutine[Any, Any, None], within_s: float = 30.0
    ) -> None:
        with contextlib.suppress(ProcessGone, TimeoutError, OperationsUnavailable):
            await run.request(work, within_s)

    def _check_response(
        self,
        run: ProcessRun,
        response: UpgradeOperation,
        requested_at: float,
        *,
        is_exact: bool = True,
    ) -> None:
        if run.actor.is_killed:
            return
        if self._traced.get((run.name, response.id)) is not response.state:
            self._traced[run.name, response.id] = response.state
            self.world.trace(run, f"tells {response.id} {response.state.name}")
        self.world.checker.check_response(response, requested_at, is_exact=is_exact)

    def _pick_run(self) -> ProcessRun | None:
        return self.random.choice(self.world.machines).run

    def _pick_submission(self) -> Submission | None:
        return self.random.choice(list(self.acknowledged.values())) if self.acknowledged else None

    def _now(self) -> float:
        return self.world.loop.time()
