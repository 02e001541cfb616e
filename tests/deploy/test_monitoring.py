"""The alert rules and the dashboard, against the metrics of a real gateway."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.support.metrics import labels_by_family, read_filled_metrics

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
ALERTS: Final = DEPLOY / "prometheus/alerts.yml"
DASHBOARD: Final = DEPLOY / "grafana/provisioning/dashboards/upgrade-gateway.json"
PROMTOOL: Final = shutil.which("promtool")
SCRAPED: Final = {"up": {"job", "instance"}}
TARGET_LABELS: Final = {"job", "instance", "le"}

needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")


def alert_queries() -> list[str]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def dashboard_queries() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [
        target["expr"].replace("$__rate_interval", "5m")
        for panel in panels
        for target in panel.get("targets", ())
    ]


def run_promtool(*arguments: str | Path) -> None:
    assert PROMTOOL is not None
    done = subprocess.run(  # noqa: S603 - a linter
        [PROMTOOL, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_the_configuration_and_the_alerts_are_valid() -> None:
    run_promtool("check", "config", "--syntax-only", DEPLOY / "prometheus/prometheus.yml")
    run_promtool("check", "rules", "--lint-fatal", ALERTS)


@needs_promtool
def test_every_query_of_the_dashboard_can_be_parsed(tmp_path: Path) -> None:
    queries = dashboard_queries()
    assert len(queries) > 20
    rules = [{"record": f"query:{n}", "expr": query} for n, query in enumerate(queries)]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    run_promtool("check", "rules", file)


async def test_queries_use_only_metrics_and_labels_that_exist() -> None:
    labels = dict(SCRAPED)
    for (name, kind), found in labels_by_family(await read_filled_metrics()).items():
        suffixes = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",)}
        for suffix in suffixes.get(kind, ("",)):
            labels[name + suffix] = found
    for query in alert_queries() + dashboard_queries():
        used = list(used_series(query))
        assert used, query
        for name, matched in used:
            assert name in labels, query
            assert matched <= labels[name] | TARGET_LABELS, query
        grouped = set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", query))))
        assert grouped <= TARGET_LABELS.union(*(labels[name] for name, _ in used)), query


def used_series(query: str) -> Iterator[tuple[str, set[str]]]:
    """Yield the metrics of a query with the labels that it matches."""
    for name, matchers in re.findall(r"\b((?:upgrade_gateway|process)_\w+|up)\b({[^}]*})?", query):
        yield name, set(re.findall(r"(\w+)[=!]~?", matchers))


@needs_promtool
def test_alerts_fire_for_an_old_doubt_and_for_a_throttled_partner(tmp_path: Path) -> None:
    def case(series: str, values: str, at: str, alert: str) -> dict[str, object]:
        return {
            "interval": "1m",
            "input_series": [{"series": series, "values": values}],
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})',
                    "eval_time": at,
                    "exp_samples": [{"labels": "{}", "value": 1}],
                }
            ],
        }

    tests = {
        "rule_files": [str(ALERTS)],
        "evaluation_interval": "1m",
        "tests": [
            case(
                'upgrade_gateway_oldest_in_doubt_seconds{job="upgrade-gateway",instance="a"}',
                "0+60x30",
                "20m",
                "UpgradeInDoubt",
            ),
            case(
                'upgrade_gateway_throttle_paused_scopes{bucket="upgrades",instance="a"}',
                "1x30",
                "20m",
                "PartnerCenterThrottles",
            ),
        ],
    }
    file = tmp_path / "tests.yml"
    file.write_text(yaml.safe_dump(tests))
    run_promtool("test", "rules", file)
