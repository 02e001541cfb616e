"""A gateway that kills itself with SIGKILL at a point of an operation.

Run as a program with the point as its argument; settings come from the environment.
"""

import os
import signal
import sys
from dataclasses import dataclass
from typing import Any

import typer

import gateway.families.write_services
import gateway.upstream.client
from gateway.clock import Clock
from gateway.operations.activities import SendSlot, UpgradeFamilies, UpgradeFamily
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import Baseline, Blocker, SendResult
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.base import OperationStore
from gateway.operations.store.health import StoreTimeouts
from gateway.server.gateway import serve_gateway
from gateway.settings import load_settings
from gateway.upstream import scheduler
from gateway.upstream.call import Call
from gateway.upstream.scheduler import RequestScheduler
from gateway.upstream.scope import RequestScope
from tests.support.families import FakeFamily

POINT = sys.argv[1]


def crash_at(point: str) -> None:
    if point == POINT:
        os.kill(os.getpid(), signal.SIGKILL)


class CrashingScheduler(RequestScheduler):
    """Makes a write wait in the queue, if the gateway is to crash there."""

    def try_acquire(self, call: Call, scope: RequestScope) -> scheduler.AttemptSlot | None:
        if POINT == "in the queue" and not call.endpoint.is_safe:
            return None
        return super().try_acquire(call, scope)

    async def acquire(
        self, call: Call, scope: RequestScope, must_open_by: float
    ) -> scheduler.AttemptSlot:
        if not call.endpoint.is_safe:
            crash_at("in the queue")
        return await super().acquire(call, scope, must_open_by)


class CrashingRuntime(OperationRuntime):
    def __init__(
        self,
        store: OperationStore,
        families: UpgradeFamilies,
        clock: Clock,
        *,
        lines_at_once: int,
        timeouts: StoreTimeouts,
    ) -> None:
        super().__init__(
            store,
            CrashingFamilies(families),
            clock,
            lines_at_once=lines_at_once,
            timeouts=timeouts,
            renew_every_s=0.2,
        )

    async def submit(self, record: OperationRecord) -> OperationRecord:
        crash_at("before the record")
        return await super().submit(record)


class CrashingFamily(FakeFamily):
    def __init__(self, family: UpgradeFamily) -> None:
        super().__init__(family, family)

    async def acquire_slot(
        self, record: OperationRecord, baseline: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        slot = await super().acquire_slot(record, baseline, correlation_id)
        crash_at("before the announcement")
        return slot if isinstance(slot, Blocker) else CrashingSlot(slot, record)


@dataclass
class CrashingFamilies:
    families: UpgradeFamilies

    def __getitem__(self, kind: str) -> UpgradeFamily:
        return CrashingFamily(self.families[kind])


@dataclass
class CrashingSlot:
    slot: SendSlot
    record: OperationRecord

    async def send(self) -> SendResult:
        crash_at("before the send")
        sent = await self.slot.send()
        crash_at("before the answer's commit")
        crash_at(f"before the answer's commit of {self.record.idempotency_key}")
        return sent

    def release(self) -> None:
        self.slot.release()


if __name__ == "__main__":
    client: Any = gateway.upstream.client
    client.RequestScheduler = CrashingScheduler
    module: Any = gateway.families.write_services
    module.OperationRuntime = CrashingRuntime
    serve_gateway(load_settings(os.environ), lambda started: typer.echo(started.url))
