"""The configuration that uvicorn gets."""

from gateway.server.uvicorn_runner import ServerLimits, build_draining_config


def test_a_connection_may_be_idle_for_as_long_as_is_set() -> None:
    bounds = ServerLimits(shutdown_grace_s=20.0, max_message_bytes=10_000, keep_alive_s=75)
    assert build_draining_config(lambda: None, bounds).timeout_keep_alive == 75
