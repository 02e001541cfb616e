"""Thousands of worlds, in none of which anybody is told an untruth or buys twice."""

import pytest

from tests.simulation.simulate import PRODUCT, WITH_OTHERS, simulate
from tests.simulation.world import Variant

_SEEDS = ((PRODUCT, 2500), (WITH_OTHERS, 1500))
_AT_ONCE = 250


@pytest.mark.parametrize(
    ("variant", "first"),
    [
        pytest.param(variant, first, id=f"{variant.name} from {first}")
        for variant, seeds in _SEEDS
        for first in range(0, seeds, _AT_ONCE)
    ],
)
def test_operations_tell_the_truth_and_buy_once_in_every_world(
    variant: Variant, first: int
) -> None:
    outcomes = (simulate(seed, variant) for seed in range(first, first + _AT_ONCE))
    failed = [outcome for outcome in outcomes if outcome.violations]
    assert not failed, failed[0].report()
