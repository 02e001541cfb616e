"""Outputs that cannot take what is printed."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.output import print_result
from tests.gateway.cli.processes import COMMAND
from tests.gateway.cli.test_sent_order import PLACE, gateway
from tests.support.waiting import HANG_TIMEOUT_S

KEY = "Schlüssel-Ω"
ORDER = {"customerId": "c", "subscriptionId": "s", "quantity": 1, "targetOfferId": "o"}
OPERATION: dict[str, Any] = {
    **dict.fromkeys(("requestId", "waitingFor", "settledBy", "settlementNote", "updatedAt")),
    "id": "op-1",
    "kind": "UPGRADE",
    "state": "DONE",
    "principal": "key:a",
    "idempotencyKey": KEY,
    "createdAt": "2027-01-01T00:00:00Z",
    "attempts": [],
    "order": {**ORDER, "toCatalogItemId": None, "productFamily": None},
    "failure": None,
    "result": None,
    "transition": None,
}


def page(count: int, *, goes_on: bool = False) -> dict[str, Any]:
    info = {"hasNextPage": goes_on, "endCursor": "x"}
    return {"operations": {"nodes": [OPERATION] * count, "pageInfo": info}}


def shell(line: str, url: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command line in a shell; `$GATEWAY` is the command of the product."""
    given = {
        "GATEWAY": " ".join(COMMAND),
        "UPGRADE_GATEWAY_URL": url,
        "PATH": "/usr/bin:/bin",
        **environ,
    }
    return subprocess.run(  # noqa: S603 - our own line
        ["/bin/bash", "-o", "pipefail", "-c", line],
        env=given,
        cwd=Path.cwd(),
        capture_output=True,
        timeout=HANG_TIMEOUT_S,
        check=False,
    )


@pytest.mark.parametrize(
    "verb", ["operations list", "operations export --format csv", "schema print"]
)
def test_a_full_disk_is_reported_in_a_sentence(verb: str) -> None:
    with gateway(page(3)) as server:
        ended = shell(f"$GATEWAY {verb} > /dev/full", server.url)
    assert ended.returncode == 1
    message = b"upgrade-gateway: cannot write the output (No space left on device)\n"
    assert ended.stderr == message


def test_an_order_whose_result_cannot_be_printed_is_reported() -> None:
    bought: dict[str, Any] = {"operation": OPERATION, "result": None, "userErrors": []}
    with gateway({"upgradeSubscription": bought}) as server:
        line = f"$GATEWAY upgrade {' '.join(PLACE)} --key key-1 > /dev/full"
        ended = shell(line, server.url)
    assert ended.returncode == 5
    assert b"the key 'key-1' is recorded as op-1, DONE when last seen" in ended.stderr
    assert b"Traceback" not in ended.stderr


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_a_reader_that_has_enough_ends_an_export_quietly(format: str) -> None:
    with gateway(*[page(100, goes_on=True)] * 20, page(1)) as server:
        ended = shell(f"$GATEWAY operations export --format {format} | head -1", server.url)
    assert ended.stderr == b""
    assert ended.stdout.count(b"\n") == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16"])
def test_output_for_programs_does_not_depend_on_the_encoding(encoding: str) -> None:
    environ = {"PYTHONIOENCODING": encoding}
    with gateway(page(1), page(1), page(1)) as server:
        table = shell("$GATEWAY operations export --format csv", server.url, **environ)
        lines = shell("$GATEWAY operations export", server.url, **environ)
        text = shell("$GATEWAY operations list", server.url, **environ)
    (row,) = csv.DictReader(io.StringIO(table.stdout.decode("utf-8")))
    assert row["idempotencyKey"] == KEY
    assert json.loads(lines.stdout.decode(encoding))["idempotencyKey"] == KEY
    assert (text.returncode, text.stderr) == (0, b"")


def test_a_result_is_text_on_a_terminal_and_json_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content: dict[str, Any] = {
        "operation": {"id": "1", "quantity": 5, "attempts": [{"number": 1, "ok": True}, {"n": 2}]},
        "result": None,
        "userErrors": [],
    }
    print_result(content, as_json=False)
    assert json.loads(capsys.readouterr().out) == content
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_result(content, as_json=True)
    assert json.loads(capsys.readouterr().out) == content
    print_result(content, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "operation:",
        "  id: 1",
        "  quantity: 5",
        "  attempts:",
        "    - number: 1",
        "      ok: true",
        "    - n: 2",
    ]
