"""Does the simulation notice? Breaks the package in many small ways and shows which case catches each.

`python -m tests.simulation.mutants` prints a table; `--only NAME` tries one. Each mutant lives in a copy of
the package and a process of its own.
"""

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from tests.simulation.breakages import MUTANTS, Mutant
from tests.simulation.cases import Case, crash_points, dropped_events, random_case, stale_restarts
from tests.simulation.run import attempt, quiet
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.trial import course_of
from tests.simulation.world import Broken

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "operator" / "daskflow"
SECONDS = 180
"""After which a mutant has survived."""
SEEDS = 4000
RARE = (
    Case("success", 100191, storm=True, crashes=3, twins=True),
    Case("quota", 1653, storm=True, down=0.5, crashes=3, twins=True),
    Case("success", crash=17, down=1.0, stale="FlowRun:2"),
    Case("alone, pod gone as it ends", 1460),
    *(Case("a flow of a minute", crash=at, down=40.0, taken="DaskCluster,runner") for at in (11, 12, 13)),
    Case("a second attempt of a minute", frozen="DaskCluster"),
)
"""Known to show what is met after thousands of seeds only: a leader that wakes beside one with late news; an
operator to which a run that is over looks like one that is about to start; an end and a deletion that are
heard of within one write."""
RUN = "python -m tests.simulation.run "


class Inapplicable(Exception):
    """The source has changed: the mutant in `breakages` has to follow it."""


def hunt(mutant: Mutant) -> str:
    """The command of the first case that breaks in a package so broken; empty if none does."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "daskflow"
        shutil.copytree(SOURCES, package, ignore=shutil.ignore_patterns("__pycache__"))
        file = _place(package, mutant)
        file.write_text(file.read_text().replace(mutant.old, mutant.new))
        environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "MUTANT_PACKAGE": folder}
        if mutant.test:
            return _tested(mutant, environment)
        command = [sys.executable, "-m", "tests.simulation.mutants", "--try-here"]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return ""
    if done.returncode == 0:
        return ""
    if done.returncode != 1:
        raise RuntimeError(done.stderr)
    given, error = json.loads(done.stdout)
    case = Case(**given)
    if sound := attempt(case)[2]:
        raise AssertionError(f"breaks without any mutant: {sound}")
    return f"{case.command}  # {error}"


def _tested(mutant: Mutant, environment: dict[str, str]) -> str:
    """The first of its tests that fails in the package so broken; empty if none does."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", mutant.test]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return mutant.test
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    return failed[0][:100] if done.returncode == 1 and failed else ""


def _place(package: Path, mutant: Mutant) -> Path:
    """Its file, or the one to which the code has moved."""
    file = package / mutant.file
    if file.read_text().count(mutant.old) == 1:
        return file
    found = [each for each in package.rglob("*.py") if mutant.old in each.read_text()]
    if len(found) != 1 or found[0].read_text().count(mutant.old) != 1:
        raise Inapplicable(f"{mutant.file} has not once: {mutant.old!r}")
    return found[0]


def try_here() -> int:
    """In the mutant's process: exit code 1, and the case, at the first that breaks."""
    import daskflow

    assert str(daskflow.__file__).startswith(os.environ["MUTANT_PACKAGE"])
    quiet()
    try:
        for case in _cheap():
            _, _, error = attempt(case)
            if error:
                print(json.dumps([asdict(case), _first(error)]))
                return 1
    except Broken as error:
        print(json.dumps([asdict(Case()), _first(str(error))]))
        return 1
    return 0


def _cheap() -> Iterator[Case]:
    """The simulation's cheap part: undisturbed lives, then some of every kind of disturbance in turn."""
    yield from map(Case, SCENARIOS)
    yield from RARE
    core = [name for name, scenario in SCENARIOS.items() if scenario.core]
    enumerated = [
        itertools.chain(*(disturb(name, course_of(name)) for name in core))
        for disturb in (crash_points, stale_restarts, dropped_events)
    ]
    leaders = (
        Case(core[seed % len(core)], seed, storm=True, crashes=3, twins=True, down=(0.5, 2.0, 5.0)[seed % 3])
        for seed in range(SEEDS)
    )
    for some in itertools.zip_longest(*enumerated, leaders, map(random_case, range(SEEDS))):
        yield from (case for case in some if case is not None)


def _first(error: str) -> str:
    lines = [line for line in error.splitlines() if line and not line.startswith(RUN)]
    return " ".join(lines[:2])[:100]


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
