"""A seed determines a run, and different seeds give different runs."""

import os
import subprocess
import sys
from pathlib import Path

from tests.simulation.simulate import simulate

_ROOT = Path(__file__).parents[2]


def test_a_seed_has_the_same_trace_after_any_other_seed() -> None:
    before = [simulate(seed).digest for seed in (3, 1, 2)]
    assert [simulate(seed).digest for seed in (1, 2, 3)] == [before[1], before[2], before[0]]


def test_a_seed_has_the_same_trace_in_every_process() -> None:
    # String hashes and memory addresses differ between processes.
    code = (
        "from tests.simulation.simulate import simulate\n"
        "print(*(simulate(seed).digest for seed in range(20)))"
    )
    here = [simulate(seed).digest for seed in range(20)]
    for hash_seed in ("1", "2"):
        run = subprocess.run(  # noqa: S603 - this interpreter
            [sys.executable, "-c", code],
            cwd=_ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.split() == here


def test_seeds_differ_and_reach_every_outcome() -> None:
    outcomes = [simulate(seed) for seed in range(50)]
    assert len({outcome.digest for outcome in outcomes}) == len(outcomes)
    ends = {name for outcome in outcomes for name in outcome.counts}
    assert {"DONE", "REFUSED", "IN_DOUBT", "FAILED"} <= ends
