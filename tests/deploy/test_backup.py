"""Backups as the guide makes them, taken while an order is being sent."""

import asyncio
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.sandbox.faults import Fault, FaultKind
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.postgres import PostgresServer
from tests.support.processes import client_at, gateway_environment, gateway_process
from tests.support.server import serving
from tests.support.upgrades import find_possible_upgrades, request_upgrade
from tests.support.waiting import eventually

GUIDE: Final = Path(__file__).parents[2] / "docs/guides/backup.md"


def run_command(program: str, folder: Path, **variables: str) -> None:
    """Run the guide's command that begins with a program."""
    (line,) = re.findall(rf"^{program} .+$", GUIDE.read_text(), re.MULTILINE)
    done = subprocess.run(  # noqa: S603 - the guide's command
        ["sh", "-c", line],  # noqa: S607 - it is for a shell
        cwd=folder,
        env={"PATH": f"/usr/local/bin:/usr/bin:/bin:{folder}", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def restore_copy(url: str, folder: Path, server: PostgresServer | None) -> str:
    """Back up the database at a URL; returns the URL of a database restored from that."""
    if server is None:
        run_command("sqlite3", folder)
        return f"sqlite:///{folder}/upgrades-backup.db"
    for name in ("pg_dump", "pg_restore"):
        (folder / name).symlink_to(server.programs / name)
    run_command("pg_dump", folder, UPGRADE_GATEWAY_DATABASE_URL=url)
    restored = server.new_database()
    run_command("pg_restore", folder, UPGRADE_GATEWAY_DATABASE_URL=restored)
    return restored


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_restored_gateway_knows_what_was_bought_and_finishes_what_was_open(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite" and shutil.which("sqlite3") is None:
        pytest.skip("the sqlite3 command is not installed")
    server = request.getfixturevalue("postgres") if kind == "postgresql" else None
    url = server.new_database() if server else f"sqlite:///{tmp_path}/upgrade-gateway.db"
    sandbox = frozen_clock_sandbox()
    customer = sandbox.world.examples.legacy_customer_id
    async with serving(sandbox) as sandbox_url:
        async with (
            gateway_process(gateway_environment(sandbox_url, url)) as (former, former_url),
            client_at(former_url) as client,
        ):
            bought, open_one = (await find_possible_upgrades(client, customer))[:2]
            before = await request_upgrade(client, bought.input("key-1"))
            sandbox.faults.add(Fault(FaultKind.HOLD, "perform_upgrade"))
            sending = asyncio.create_task(request_upgrade(client, open_one.input("key-2")))
            await sandbox.calls.wait_until(lambda calls: calls.in_flight > 0)
            restored = await asyncio.to_thread(restore_copy, url, tmp_path, server)
            former.kill()
            await asyncio.wait([sending])
        sandbox.faults.release()
        async with (
            gateway_process(gateway_environment(sandbox_url, restored)) as (_, url_after),
            client_at(url_after) as client,
        ):
            after = await request_upgrade(client, bought.input("key-1"))
            ended: dict[str, Any] = await eventually(
                lambda: request_upgrade(client, open_one.input("key-2")),
                lambda payload: payload["operation"]["state"] not in {"QUEUED", "RUNNING"},
            )

    performed = sandbox.world.upgrades_performed
    assert before["operation"]["state"] == "DONE"
    assert after["operation"] == before["operation"]
    assert ended["operation"]["state"] == "DONE"
    assert [performed[each.subscription_id] for each in (bought, open_one)] == [1, 1]
