"""Simulates seed after seed: `python -m tests.simulation --seeds 1000000 --from 5000`.

Prints each seed that fails, with the end of its trace; ends with 1 if any did.
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
    """Run the seeds asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first one")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--lines", type=int, default=200, help="of the trace of a failure")
    parser.add_argument("--variant", choices=[*_VARIANTS], default=PRODUCT.name)
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    failures, told_at = 0, time.monotonic()
    with ProcessPoolExecutor(asked.jobs) as pool:
        seeds = range(asked.first, asked.first + asked.seeds)
        run = partial(_run, variant=asked.variant)
        for number, outcome in enumerate(pool.map(run, seeds, chunksize=_SEEDS_PER_TASK), 1):
            counts.update(outcome.counts)
            if outcome.violations:
                failures += 1
                _print(outcome.report(asked.lines))
            if time.monotonic() > told_at + _PROGRESS_EVERY_S:
                told_at = time.monotonic()
                _print(f"{number} seeds, {failures} failed")
    _print(f"{asked.seeds} seeds, {failures} failed; {dict(counts)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
