"""DBOS, the library that makes workflows durable: started, named and stopped here alone.

It is one for a process and keeps state of its own in its modules; all of that is made when a
`Durable` starts and gone when it has stopped. Its workflows run on the loop it was started on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from gateway.operations.entries import (
    Announced,
    Checked,
    Ended,
    Followed,
    Looked,
    Sent,
    Settlement,
    Waiting,
)
from gateway.operations.late import dbos, load, sqlalchemy
from gateway.operations.newest import CREATED, PositionsKey, created_us
from gateway.operations.record import Record, Stored
from gateway.operations.store import HeldName, Store, StoreUnavailable
from resolvers.ports.operations import Position
from resolvers.ports.refusals import KeyReused

S = TypeVar("S", bound=Stored)
Run = Callable[[Record], Awaitable[Ended]]

# Of the stored form. Operations of another version are not resumed by this code.
_VERSION: Final = "1"
_STEP_KINDS: Final[dict[str, type[Stored]]] = {
    "check": Checked,
    "send": Sent,
    "announce": Announced,
    "look": Looked,
    "wait": Waiting,
    "follow": Followed,
}
_WORKFLOW: Final = "operation"
_OPEN: Final = ("PENDING", "ENQUEUED")
_LOGGER: Final = "dbos"


@dataclass(frozen=True, slots=True)
class Row:
    """An operation as it is stored.

    Attributes:
        ended: its output, if it has ended as it should.
        is_broken: it was ended by a fault.
    """

    record: Record
    ended: Ended | None
    is_broken: bool
    updated_at: float


class DurableJournal:
    """Records steps of the workflow it is used in.

    Args:
        on_start: called with the name of each step that is done, not of one that is replayed.
        note: called with each end, a replayed one too.
    """

    def __init__(self, on_start: Callable[[str], None], note: Callable[[Stored], None]) -> None:
        self._on_start = on_start
        self._note = note

    async def step(self, name: str, kind: type[S], act: Callable[[], Awaitable[S]]) -> S:
        """Do a step, or return its recorded end."""

        async def acted() -> Any:
            self._on_start(name)
            return msgspec.to_builtins(await act())

        end = msgspec.convert(await dbos.DBOS.run_step_async({"name": name}, acted), kind)
        self._note(end)
        return end


class Durable:
    """The workflows of one store.

    Args:
        run: does what a record says, from its start or again after a crash.
        kept_beside: tell DBOS what else is kept in the store, before it is launched.
        load_beside: reads what else is needed of the store, in a thread, before it counts as open.
    """

    def __init__(
        self,
        store: Store,
        run: Run,
        kept_beside: Sequence[Callable[[], None]],
        load_beside: Callable[[], None],
    ) -> None:
        self._store = store
        self._run = run
        self._kept_beside = kept_beside
        self._load_beside = load_beside
        self._name: HeldName | None = None
        self._start: Any = None
        self._settle: Any = None

    async def start(self) -> None:
        """Open the store and resume what this process's name or dead ones left open.

        Raises StoreUnavailable when the store cannot be opened.
        """
        await asyncio.to_thread(load)
        if dbos._dbos._dbos_global_instance is not None:  # noqa: SLF001 - it would be shared silently
            raise StoreUnavailable("another gateway in this process keeps operations already")
        try:
            await asyncio.to_thread(self._store.prepare)
            self._name = await asyncio.to_thread(self._store.take_name)
            self._launch(self._name)
            await asyncio.to_thread(self._store.index)
            await asyncio.to_thread(self._load_beside)
            await self.take_over()
        except StoreUnavailable:
            await self.stop()
            raise
        except (dbos.error.DBOSException, sqlalchemy.exc.SQLAlchemyError, OSError) as cause:
            await self.stop()
            raise StoreUnavailable(f"operations cannot be recorded: {cause}") from cause

    def _launch(self, own: HeldName) -> None:
        _quiet_logger()
        dbos.DBOS(config=_config(self._store, own))
        self._start = self._registered()
        self._settle = self._registered_settlement()
        for register in self._kept_beside:
            register()
        dbos.DBOS.launch()

    async def take_over(self) -> list[str]:
        """Resume what dead executors left open, here or on any other process; returns their names.

        Raises StoreUnavailable.
        """
        await asyncio.to_thread(self._store.keep_name)
        left = await asyncio.to_thread(self._store.left_names)
        names = [each.name for each in left]
        try:
            if names:
                await asyncio.to_thread(dbos.DBOS._recover_pending_workflows, names)  # noqa: SLF001 - the only way to name executors
        finally:
            # What was resumed bears its new executor's name.
            for each in left:
                await asyncio.to_thread(each.release)
        return names

    async def stop(self) -> None:
        """Close the store; what has not ended is resumed by the next start."""
        with ThreadPoolExecutor(1) as thread:
            stopping = thread.submit(dbos.DBOS.destroy, destroy_registry=True)
            await asyncio.wrap_future(stopping)
        # DBOS had made its own pool, now shut down, the loop's default.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        if self._name is not None:
            self._name.release()
            self._name = None
        self._store.close()

    def _registered(self) -> Any:
        """Tell DBOS what a record is carried out by; it takes plain functions."""

        async def operation(record: Any) -> Any:
            return msgspec.to_builtins(await self._run(msgspec.convert(record, Record)))

        return dbos.DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=None)(operation)

    @staticmethod
    def _registered_settlement() -> Any:
        """Tell DBOS about settlements: records that do nothing, written once for each id."""

        async def settlement(settled: Any) -> Any:
            return settled

        return dbos.DBOS.workflow(name="settlement")(settlement)

    async def begin(self, record: Record) -> bool:
        """Record an operation and run it; False when it was recorded already, elsewhere.

        Raises KeyReused when the id is a batch's.
        """
        whose = dbos.DBOSContextSetAuth(record.order.customer_id.lower(), None)
        created = created_us(record.created_at)
        what = dbos.SetWorkflowAttributes({"subject": record.subject, CREATED: created})
        try:
            with dbos.SetWorkflowID(record.id), whose, what:
                handle = await dbos.DBOS.start_workflow_async(
                    self._start, msgspec.to_builtins(record)
                )
        except dbos.error.DBOSConflictingWorkflowError as conflict:
            raise KeyReused from conflict
        return hasattr(handle, "task")  # which only the handle of an execution here has

    async def settle(self, settlement: Settlement) -> Settlement:
        """Record a settlement unless there is one; returns which is recorded."""
        with dbos.SetWorkflowID(_settled_id(settlement.operation_id)):
            await dbos.DBOS.start_workflow_async(self._settle, msgspec.to_builtins(settlement))
        return await self.settlement(settlement.operation_id) or settlement

    async def settlement(self, operation_id: str) -> Settlement | None:
        """Read how an operation was settled; None when it was not."""
        status = await dbos.DBOS.get_workflow_status_async(_settled_id(operation_id))
        if status is None:
            return None
        inputs: Any = status.input
        return msgspec.convert(inputs["args"][0], Settlement)

    async def row(self, operation_id: str) -> Row | None:
        """Read an operation; None when there is none."""
        status = await dbos.DBOS.get_workflow_status_async(operation_id)
        return None if status is None or status.name != _WORKFLOW else _row(status)

    async def rows(self, key: PositionsKey) -> list[tuple[Position, Row]]:
        """Read a page of operations, each with its position. Raises StoreUnavailable."""
        positions = await asyncio.to_thread(self._store.positions, key)
        rows = {row.record.id: row for row in await self._rows_of([each for _, each in positions])}
        return [(position, rows[position[1]]) for position in positions if position[1] in rows]

    async def rows_on(self, subject: str, *, besides: str | None = None) -> list[Row]:
        """Read all operations on a subject but one, newest first. Raises StoreUnavailable."""
        found_ids = await asyncio.to_thread(self._store.ids_on, subject)
        rows = await self._rows_of([each for each in found_ids if each != besides])
        return sorted(rows, key=lambda row: (row.record.created_at, row.record.id), reverse=True)

    async def _rows_of(self, ids: list[str]) -> list[Row]:
        if not ids:
            return []
        return [_row(each) for each in await dbos.DBOS.list_workflows_async(workflow_ids=ids)]

    async def entries(self, operation_id: str) -> Sequence[Stored]:
        """Read the ends of an operation's steps, in order."""
        steps = await dbos.DBOS.list_workflow_steps_async(operation_id)
        return [
            msgspec.convert(step["output"], _STEP_KINDS[step["function_name"]])
            for step in steps
            if step["function_name"] in _STEP_KINDS and step["output"] is not None
        ]


def _settled_id(operation_id: str) -> str:
    return f"{operation_id}.settled"


def _row(status: "dbos.WorkflowStatus") -> Row:
    inputs: Any = status.input
    is_ended = status.status == "SUCCESS"
    return Row(
        record=msgspec.convert(inputs["args"][0], Record),
        ended=msgspec.convert(status.output, Ended) if is_ended else None,
        is_broken=not is_ended and status.status not in _OPEN,
        updated_at=(status.updated_at or status.created_at or 0) / 1000,
    )


def _config(store: Store, own: HeldName) -> "dbos.DBOSConfig":
    return {
        "name": "upgrade-gateway",
        "system_database_url": store.url,
        "db_engine_kwargs": store.engine_options,
        "application_version": _VERSION,
        "executor_id": own.name,
        "serializer": dbos.DBOSPortableJSONSerializer(),
        "log_level": "WARNING",
        "enable_otlp": False,
        # Nothing here is scheduled or notified; these are how long a stop waits for the threads.
        "notification_listener_polling_interval_sec": 0.1,
        "scheduler_polling_interval_sec": 1.0,
    }


def _quiet_logger() -> None:
    """Let DBOS log through whatever the process logs through; it adds a handler where none is."""
    logger = logging.getLogger(_LOGGER)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
