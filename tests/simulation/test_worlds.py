"""Thousands of worlds, in none of which anybody is told an untruth or buys twice."""

import pytest

from tests.simulation.simulate import simulate

_SEEDS = 3000
_AT_ONCE = 250


@pytest.mark.parametrize("first", range(0, _SEEDS, _AT_ONCE))
def test_operations_tell_the_truth_and_buy_once_in_every_world(first: int) -> None:
    failed = [
        outcome for outcome in map(simulate, range(first, first + _AT_ONCE)) if outcome.violations
    ]
    assert not failed, failed[0].report()
