"""The mutants fit the sources, and the simulation catches some of them each time.

All of them take minutes: `make mutants` tries them and prints the table.
"""

import pytest

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.mutants.hunt import ROOT, SOURCES, hunt
from tests.simulation.run import quiet

QUICK = (
    "nothing is done after the end",
    "a failed run goes on",
    "cancellation speaks before the outcome",
    "no deadlines",
    "nobody wakes up",
)
"""Caught within seconds, by lives that nothing disturbs."""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_it_fits_the_source(mutant: Mutant) -> None:
    assert (SOURCES / mutant.file).read_text().count(mutant.old) == 1
    assert (ROOT / mutant.test).exists()


@pytest.mark.parametrize(
    "mutant", [each for each in MUTANTS if each.name in QUICK], ids=lambda each: each.name
)
def test_it_is_caught(mutant: Mutant) -> None:
    quiet()
    assert hunt(mutant)
