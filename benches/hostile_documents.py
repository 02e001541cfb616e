"""Measures the CPU time until a hostile document is rejected or validated.

Figures are medians of several tries with a new document: parsing, limits, validation. The aim is
less than 50 ms for each.

    python -m benches.hostile_documents [--tries 5] [--profile dev]
"""

import contextlib
import statistics
import time
from typing import Literal

from benches.report import BenchReport, Figure, build_parser, publish
from gateway.engine import Engine, InvalidDocument
from gateway.limits.factory import build_engine
from gateway.settings import Settings
from resolvers.graph import build_graph
from schema.errors import LimitExceeded
from tests.security.hostile_documents import HOSTILE_DOCUMENTS


def measure_cpu_ms(engine: Engine, text: str, tries: int) -> float:
    """Return the median CPU time of preparing a document that is not cached."""
    taken = []
    for number in range(tries):
        new = f"{text} #{number}"
        started = time.process_time()
        with contextlib.suppress(LimitExceeded, InvalidDocument):
            engine.prepare(new)
        taken.append(time.process_time() - started)
    return statistics.median(taken) * 1000


def measure(tries: int, profile: Literal["dev", "production"]) -> BenchReport:
    """BenchReport a row for each document, the most expensive first."""
    graph = build_graph(suggests_fields=profile == "dev")
    engine = build_engine(graph, Settings(profile=profile))
    engine.prepare("{ __typename }")
    found = [(measure_cpu_ms(engine, each.text, tries), each) for each in HOSTILE_DOCUMENTS]
    rows: list[dict[str, Figure]] = [
        {
            "document": each.name,
            "ms CPU": taken,
            "bytes": len(each.text),
            "rejected by": each.rule or "-",
        }
        for taken, each in sorted(found, key=lambda pair: -pair[0])
    ]
    return BenchReport(f"medians of {tries} tries, profile {profile}", rows)


def main() -> None:
    """Measure as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--profile", choices=["dev", "production"], default="dev")
    args = parser.parse_args()
    publish([measure(args.tries, args.profile)], args)


if __name__ == "__main__":
    main()
