"""Runs many seeds: `python -m tests.simulation --seeds 1000000 --from 5000`.

Prints each seed that fails, with the end of its trace. Exits with 1 if any fails.
"""

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation.mutants import MUTANTS
from tests.simulation.simulate import PRODUCT, WITH_OTHERS, SeedResult, simulate

_SEEDS_PER_TASK = 50
_PROGRESS_EVERY_S = 30.0


_VARIANTS = {each.name: each for each in (PRODUCT, WITH_OTHERS, *MUTANTS)}


def _run(seed: int, variant: str) -> SeedResult:
    outcome = simulate(seed, _VARIANTS[variant])
    return outcome if outcome.violations else outcome.without_trace()


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="number of processes")
    parser.add_argument("--lines", type=int, default=200, help="length of the printed traces")
    parser.add_argument("--variant", choices=[*_VARIANTS], default=PRODUCT.name)
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    failures, reported_at = 0, time.monotonic()
    with ProcessPoolExecutor(options.jobs) as pool:
        seeds = range(options.first, options.first + options.seeds)
        run = partial(_run, variant=options.variant)
        for number, outcome in enumerate(pool.map(run, seeds, chunksize=_SEEDS_PER_TASK), 1):
            counts.update(outcome.counts)
            if outcome.violations:
                failures += 1
                _print(outcome.report(options.lines))
            if time.monotonic() > reported_at + _PROGRESS_EVERY_S:
                reported_at = time.monotonic()
                _print(f"{number} seeds, {failures} failed")
    _print(f"{options.seeds} seeds, {failures} failed; {dict(counts)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
