"""The hunt for one mutant, in a copy of the package and a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.simulation.cases import Case
from tests.simulation.mutants.cheap_cases import cheap_cases
from tests.simulation.mutants.mutant import Mutant
from tests.simulation.result import Broken
from tests.simulation.run import attempt, quiet

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "operator" / "daskflow"
SECONDS = 180
"""After which a mutant has survived."""
RUN = "python -m tests.simulation.run "


class Inapplicable(Exception):
    """The source has changed: the mutant has to follow it."""


def hunt(mutant: Mutant) -> str:
    """The command of the first case that breaks in a package so broken; empty if none does."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "daskflow"
        shutil.copytree(SOURCES, package, ignore=shutil.ignore_patterns("__pycache__"))
        file = place(package, mutant)
        file.write_text(file.read_text().replace(mutant.old, mutant.new))
        environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "MUTANT_PACKAGE": folder}
        if mutant.test:
            return _tested(mutant, environment)
        done = _run(["tests.simulation.mutants", "--try-here"], folder, environment)
    if done is None or done.returncode == 0:
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
    done = _run(["pytest", "-x", "-q", "-p", "no:cacheprovider", mutant.test], ROOT, environment)
    if done is None:
        return mutant.test
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    return failed[0][:100] if done.returncode == 1 and failed else ""


def _run(
    module: list[str], folder: str | Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str] | None:
    """The module's end with its output; None if it takes too long."""
    try:
        return subprocess.run(
            [sys.executable, "-m", *module],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None


def place(package: Path, mutant: Mutant) -> Path:
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
        for case in cheap_cases():
            _, _, error = attempt(case)
            if error:
                print(json.dumps([asdict(case), _first(error)]))
                return 1
    except Broken as error:
        print(json.dumps([asdict(Case()), _first(str(error))]))
        return 1
    return 0


def _first(error: str) -> str:
    lines = [line for line in error.splitlines() if line and not line.startswith(RUN)]
    return " ".join(lines[:2])[:100]
