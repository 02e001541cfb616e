"""A gateway that kills itself, as `kill -9` would, at a point that no upstream can see.

Run as a program with the point as its argument; settings come from the environment.
"""

import os
import signal
import sys
from typing import Any

import typer

import gateway.app
from gateway.operations.engine import Engine
from gateway.operations.record import Facts, Record, Sent
from gateway.performing.partner import PartnerByKind
from gateway.serving.gateway import serve
from gateway.settings import load

POINT = sys.argv[1]


def die_at(point: str) -> None:
    if point == POINT:
        os.kill(os.getpid(), signal.SIGKILL)


class DyingEngine(Engine):
    async def submit(self, record: Record) -> Record:
        die_at("before the record")
        return await super().submit(record)


class DyingPartner(PartnerByKind):
    async def send(self, record: Record, facts: Facts, correlation_id: str) -> Sent:
        die_at("before the send")
        sent = await super().send(record, facts, correlation_id)
        die_at("before the answer's commit")
        return sent


if __name__ == "__main__":
    root: Any = gateway.app
    root.Engine = DyingEngine
    root.PartnerByKind = DyingPartner
    serve(load(os.environ), lambda started: typer.echo(started.url))
