"""Signals that end a process which serves."""

import signal
from collections.abc import Iterator

import pytest

from gateway.server.signals import exit_on_signals


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Leave the handlers of the test run as they were."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_they_end_it_with_success(number: signal.Signals) -> None:
    exit_on_signals()
    with pytest.raises(SystemExit) as ended:
        signal.raise_signal(number)
    assert ended.value.code == 0


def test_a_process_that_is_to_outlive_its_terminal_does() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    exit_on_signals()
    signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
