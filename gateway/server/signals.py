"""How a process that serves is ended."""

import signal
from types import FrameType
from typing import NoReturn


def exit_on_signals() -> None:
    """Let SIGTERM, SIGINT and SIGHUP end the process with code 0 and no stack trace, at any time.

    uvicorn puts its own handlers in place while it serves; when it has shut down it raises the
    signal once more, for these.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit)
    drain_on_hangup()


def drain_on_hangup() -> None:
    """Take SIGHUP as SIGTERM, unless the process was started to outlive its terminal (nohup)."""
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        signal.signal(hangup, _terminate)


def _exit(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _terminate(number: int, frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGTERM)
