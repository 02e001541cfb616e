"""Several threads decode stored types, which were used once at import."""

import asyncio
import sys
from pathlib import Path
from typing import Final

from gateway.operations.model.steps import CheckResult, OperationOutcome, OperationResult
from schema.operation import OperationState
from tests.support.stores import make_record, open_store

_ROOT: Final = Path(__file__).parents[4]
_READ: Final = """
import asyncio, sys, threading
from tests.support.stores import open_store

prepared = set()

def note(frame, event, _):
    if frame.f_code.co_filename.endswith("msgspec/_utils.py"):
        prepared.add(frame.f_code.co_name)

async def read(url, still_open, ended):
    async with open_store(url) as store:
        threading.setprofile(note)
        sys.setprofile(note)
        found = await store.get(still_open)
        assert found.record.subject and found.steps
        assert (await store.get(ended)).result
        sys.setprofile(None)

asyncio.run(read(*sys.argv[1:]))
sys.exit(f"prepared by {prepared}" if prepared else 0)
"""


async def test_operations_are_read_without_preparing_a_type_for_msgspec(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/operations.db"
    still_open, ended = make_record("key-1"), make_record("key-2")
    async with open_store(url) as store:
        await store.acquire_lease("process-1")
        claims = [await store.record(each, "process-1") for each in (still_open, ended)]
        assert claims[0] is not None
        assert claims[1] is not None
        await store.append(claims[0], 0, "check", CheckResult(at=1.0))
        ending = OperationOutcome(state=OperationState.REFUSED, at=1.0)
        await store.finish(claims[1], OperationResult(outcome=ending))
    reading = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _READ, url, still_open.id, ended.id, cwd=_ROOT
    )

    assert await reading.wait() == 0
