"""The commands of the guide to the sandbox run, and its tables are complete."""

import asyncio
import dataclasses
import json
import re
from pathlib import Path

from gateway.sandbox.control import ENDPOINTS
from gateway.sandbox.options import AuditOptions, RenewalOptions
from gateway.sandbox.timestamps import DAY_S
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.server import serving

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "sandbox.md").read_text("utf-8")
ADDRESS = "http://127.0.0.1:8001"
BLOCKS = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
COMMANDS = [
    f"curl {command.strip()}"
    for block in BLOCKS
    for command in re.split(r"^curl ", block, flags=re.MULTILINE)[1:]
]


async def run(command: str) -> object:
    """Run a command of the guide in a shell, and return its JSON."""
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", command, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(output)


async def test_every_command_succeeds_and_the_five_days_renew_a_subscription() -> None:
    assert len(COMMANDS) == 13
    sandbox = frozen_clock_sandbox()
    started_s = sandbox.clock()
    async with serving(sandbox) as url:
        for command in COMMANDS:
            if command.endswith("/reset"):
                break
            result = await run(command.replace(ADDRESS, url))
            assert isinstance(result, dict)
            assert not {"error", "code"} & result.keys(), command
        assert sandbox.clock() == started_s + 5 * DAY_S
        examples = sandbox.world.examples
        _, renewed = sandbox.world.get_subscription(
            examples.renewal_customer_id, examples.scheduled_subscription_id, sandbox.clock()
        )
        assert renewed.item == "business-standard"
        await run(COMMANDS[-1].replace(ADDRESS, url))
        assert sandbox.world.renewals == RenewalOptions()


def test_the_guide_lists_every_address() -> None:
    listed = set(re.findall(r"^\| `(/_sandbox/[a-z/]+)`", GUIDE, re.MULTILINE))
    assert listed == {endpoint.rsplit(" ", 1)[1] for endpoint in ENDPOINTS}


def test_the_guide_lists_every_option_with_its_default() -> None:
    for options in (RenewalOptions(), AuditOptions()):
        for name, value in dataclasses.asdict(options).items():
            text = f"`{value}`" if isinstance(value, str) else json.dumps(value)
            assert f"| `{name}` | {text.removesuffix('.0')} |" in GUIDE
