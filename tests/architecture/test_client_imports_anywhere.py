"""The command line asks gateways from Windows, too, and operations are recorded there."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import asyncio, importlib, os, pkgutil, signal, sys
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules[name] = None
for name in ("fork", "geteuid", "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW"):
    delattr(os, name)
for name in ("SIGHUP", "SIGKILL", "SIGUSR1"):
    delattr(signal, name)
import gateway.cli, gateway.client, gateway.operations
for package in (gateway.cli, gateway.client, gateway.operations):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
build_store = gateway.operations.store.factory.build_store
timeouts = gateway.operations.store.health.StoreTimeouts.from_setting(60)
store = build_store(f"sqlite:///{sys.argv[1]}", timeouts)
asyncio.run(store.open())
gateway.cli.main(["operations", "list", "--url", "http://127.0.0.1:1"])
"""


def test_its_verbs_run_where_modules_of_posix_are_missing(tmp_path: Path) -> None:
    ended = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", SCRIPT, tmp_path / "a.db"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "cannot reach a gateway" in ended.stderr
