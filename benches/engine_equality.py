"""How alike the engine's results are to graphql-core's, over many random documents.

python -m benches.engine_equality [--documents 20000] [--seed 0]
"""

import asyncio
from collections import Counter

from benches.report import Figure, Report, options, publish
from tests.gateway.engine.comparisons import (
    EngineComparison,
    every_kind_comparison,
    graph_comparison,
)
from tests.gateway.engine.result_equality import Equality


async def compare(comparison: EngineComparison, documents: int, seed: int) -> dict[str, Figure]:
    """Compare documents over one schema and count how alike the results are."""
    counts: Counter[Equality] = Counter()
    writer = comparison.writer(seed)
    for _ in range(documents):
        document = writer.document()
        found = await comparison.compare(document)
        counts[found] += 1
        if found is Equality.DIFFERENT:
            print(document.text, document.variables, sep="\n")
    return {"schema": comparison.name, **{kind.value: counts[kind] for kind in Equality}}


async def measure(documents: int, seed: int) -> Report:
    """Compare over both schemas, half of the documents each."""
    comparisons = graph_comparison(), every_kind_comparison()
    rows = [await compare(comparison, documents // 2, seed) for comparison in comparisons]
    return Report(f"{documents} documents, seed {seed}", rows)


def main() -> None:
    """Compare as told."""
    parser = options(__doc__)
    parser.add_argument("--documents", type=int, default=20_000, help="over both schemas")
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    publish([asyncio.run(measure(told.documents, told.seed))], told)


if __name__ == "__main__":
    main()
