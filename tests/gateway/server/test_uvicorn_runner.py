"""How uvicorn is configured and run."""

import signal
import socket

import pytest
import uvicorn

from gateway.server.uvicorn_runner import (
    ServerLimits,
    build_draining_config,
    serve_until_signal,
)


def test_a_connection_may_be_idle_for_as_long_as_is_set() -> None:
    bounds = ServerLimits(shutdown_grace_s=20.0, max_message_bytes=10_000, keep_alive_s=75)
    assert build_draining_config(lambda: None, bounds).timeout_keep_alive == 75


def test_a_signal_before_the_event_loop_runs_stops_the_server_without_interrupting_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    received: list[str] = []

    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        signal.raise_signal(signal.SIGTERM)
        received.append("stops" if server.should_exit else "serves")

    monkeypatch.setattr(uvicorn.Server, "run", run)
    before = signal.signal(signal.SIGTERM, lambda number, frame: received.append("handled"))
    try:
        with socket.socket() as listener:
            serve_until_signal(lambda: None, listener)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert received == ["stops", "handled"]
