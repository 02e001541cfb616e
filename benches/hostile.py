"""What each hostile document costs: milliseconds of CPU until it is refused or validated.

The median of several tries of the whole way of a new document: parsed, held against its limits,
validated. Less than 50 ms is the aim for each.

    python -m benches.hostile [--tries 5] [--profile dev]
"""

import argparse
import contextlib
import statistics
import time

from gateway.engine import Engine, InvalidDocument
from gateway.limits.opening import open_engine
from gateway.settings import Settings
from resolvers.graph import build_graph
from schema.problems import LimitExceeded
from tests.security.hostile_documents import HOSTILE


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


def main() -> None:
    """Print one line for each document, the dearest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--profile", choices=["dev", "production"], default="dev")
    options = parser.parse_args()
    graph = build_graph(suggests_fields=options.profile == "dev")
    engine = open_engine(graph, Settings(profile=options.profile))
    engine.prepare("{ __typename }")
    found = [(cpu_ms(engine, each.text, options.tries), each) for each in HOSTILE]
    for taken, each in sorted(found, key=lambda pair: -pair[0]):
        print(
            f"{taken:8.2f} ms  {len(each.text):>7} bytes  {each.rule or 'validated':<20}{each.name}"
        )


if __name__ == "__main__":
    main()
