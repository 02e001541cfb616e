"""A batch with every kind of fault and a killed process: each line ends and is bought once."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx

from gateway.sandbox.faults import Fault, FaultKind
from gateway.sandbox.options import SandboxOptions, ThrottleOptions, Timings
from tests.support.batch_documents import batch_input, read_all_lines, submit_batch
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.possible_upgrades import expected_state, list_possible_upgrades
from tests.support.processes import client_at, gateway_environment, gateway_process
from tests.support.server import serving
from tests.support.upgrades import PossibleUpgrade
from tests.support.waiting import HANG_TIMEOUT_S, eventually

LINES: Final = 500
KILLED_AT: Final = 200
FAULTS: Final[dict[str, dict[str, Any]]] = {
    "429": {"kind": FaultKind.THROTTLED, "seconds": 1},
    "500": {"kind": FaultKind.STATUS, "status": 500},
    "timeout": {"kind": FaultKind.SLOW_ANSWER, "seconds": HANG_TIMEOUT_S},
    "request lost": {"kind": FaultKind.CUT_BEFORE},
    "answer lost": {"kind": FaultKind.CUT_AFTER},
}
# Few timeouts, because the test waits for each of them.
_OFTEN: Final = (4, 4, 1, 4, 4)


def struck(upgrades: list[PossibleUpgrade]) -> Iterator[Fault]:
    """Yield random faults for a quarter of the lines, for some of them two in a row."""
    chance = random.Random(7)  # noqa: S311 - the same faults each time
    for upgrade in upgrades:
        for _ in range(chance.choice((0, 0, 0, 0, 0, 0, 1, 2))):
            (members,) = chance.choices(list(FAULTS.values()), _OFTEN)
            yield Fault(
                operation="perform_upgrade", subscription_id=upgrade.subscription_id, **members
            )


async def ended(client: httpx.AsyncClient, upgrades: list[PossibleUpgrade]) -> dict[str, Any]:
    """Send the same batch again, which waits for it to end."""
    payload = await eventually(
        lambda: submit_batch(client, batch_input("key-1", upgrades)),
        lambda payload: payload["batch"]["state"] != "RUNNING",
    )
    batch: dict[str, Any] = payload["batch"]
    return batch


async def test_500_lines_are_bought_once_through_faults_and_a_kill(tmp_path: Path) -> None:
    sandbox = frozen_clock_sandbox(
        SandboxOptions(
            customers=150,
            throttle=ThrottleOptions(enabled=False),
            timings=Timings(provisioning_s=0),
        )
    )
    upgrades = [
        upgrade for upgrade, _ in zip(list_possible_upgrades(sandbox), range(LINES), strict=False)
    ]
    assert len(upgrades) == LINES
    sandbox.faults.add(*struck(upgrades))
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
            payload = await submit_batch(client, batch_input("key-1", upgrades, waitSeconds=0))
            batch_id = payload["batch"]["id"]
            await sandbox.calls.wait_until(lambda _: performed.total() >= KILLED_AT)
            running.kill()
            await running.wait()
        bought_before = performed.total()
        async with (
            gateway_process(environ, program="short_timeout_gateway") as (_, url),
            client_at(url) as client,
        ):
            batch = await ended(client, upgrades)
            lines = await read_all_lines(client, batch_id)

    assert KILLED_AT <= bought_before < LINES
    right = [expected_state(sandbox, upgrade) for upgrade in upgrades]
    assert [each["operation"]["state"] for each in lines] == right
    assert (batch["state"], batch["counts"]["done"]) == ("COMPLETED", right.count("DONE"))
    assert set(performed.values()) == {1}
    assert len(performed) == right.count("DONE") > LINES - 10
    assert len(sandbox.faults) == 0
    for upgrade in upgrades:
        posts = [
            call
            for call in sandbox.calls.for_operation("perform_upgrade")
            if upgrade.subscription_id in call.path
        ]
        # On a slow machine a send may be seen too late. Its request id prevents a second purchase.
        assert len({call.request_id for call in posts}) == 1
