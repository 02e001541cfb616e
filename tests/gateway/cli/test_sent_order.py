"""Messages of the commands about an order whose result they cannot report."""

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from tests.gateway.cli.processes import COMMAND, run
from tests.support.waiting import HANG_TIMEOUT_S

PLACE: Final = ("customer", "subscription", "offer")
BATCH: Final = {
    "id": "batch-1",
    "state": "RUNNING",
    "counts": {"total": 1, "open": 1, "done": 0, "doneWithLicenseErrors": 0, "inDoubt": 0},
}


class FakeGateway(ThreadingHTTPServer):
    """Answers requests with the given bodies in turn, then does not: it hangs up, or is silent.

    Attributes:
        is_silent: set when a request came that is not answered.
    """

    daemon_threads = True

    def __init__(self, responses: list[Any], after: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = responses
        self.after = after
        self.is_silent = threading.Event()
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeGateway

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.answers:
            self._say(200, "application/json", json.dumps({"data": self.server.answers.pop(0)}))
        elif self.server.after == "stopped":
            self._say(500, "text/plain", "Internal Server Error")
        elif self.server.after == "silent":
            self.server.is_silent.set()
            self.server.ended.wait(HANG_TIMEOUT_S)
        self.close_connection = True

    def _say(self, status: int, kind: str, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def gateway(*responses: Any, after: str = "hung up") -> Iterator[FakeGateway]:
    with FakeGateway(list(responses), after) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def table(tmp_path: Path) -> str:
    file = tmp_path / "upgrades.csv"
    file.write_text("customerId,subscriptionId,targetOfferId,upgradeType\nc,s,o,UPGRADE_ONLY")
    return str(file)


@pytest.mark.parametrize("after", ["hung up", "stopped"])
def test_an_upgrade_without_a_response_is_in_doubt(after: str) -> None:
    with gateway(after=after) as server:
        ended = run("upgrade", *PLACE, "--key", "order-4711", "--url", server.url)
    assert (ended.code, ended.out) == (4, "")
    assert "the key 'order-4711' was sent" in ended.err
    assert "The same key never buys twice" in ended.err
    assert "Traceback" not in ended.err


def test_an_upgrade_that_was_not_sent_is_not_in_doubt() -> None:
    ended = run("upgrade", *PLACE, "--key", "order-4711", "--url", "http://127.0.0.1:1")
    assert ended.code == 1
    assert "order-4711" not in ended.err


def test_a_batch_without_a_response_is_in_doubt(table: str) -> None:
    with gateway() as server:
        ended = run("upgrade-all", table, "--key", "order-4711", "--url", server.url)
    assert ended.code == 4
    assert "the key 'order-4711' was sent" in ended.err


def test_a_recorded_batch_goes_on_when_its_gateway_dies(table: str) -> None:
    recorded = {"upgradeSubscriptions": {"batch": {"id": "batch-1"}, "userErrors": []}}
    with gateway(recorded, {"batch": BATCH}) as server:
        ended = run("upgrade-all", table, "--key", "order-4711", "--url", server.url)
    assert (ended.code, ended.out) == (5, "batch-1\n")
    assert "the key 'order-4711' is recorded as batch-1, RUNNING when last seen" in ended.err
    assert "upgrade-gateway watch batch-1" in ended.err


def test_watching_ends_with_the_command_that_goes_on() -> None:
    with gateway({"batch": BATCH}, {"batch": BATCH}) as server:
        ended = run("watch", "batch-1", "--url", server.url)
    assert ended.code == 5
    assert "recorded as batch-1" in ended.err


@pytest.mark.parametrize(
    ("responses", "code", "message"),
    [
        ([], 4, "the key 'order-4711' was sent"),
        (
            [{"upgradeSubscriptions": {"batch": {"id": "batch-1"}, "userErrors": []}}],
            5,
            "the key 'order-4711' is recorded as batch-1",
        ),
    ],
    ids=["sent", "recorded"],
)
def test_an_interrupted_command_prints_the_status_of_its_order(
    table: str, responses: list[Any], code: int, message: str
) -> None:
    with gateway(*responses, after="silent") as server:
        command = ("upgrade-all", table, "--key", "order-4711", "--url", server.url)
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*COMMAND, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert server.is_silent.wait(HANG_TIMEOUT_S)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=HANG_TIMEOUT_S)
    assert process.returncode == code
    assert message in err
    assert "Traceback" not in err
