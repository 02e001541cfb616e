"""The product keeps all invariants in thousands of seeds."""

import pytest

from tests.simulation.simulate import PRODUCT, WITH_OTHERS, simulate
from tests.simulation.world import Variant

_SEEDS = ((PRODUCT, 2500), (WITH_OTHERS, 1500))
_SEEDS_PER_TEST = 250


@pytest.mark.parametrize(
    ("variant", "first"),
    [
        pytest.param(variant, first, id=f"{variant.name} from {first}")
        for variant, seeds in _SEEDS
        for first in range(0, seeds, _SEEDS_PER_TEST)
    ],
)
def test_operations_report_the_truth_and_buy_once(variant: Variant, first: int) -> None:
    outcomes = (simulate(seed, variant) for seed in range(first, first + _SEEDS_PER_TEST))
    failed = [outcome for outcome in outcomes if outcome.violations]
    assert not failed, failed[0].report()
