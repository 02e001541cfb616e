"""The command line asks gateways from Windows, too, whatever the gateway itself runs on."""

import subprocess
import sys

SCRIPT = """
import importlib, pkgutil, sys
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules[name] = None
import gateway.cli, gateway.client
for package in (gateway.cli, gateway.client):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
gateway.cli.main(["operations", "list", "--url", "http://127.0.0.1:1"])
"""


def test_its_verbs_run_where_modules_of_posix_are_missing() -> None:
    ended = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "no gateway answers" in ended.stderr
