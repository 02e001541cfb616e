"""Runs the programs in `tests/clients`, which use public clients written for node."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

CLIENTS: Final = Path(__file__).parents[1] / "clients"
NODE: Final = shutil.which("node")

needs_node = pytest.mark.skipif(
    NODE is None or not (CLIENTS / "node_modules").exists(),
    reason="no node, or no packages for it: cd tests/clients && npm ci",
)


async def run_node(program: str, *arguments: str) -> Any:
    """Run a program of `tests/clients` and return the JSON that it prints."""
    process = await asyncio.create_subprocess_exec(
        str(NODE),
        str(CLIENTS / program),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    return json.loads(printed)
