"""Compares the engine's results with those of graphql-core for many random documents.

python -m benches.engine_equality [--documents 20000] [--seed 0]
"""

import asyncio
from collections import Counter

from benches.report import BenchReport, Figure, build_parser, publish
from tests.gateway.engine.comparisons import (
    EngineComparison,
    every_kind_comparison,
    graph_comparison,
)
from tests.gateway.engine.result_equality import Equality


async def compare(comparison: EngineComparison, documents: int, seed: int) -> dict[str, Figure]:
    """Compare documents on one schema, and count the results by their equality."""
    counts: Counter[Equality] = Counter()
    writer = comparison.writer(seed)
    for _ in range(documents):
        document = writer.document()
        equality = await comparison.compare(document)
        counts[equality] += 1
        if equality is Equality.DIFFERENT:
            print(document.text, document.variables, sep="\n")
    return {"schema": comparison.name, **{kind.value: counts[kind] for kind in Equality}}


async def measure(documents: int, seed: int) -> BenchReport:
    """Compare half of the documents on each schema."""
    comparisons = graph_comparison(), every_kind_comparison()
    rows = [await compare(comparison, documents // 2, seed) for comparison in comparisons]
    return BenchReport(f"{documents} documents, seed {seed}", rows)


def main() -> None:
    """Compare as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--documents", type=int, default=20_000, help="on both schemas together")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    publish([asyncio.run(measure(args.documents, args.seed))], args)


if __name__ == "__main__":
    main()
