"""OpenTelemetry is loaded only if traces are on."""

import subprocess
import sys

import pytest

from gateway.observability.tracing import Tracing


def test_opentelemetry_is_not_imported_without_traces() -> None:
    code = "import sys, gateway.app; sys.exit('opentelemetry' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(ValueError, match=r"install upgrade-gateway\[otel\]"):
        Tracing.from_environment()
