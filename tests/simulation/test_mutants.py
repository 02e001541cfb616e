"""The simulation detects mutants: versions of the product with one built-in fault each."""

from dataclasses import replace

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.processes import SimulatedRuntime
from tests.simulation.simulate import simulate
from tests.simulation.tables import Tables
from tests.simulation.world import Variant

_KILLED_WITHIN = 3000


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_a_mutant_fails_in_a_seed_in_which_the_product_passes(mutant: Variant) -> None:
    product = replace(mutant, tables=Tables, runtime=SimulatedRuntime)
    assert any(
        simulate(seed, mutant).violations and not simulate(seed, product).violations
        for seed in range(_KILLED_WITHIN)
    )
