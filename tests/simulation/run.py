"""Replays one case, or tries many: `python -m tests.simulation.run --scenario success --seed 5 --crash 3`.

With `--all`: every scenario with every crash point, stale restart and dropped event. With `--seeds N`: all of
it by chance, N times, over all scenarios in turn. `--jobs` processes at once.
"""

import argparse
import logging
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from itertools import islice

from tests.simulation.cases import Case, crash_points, dropped_events, random_case, stale_restarts
from tests.simulation.result import Result
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.trial import course_of, try_case

BATCH = 50
PROGRESS_SECONDS = 20.0


def exhaustive(scenario: str, *, thorough: bool = False) -> Iterator[Case]:
    """Every disturbance of a scenario that is enumerated."""
    course = course_of(scenario)
    yield Case(scenario)
    yield from crash_points(scenario, course, thorough=thorough)
    yield from stale_restarts(scenario, course, thorough=thorough)
    yield from dropped_events(scenario, course)


def attempt(case: Case) -> tuple[Case, Result | None, str]:
    """One case: what it cost, or what broke."""
    try:
        return case, try_case(case), ""
    except Exception as error:
        return case, None, f"{case.command}\n{type(error).__name__}: {error}"


def main() -> int:
    """Exit code 1 if a case broke; each one prints the command that replays it."""
    options = _options()
    quiet(options.verbose)
    cases = _cases(options)
    began = said = time.perf_counter()
    tried = broken = 0
    for case, result, error in _tried(cases, options.jobs):
        tried += 1
        if result is not None and not (options.seeds or options.all):
            print(f"{case.scenario}: {result}")
        if error:
            broken += 1
            print(error, file=sys.stderr, flush=True)
            if options.stop:
                break
        if time.perf_counter() - said > PROGRESS_SECONDS:
            said = time.perf_counter()
            print(f"{tried} cases, {broken} broken, {said - began:.0f} s", flush=True)
    print(f"{tried} cases, {broken} broken, {time.perf_counter() - began:.1f} s")
    return 1 if broken else 0


def _tried(cases: Iterable[Case], jobs: int) -> Iterator[tuple[Case, Result | None, str]]:
    if jobs <= 1:
        yield from map(attempt, cases)
        return
    waiting = iter(cases)
    with ProcessPoolExecutor(jobs, initializer=quiet) as pool:
        while some := list(islice(waiting, BATCH * jobs)):
            yield from pool.map(attempt, some, chunksize=BATCH // 5)


def _cases(options: argparse.Namespace) -> Iterable[Case]:
    names = [options.scenario] if options.scenario else list(SCENARIOS)
    if options.seeds:
        return map(random_case, range(options.first, options.first + options.seeds))
    if options.all:
        return (case for name in names for case in exhaustive(name, thorough=True))
    given = {each.name: getattr(options, each.name) for each in fields(Case) if each.name != "scenario"}
    return [Case(name, **given) for name in names]


def quiet(verbose: bool = False) -> None:
    """Nothing of the hundreds of thousands of warnings about faults that are part of the game."""
    logging.basicConfig(level=logging.DEBUG if verbose else logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    if not verbose:
        logging.disable(logging.CRITICAL)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=list(SCENARIOS))
    for each in fields(Case):
        if each.name == "scenario":
            continue
        if isinstance(each.default, bool):
            parser.add_argument(f"--{each.name}", action="store_true")
        else:
            parser.add_argument(f"--{each.name}", type=type(each.default), default=each.default)
    parser.add_argument("--all", action="store_true", help="every disturbance of the scenario, or of all")
    parser.add_argument("--seeds", type=int, default=0, help="so many random cases")
    parser.add_argument("--first", type=int, default=0, help="the first of --seeds")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--stop", action="store_true", help="at the first that breaks")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
