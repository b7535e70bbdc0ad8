"""Replays one case, or tries many: `python -m tests.simulation.run --scenario success --seed 5 --crash 3`.

With `--all`: every scenario with every crash point and every dropped event. With `--seeds N`: storms, deaths
and twins by chance, N times, over all scenarios in turn.
"""

import argparse
import logging
import sys
import time
from collections.abc import Iterator

from tests.simulation import loop
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.world import Broken, Case, Result, World


def try_case(case: Case) -> Result:
    """Lives one case; raises Broken (or whatever the operator raised)."""

    async def live() -> Result:
        return await World(case).live()

    return loop.run(live())


def crash_points(scenario: str, seed: int = 0) -> Iterator[Case]:
    """The operator's death after each of the writes that the scenario takes; once more as twins."""
    writes = try_case(Case(scenario, seed)).writes
    for number in range(1, writes + 1):
        yield Case(scenario, seed, crash=number)
        yield Case(scenario, seed, crash=number, twins=True)


def dropped_events(scenario: str, seed: int = 0) -> Iterator[Case]:
    """Each watch event that the scenario has, dropped."""
    events = try_case(Case(scenario, seed)).events
    for number in range(1, events + 1):
        yield Case(scenario, seed, drop=number)


def random_case(seed: int) -> Case:
    """A storm, with deaths of the operator, in one of the scenarios."""
    names = list(SCENARIOS)
    return Case(
        names[seed % len(names)], seed, storm=True, crashes=seed // len(names) % 4, twins=seed % 3 == 0
    )


def main() -> int:
    """Exit code 1 if a case broke; each one prints the command that replays it."""
    options = _options()
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    names = [options.scenario] if options.scenario else list(SCENARIOS)
    cases: list[Case] = []
    if options.seeds:
        cases = [random_case(seed) for seed in range(options.first, options.first + options.seeds)]
    elif options.all:
        for name in names:
            cases += [Case(name), *crash_points(name), *dropped_events(name)]
    else:
        cases = [
            Case(
                name,
                options.seed,
                storm=options.storm,
                crash=options.crash,
                drop=options.drop,
                crashes=options.crashes,
                twins=options.twins,
            )
            for name in names
        ]
    began, broken = time.perf_counter(), 0
    for case in cases:
        try:
            result = try_case(case)
            if len(cases) <= len(SCENARIOS):
                print(f"{case.scenario}: {result}")
        except (Broken, AssertionError, Exception) as error:
            broken += 1
            print(f"{case}: {type(error).__name__}: {error}", file=sys.stderr)
            if options.stop:
                raise
    print(f"{len(cases)} cases, {broken} broken, {time.perf_counter() - began:.1f} s")
    return 1 if broken else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=list(SCENARIOS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--crash", type=int, default=0)
    parser.add_argument("--drop", type=int, default=0)
    parser.add_argument("--crashes", type=int, default=0)
    parser.add_argument("--storm", action="store_true")
    parser.add_argument("--twins", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the first of --seeds")
    parser.add_argument("--stop", action="store_true", help="at the first that breaks")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
