"""Metrics in the format of Prometheus."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.observability.metrics import SHARED_FOLDER_VARIABLE, Metrics

REQUESTS = "upgrade_gateway_request_duration_seconds"


def samples(metrics: Metrics, family: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for found in text_string_to_metric_families(metrics.render().decode())
        if found.name == family
        for sample in found.samples
    }


def test_without_observations_there_is_no_series() -> None:
    assert samples(Metrics(), REQUESTS) == {}


def test_durations_are_counted_by_label() -> None:
    metrics = Metrics()
    for seconds in (0.0005, 0.003, 40.0):
        metrics.requests.observe(("Buy", "mutation", "ok"), seconds)
    metrics.requests.observe(("Buy", "mutation", "THROTTLED"), 0.2)
    found = samples(metrics, REQUESTS)
    ok = (("operation", "Buy"), ("outcome", "ok"), ("type", "mutation"))
    assert found[f"{REQUESTS}_count", ok] == 3
    assert found[f"{REQUESTS}_sum", ok] == 40.0035
    assert found[f"{REQUESTS}_bucket", (("le", "0.001"), *ok)] == 1
    assert found[f"{REQUESTS}_bucket", (("le", "30.0"), *ok)] == 2
    assert found[f"{REQUESTS}_bucket", (("le", "+Inf"), *ok)] == 3
    throttled = (("operation", "Buy"), ("outcome", "THROTTLED"), ("type", "mutation"))
    assert found[f"{REQUESTS}_count", throttled] == 1


def test_there_are_no_created_series() -> None:
    metrics = Metrics()
    metrics.requests.observe(("Buy", "mutation", "ok"), 0.2)
    assert b"_created" not in metrics.render()


OBSERVING_PROCESS = """
import sys
from gateway.observability.metrics import Metrics

metrics = Metrics()
for _ in range(int(sys.argv[1])):
    metrics.requests.observe(("Buy", "mutation", "ok"), 0.003)
    metrics.requests_in_flight.inc()
sys.stdout.buffer.write(metrics.render())
"""


def test_metrics_of_several_processes_are_summed(tmp_path: Path) -> None:
    environ = {**os.environ, SHARED_FOLDER_VARIABLE: str(tmp_path)}
    command = [sys.executable, "-c", OBSERVING_PROCESS]
    subprocess.run([*command, "2"], env=environ, check=True, capture_output=True)  # noqa: S603
    last = subprocess.run(  # noqa: S603
        [*command, "3"], env=environ, check=True, capture_output=True, text=True
    )
    families = {each.name: each for each in text_string_to_metric_families(last.stdout)}
    family = families[REQUESTS]
    found = {sample.name: sample.value for sample in family.samples if "le" not in sample.labels}
    assert found == {f"{REQUESTS}_count": 5, f"{REQUESTS}_sum": pytest.approx(0.015)}
    below = {s.labels["le"]: s.value for s in family.samples if "le" in s.labels}
    assert (below["0.0025"], below["0.005"], below["+Inf"]) == (0, 5, 5)
    (in_flight,) = families["upgrade_gateway_requests_in_flight"].samples
    assert in_flight.value == 3  # without those of the process that has ended


def test_process_metrics_are_included() -> None:
    assert b"process_cpu_seconds_total" in Metrics().render()
