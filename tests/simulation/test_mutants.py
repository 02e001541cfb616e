"""The simulation bites: what somebody could break by mistake is found within some seeds."""

from dataclasses import replace

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.processes import SimulatedRuntime
from tests.simulation.simulate import simulate
from tests.simulation.tables import Tables
from tests.simulation.world import Variant

_KILLED_WITHIN = 3000


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_a_fault_that_is_built_in_is_found_where_the_product_has_none(mutant: Variant) -> None:
    product = replace(mutant, tables=Tables, runtime=SimulatedRuntime)
    assert any(
        simulate(seed, mutant).violations and not simulate(seed, product).violations
        for seed in range(_KILLED_WITHIN)
    )
