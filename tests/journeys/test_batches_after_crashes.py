"""A batch with every kind of fault and a killed process: each line ends and is bought once."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.sandbox.faults import Fault, FaultKind
from gateway.sandbox.options import SandboxOptions, ThrottleOptions, Timings
from tests.support.batch_documents import line_input, read_all_lines, submit_batch
from tests.support.possible_upgrades import (
    expected_state,
    list_possible_product_upgrades,
    list_possible_transitions,
    list_possible_upgrades,
)
from tests.support.processes import client_at, gateway_environment, gateway_process
from tests.support.server import serving
from tests.support.waiting import HANG_TIMEOUT_S, eventually

Line = dict[str, object]

LINES: Final = 500
SENDS: Final = ("perform_upgrade", "create_transition", "create_product_upgrade")
FAULTS: Final[dict[str, dict[str, Any]]] = {
    "429": {"kind": FaultKind.THROTTLED, "seconds": 1},
    "500": {"kind": FaultKind.STATUS, "status": 500},
    "timeout": {"kind": FaultKind.SLOW_ANSWER, "seconds": HANG_TIMEOUT_S},
    "request lost": {"kind": FaultKind.CUT_BEFORE},
    "answer lost": {"kind": FaultKind.CUT_AFTER},
}
# Few timeouts, because the test waits for each of them.
_OFTEN: Final = (4, 4, 1, 4, 4)
_STEP_S: Final = 0.01


class SteppingClock:
    """Stands still until `steps`. Then each look at it moves it, so that polled orders end."""

    def __init__(self) -> None:
        self.steps = False
        self._now = time.time()

    def __call__(self) -> float:
        self._now += _STEP_S if self.steps else 0.0
        return self._now


@dataclass(frozen=True, slots=True)
class Mixture:
    """The number of lines of each kind, in the order of `SENDS`.

    Attributes:
        killed_at: how many have been bought when the process is killed. Until then the vendor ends
            no order that it has accepted.
    """

    counts: tuple[int, int, int]
    killed_at: int

    def list_lines(self, sandbox: Sandbox) -> list[Line]:
        upgrades = map(line_input, list_possible_upgrades(sandbox))
        listed: tuple[Iterator[Line], ...] = (
            upgrades,
            list_possible_transitions(sandbox),
            list_possible_product_upgrades(sandbox),
        )
        lines: list[Line] = []
        for count, found in zip(self.counts, listed, strict=True):
            lines += islice(found, count)
        return lines


MIXTURES: Final = {
    "license upgrades": Mixture((LINES, 0, 0), killed_at=200),
    "orders of every kind": Mixture((260, 180, 60), killed_at=300),
}


def struck(lines: Sequence[Line]) -> Iterator[Fault]:
    """Yield random faults for a quarter of the lines, for some of them two in a row."""
    chance = random.Random(7)  # noqa: S311 - the same faults each time
    product_upgrades = 0
    for line in lines:
        source_id, skip = line.get("subscriptionId"), 0
        if source_id is None:
            # The vendor's paths do not name the customer: these calls are counted instead.
            operation, skip = SENDS[2], product_upgrades
            product_upgrades += 1
        else:
            operation = SENDS["toCatalogItemId" in line]
        for _ in range(chance.choice((0, 0, 0, 0, 0, 0, 1, 2))):
            (members,) = chance.choices(list(FAULTS.values()), _OFTEN)
            yield Fault(
                operation=operation,
                subscription_id=None if source_id is None else str(source_id),
                skip=skip,
                **members,
            )


def batch_input(lines: Sequence[Line], **others: object) -> dict[str, object]:
    return {"idempotencyKey": "key-1", "lines": lines, "waitSeconds": 60, **others}


async def ended(client: httpx.AsyncClient, lines: Sequence[Line]) -> dict[str, Any]:
    """Send the same batch again, which waits for it to end."""
    payload = await eventually(
        lambda: submit_batch(client, batch_input(lines)),
        lambda payload: payload["batch"]["state"] != "RUNNING",
    )
    batch: dict[str, Any] = payload["batch"]
    return batch


@pytest.mark.parametrize("mixture", MIXTURES.values(), ids=MIXTURES)
async def test_500_lines_are_bought_once_through_faults_and_a_kill(
    tmp_path: Path, mixture: Mixture
) -> None:
    clock = SteppingClock()
    sandbox = create_sandbox(
        SandboxOptions(
            customers=150,
            throttle=ThrottleOptions(enabled=False),
            timings=Timings(
                provisioning_s=0,
                upgrade_pending_s=_STEP_S / 4,
                upgrade_in_progress_s=_STEP_S / 4,
                conversion_s=_STEP_S / 4,
                reassignment_s=_STEP_S / 4,
            ),
        ),
        clock=clock,
    )
    given = mixture.list_lines(sandbox)
    assert len(given) == LINES
    sandbox.faults.add(*struck(given))
    performed = sandbox.world.upgrades_performed
    async with serving(sandbox) as sandbox_url:
        environ = {
            **gateway_environment(sandbox_url, f"sqlite:///{tmp_path}/operations.db"),
            "UPGRADE_GATEWAY_OPERATIONS__INITIAL_BACKOFF_S": "0.05",
        }
        async with (
            gateway_process(environ, program="short_timeout_gateway") as (running, url),
            client_at(url) as client,
        ):
            payload = await submit_batch(client, batch_input(given, waitSeconds=0))
            assert payload["userErrors"] == []
            batch_id = payload["batch"]["id"]
            await sandbox.calls.wait_until(lambda _: performed.total() >= mixture.killed_at)
            running.kill()
            await running.wait()
        bought_before = performed.total()
        clock.steps = True
        async with (
            gateway_process(environ, program="short_timeout_gateway") as (_, url),
            client_at(url) as client,
        ):
            batch = await ended(client, given)
            lines = await read_all_lines(client, batch_id)

    assert mixture.killed_at <= bought_before < LINES
    right = [expected_state(sandbox, line) for line in given]
    assert [each["operation"]["state"] for each in lines] == right
    assert (batch["state"], batch["counts"]["done"]) == ("COMPLETED", right.count("DONE"))
    assert set(performed.values()) == {1}
    assert len(performed) == right.count("DONE") > LINES - 10
    assert len(sandbox.faults) == 0
    # On a slow machine a send may be seen too late. Its request id prevents a second purchase.
    sent = {call.request_id for each in SENDS for call in sandbox.calls.for_operation(each)}
    requests = {each["operation"]["requestId"] for each in lines}
    assert len(requests) == LINES
    assert sent <= requests
