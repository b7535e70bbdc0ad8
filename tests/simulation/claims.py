"""Claims by the thousand, by chance: `python -m tests.simulation.claims --count 10000`.

Twelve runs at once want clusters of a pool of three, some in storms, with operators that die, or go on beside
their successors. Every case holds all invariants, or says which it breaks.
"""

import argparse
import logging
import time
from collections import Counter

from tests.simulation import loop as virtual
from tests.simulation.cases import Case
from tests.simulation.scenarios.pools import CROWD
from tests.simulation.world import World


def claims(case: Case) -> Counter[int]:
    """How many clusters were of so many runs, in one case; raises Broken."""

    async def live() -> Counter[int]:
        world = World(case, CROWD)
        await world.live()
        return Counter(len({run for run, _ in runs}) for runs in world.claims.of.values())

    return virtual.run(live())


def main() -> None:
    """Prints how many clusters were claimed, and how many of them by more than one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    found: Counter[int] = Counter()
    seed, began = 0, time.monotonic()
    while found.total() < chosen.count:
        storm = seed % 4 == 1
        found += claims(Case(CROWD.name, seed, storm=storm, crashes=seed % 4, twins=seed % 3 == 0))
        seed += 1
    shared = sum(count for runs, count in found.items() if runs > 1)
    print(f"{found.total()} claims in {seed} cases, {shared} shared, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
