"""Each bench runs once, briefly, with plausible figures."""

import json
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from benches import (
    batches,
    chaos,
    edge,
    engine,
    engine_equality,
    flame_graphs,
    hostile_documents,
    instructions,
    interpreters,
    latency,
    mutations,
    scaling,
    soak,
    startup,
    takeovers,
    throughput,
    transports,
    upstream,
)
from benches.__main__ import BENCHES
from benches.report import BenchReport, Figure, build_parser, publish
from tests.security.hostile_documents import HOSTILE_DOCUMENTS
from tests.support import postgres
from tests.support.replicas import SHORT_LEASE_S


def column(report: BenchReport, name: str) -> list[Figure]:
    return [row[name] for row in report.rows]


def numbers(report: BenchReport, name: str) -> list[float]:
    return [figure for figure in column(report, name) if isinstance(figure, float | int)]


async def test_the_throughput_bench_counts_calls_and_compares_another_server() -> None:
    command = f"{sys.executable} -m benches.edge --serve 'raw ASGI' --port {{port}}"
    other = throughput.OtherServer(command, "http://127.0.0.1:{port}/graphql")

    report = await throughput.measure(seconds=0.05, rounds=1, connections=2, other=other)

    own = [row for row in report.rows if row["server"] == "gateway"]
    assert [(row["question"], row["calls"]) for row in own] == [
        ("Q1", 1),
        ("Q2", 22),
        ("Q3", 1),
        ("Q4", 6),
    ]
    assert min(numbers(report, "µs CPU a request")) > 0
    assert [row["CPU / other"] for row in report.rows if row["server"] == "other"] == [1.0] * 4
    assert [row["calls"] for row in report.rows if row["server"] == "other"] == [0] * 4


async def test_the_interpreters_bench_measures_each() -> None:
    report = await interpreters.measure([sys.executable], seconds=0.05, rounds=1)
    assert all(taken > 0 for name in ("Q1", "Q2", "Q3", "Q4") for taken in numbers(report, name))


async def test_the_latency_bench_measures_at_least_three_calls() -> None:
    report = await latency.measure(latency_ms=5, clients=[1, 2], seconds=0.05, rounds=1)

    assert column(report, "clients") == ["1", "2"]
    assert min(numbers(report, "median ms")) >= 15


async def test_the_scaling_bench_fits_a_line_to_all_sizes() -> None:
    offers, subscriptions = await scaling.measure([1, 3], [30, 600], seconds=0.05)

    assert column(offers, "Q3, offers") == ["30", "600"]
    assert column(subscriptions, "Q2, subscriptions") == ["1", "3"]
    assert numbers(offers, "µs on the line") == pytest.approx(numbers(offers, "µs CPU"))


async def test_the_soak_bench_samples_memory() -> None:
    report = await soak.measure(seconds=0.2, samples=5)

    assert min(numbers(report, "MiB")) > 10
    assert len(report.rows) == 5


def test_a_slope_ignores_the_first_fifth_of_the_samples() -> None:
    taken = [(0.0, 90.0), (1.0, 10.0), (2.0, 12.0), (3.0, 14.0), (4.0, 16.0)]

    assert soak.slope(taken) == pytest.approx(2.0)


def test_the_startup_bench_waits_for_a_response() -> None:
    report = startup.measure(times=1)

    assert column(report, "command") == ["serve --sandbox", "serve"]
    assert min(numbers(report, "median s")) > 0


async def test_the_edge_bench_compares_with_a_raw_app() -> None:
    report = await edge.measure(rounds=1, seconds=0.05)

    assert column(report, "") == list(edge.VARIANTS)
    assert min(numbers(report, "µs CPU a request")) > 0


async def test_the_engine_bench_compares_with_graphql_core() -> None:
    report = await engine.measure(rounds=1)

    assert column(report, "µs CPU") == list(engine.DOCUMENTS)
    assert min(numbers(report, "graphql-core / records")) > 0


async def test_the_equality_bench_finds_no_difference() -> None:
    report = await engine_equality.measure(documents=20, seed=0)

    assert numbers(report, "different") == [0, 0]


async def test_the_mutations_bench_upgrades_with_and_without_a_record() -> None:
    report = await mutations.measure(count=2)

    assert min(numbers(report, "upgrades/s at once")) > 0


async def test_the_batches_bench_finishes_every_line() -> None:
    report = await batches.measure(lines=3)

    assert min(numbers(report, "then lines/s")) > 0


@pytest.mark.skipif(postgres.find_programs() is None, reason="PostgreSQL is not installed")
def test_the_chaos_bench_finds_nothing_lost_and_nothing_bought_twice() -> None:
    plan = chaos.ChaosPlan(keys=12, lines=12, work_s=0.2, kill_every_s=0.5, outages_s=(0.1,))

    keys, batch = chaos.measure(plan)

    for name in ("bought twice", "lost", "open", "reported wrongly"):
        assert column(keys, name) == [0]
    for name in ("bought twice", "reported wrongly"):
        assert column(batch, name) == [0, 0, 0]


@pytest.mark.skipif(postgres.find_programs() is None, reason="PostgreSQL is not installed")
def test_the_takeovers_bench_finds_every_upgrade_done_once_and_reported_truly() -> None:
    plan = takeovers.TakeoverPlan(rounds=4, keys=3, work_s=0.2, lease_s=SHORT_LEASE_S)

    report = takeovers.measure(plan)

    assert column(report, "disturbance") == list(takeovers.Disturbance)
    assert column(report, "bought once") == column(report, "keys") == [6, 3, 3]
    assert column(report, "DONE on both") == [6, 3, 3]
    assert column(report, "reported wrongly") == [0, 0, 0]
    assert min(numbers(report, "events")) > 0


def test_the_hostile_bench_measures_every_document() -> None:
    report = hostile_documents.measure(tries=1, profile="production")

    assert len(report.rows) == len(HOSTILE_DOCUMENTS)


async def test_the_upstream_bench_measures_four_reads() -> None:
    report = await upstream.measure(["asyncio"], rounds=1, customers=2)

    assert column(report, "µs CPU a read") == list(upstream.READS)
    assert min(numbers(report, "asyncio")) > 0


async def test_the_transports_bench_compares_clients() -> None:
    report = await transports.measure(["asyncio", "httpx"], rounds=1)

    assert column(report, "client") == ["asyncio", "httpx"]
    assert min(numbers(report, "µs CPU a call")) > 0


def test_all_benches_that_are_run_exist() -> None:
    folder = Path(throughput.__file__).parent

    assert all((folder / f"{name}.py").is_file() for name in BENCHES)


def test_a_report_is_printed_as_text_and_markdown_and_written_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = BenchReport("title", [{"what": "a", "µs": 1234.5}, {"what": "bcd", "µs": 0.12345}])
    args = build_parser("").parse_args(["--json", str(tmp_path / "found.json")])

    publish([report], args)
    publish([report], Namespace(markdown=True, json=None))

    assert capsys.readouterr().out.splitlines() == [
        "title",
        "what     µs",
        "a     1,234",
        "bcd   0.123",
        "",
        "| what | µs |",
        "| --- | --: |",
        "| a | 1,234 |",
        "| bcd | 0.123 |",
        "",
    ]
    assert json.loads((tmp_path / "found.json").read_text())[0]["rows"][0]["µs"] == 1234.5


def test_a_sample_counts_for_its_innermost_layer() -> None:
    stacks = (
        "call (gateway/edge/http/body.py:1);load (asyncio/tasks.py:3) 3\n"
        "call (gateway/edge/http/body.py:1);decode (msgspec/json.py:2) 1\n"
        "run (threading.py:1);execute (sqlalchemy/engine/base.py:2) 9\n"
    )

    assert flame_graphs.layer_shares(stacks) == {"asyncio": 75.0, "gateway/edge": 25.0}


def test_instructions_are_the_total_of_the_latest_dump_of_the_serving_thread(
    tmp_path: Path,
) -> None:
    for name, total in (("9-01", 1), ("10-01", 42), ("10-02", 7), ("11-02", 8)):
        (tmp_path / f"counts.{name}").write_text(
            f"events: Ir\n\nfn=(1)\n1 {total}\ntotals: {total}\n"
        )

    found = instructions.latest_dump(tmp_path / "counts")

    assert instructions.parse_total(found.read_text()) == 42
