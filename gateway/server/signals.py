"""Handles the signals that end a process that serves."""

import signal
from types import FrameType
from typing import NoReturn


def exit_on_signals() -> None:
    """Exit with code 0 and without a stack trace on SIGTERM, SIGINT and SIGHUP.

    uvicorn has handlers of its own while it serves. After its shutdown it raises the signal again,
    which these handlers then receive.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit)
    drain_on_hangup()


def drain_on_hangup() -> None:
    """Treat SIGHUP like SIGTERM, unless the process was started with nohup."""
    hangup = getattr(signal, "SIGHUP", None)  # not on Windows
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        signal.signal(hangup, _terminate)


def _exit(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _terminate(number: int, frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGTERM)
