"""Prints a table of mutants and of the case that catches each: `python -m tests.simulation.mutants`."""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.mutants.hunt import RUN, Inapplicable, hunt, try_here
from tests.simulation.run import quiet


def _hunted(mutant: Mutant) -> str:
    try:
        return hunt(mutant)
    except Inapplicable as error:
        print(f"{mutant.name}: {error}", file=sys.stderr, flush=True)
        return ""


def main() -> int:
    """Prints the table; exit code 1 if a mutant survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=[mutant.name for mutant in MUTANTS])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--try-here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.try_here:
        return try_here()
    chosen = [mutant for mutant in MUTANTS if options.only in (None, mutant.name)]
    quiet()
    width = max(len(mutant.name) for mutant in chosen)
    began, survived = time.perf_counter(), 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for mutant, caught in zip(chosen, pool.map(_hunted, chosen), strict=True):
            survived += not caught
            print(f"{mutant.name:{width}}  {caught.removeprefix(RUN) or 'SURVIVED'}", flush=True)
    print(f"{len(chosen)} mutants, {survived} survived, {time.perf_counter() - began:.0f} s")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
