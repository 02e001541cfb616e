"""A gateway that kills itself, as `kill -9` would, at a point that no upstream can see.

Run as a program with the point as its argument; settings come from the environment.
"""

import os
import signal
import sys
from typing import Any

import typer

import gateway.performing.writes
from gateway.operations.entries import Facts, Sent
from gateway.operations.partner import Clock, Partner
from gateway.operations.record import Record
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.base import OperationStore
from gateway.operations.store.health import StoreTimeouts
from gateway.performing.partner import PartnerByKind
from gateway.server.gateway import serve_gateway
from gateway.settings import load_settings

POINT = sys.argv[1]


def die_at(point: str) -> None:
    if point == POINT:
        os.kill(os.getpid(), signal.SIGKILL)


class DyingRuntime(OperationRuntime):
    def __init__(
        self,
        store: OperationStore,
        partner: Partner,
        clock: Clock,
        *,
        lines_at_once: int,
        timeouts: StoreTimeouts,
    ) -> None:
        super().__init__(
            store,
            partner,
            clock,
            lines_at_once=lines_at_once,
            timeouts=timeouts,
            renew_every_s=0.2,
        )

    async def submit(self, record: Record) -> Record:
        die_at("before the record")
        return await super().submit(record)


class DyingPartner(PartnerByKind):
    async def send(self, record: Record, facts: Facts, correlation_id: str) -> Sent:
        die_at("before the send")
        sent = await super().send(record, facts, correlation_id)
        die_at("before the answer's commit")
        die_at(f"before the answer's commit of {record.idempotency_key}")
        return sent


if __name__ == "__main__":
    module: Any = gateway.performing.writes
    module.OperationRuntime = DyingRuntime
    module.PartnerByKind = DyingPartner
    serve_gateway(load_settings(os.environ), lambda started: typer.echo(started.url))
