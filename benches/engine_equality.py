"""How alike the engine's results are to graphql-core's, over many random documents.

python -m benches.engine_equality [--documents 20000] [--seed 0]
"""

import argparse
import asyncio
from collections import Counter

from tests.gateway.engine.comparing import Comparison, graph_comparison, kinds_comparison
from tests.gateway.engine.equality import Likeness


async def compare(comparison: Comparison, documents: int, seed: int) -> None:
    """Compare documents over one schema and count how alike the results are."""
    counts: Counter[Likeness] = Counter()
    writer = comparison.writer(seed)
    for _ in range(documents):
        document = writer.document()
        found = await comparison.compare(document)
        counts[found] += 1
        if found is Likeness.DIFFERENT:
            print(document.text, document.variables, sep="\n")
    print(comparison.name, *(f"{count:6} {kind.value}" for kind, count in counts.items()), sep="\n")


def main() -> None:
    """Compare over both schemas."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=20_000, help="over both schemas")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for comparison in (graph_comparison(), kinds_comparison()):
        asyncio.run(compare(comparison, options.documents // 2, options.seed))


if __name__ == "__main__":
    main()
