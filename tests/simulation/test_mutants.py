"""The simulation catches every mutant in `breakages`."""

import pytest

from tests.simulation.breakages import MUTANTS, Mutant
from tests.simulation.mutants import hunt
from tests.simulation.run import quiet


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_it_is_caught(mutant: Mutant) -> None:
    quiet()
    assert hunt(mutant)
