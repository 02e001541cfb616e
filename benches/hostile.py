"""What each hostile document costs: milliseconds of CPU until it is refused or validated.

The median of several tries of the whole way of a new document: parsed, held against its limits,
validated. Less than 50 ms is the aim for each.

    python -m benches.hostile [--tries 5] [--profile dev]
"""

import contextlib
import statistics
import time
from typing import Literal

from benches.report import Figure, Report, options, publish
from gateway.engine import Engine, InvalidDocument
from gateway.limits.factory import build_engine
from gateway.settings import Settings
from resolvers.graph import build_graph
from schema.errors import LimitExceeded
from tests.security.hostile_documents import HOSTILE_DOCUMENTS


def cpu_ms(engine: Engine, text: str, tries: int) -> float:
    """Prepare a document several times, each time as if it were new."""
    taken = []
    for number in range(tries):
        new = f"{text} #{number}"
        started = time.process_time()
        with contextlib.suppress(LimitExceeded, InvalidDocument):
            engine.prepare(new)
        taken.append(time.process_time() - started)
    return statistics.median(taken) * 1000


def measure(tries: int, profile: Literal["dev", "production"]) -> Report:
    """Take one row for each document, the dearest first."""
    graph = build_graph(suggests_fields=profile == "dev")
    engine = build_engine(graph, Settings(profile=profile))
    engine.prepare("{ __typename }")
    found = [(cpu_ms(engine, each.text, tries), each) for each in HOSTILE_DOCUMENTS]
    rows: list[dict[str, Figure]] = [
        {
            "document": each.name,
            "ms CPU": taken,
            "bytes": len(each.text),
            "refused for": each.rule or "nothing",
        }
        for taken, each in sorted(found, key=lambda pair: -pair[0])
    ]
    return Report(f"medians of {tries} tries, profile {profile}", rows)


def main() -> None:
    """Measure as told."""
    parser = options(__doc__)
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--profile", choices=["dev", "production"], default="dev")
    told = parser.parse_args()
    publish([measure(told.tries, told.profile)], told)


if __name__ == "__main__":
    main()
