"""Flyte's Dask plugin as a program (`plugin/main.go`): `python -m integrations.flyte.program` builds it.

Flyte and dask-kubernetes' types for Go come from the module proxy, or, where that does not have them, from
checkouts in the folder DASKFLOW_FLYTE_SOURCES: `flyte` (v2.0.43), `dask-kubernetes` (abd02cd17b26) and `stow`
of flyteorg. All else is locked by `plugin/go.sum`. On a cluster no registry is in reach: it is built before.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.cluster.hashing import digest
from tests.cluster.settings import cache
from tests.cluster.toolchain import go

PLUGIN = Path(__file__).parent / "plugin"
SOURCES = "DASKFLOW_FLYTE_SOURCES"
_CHECKOUTS = {
    "github.com/flyteorg/flyte/v2": "flyte",
    "github.com/dask/dask-kubernetes/v2023": "dask-kubernetes",
    "github.com/flyteorg/stow": "stow",
}
_GO = "1.26.5"


def built() -> Path | None:
    """The program for the sources as they are now; None where it has not been built."""
    program = _place()
    return program if program.exists() else None


def build() -> str:
    """Builds it, unless it is there; an empty text, or why that could not be done."""
    program = _place()
    if program.exists():
        return ""
    with tempfile.TemporaryDirectory() as folder:
        work = shutil.copytree(PLUGIN, Path(folder) / "plugin")
        if sources := os.environ.get(SOURCES):
            for module, name in _CHECKOUTS.items():
                replacement = f"-replace={module}={Path(sources).resolve() / name}"
                subprocess.run([go(_GO), "mod", "edit", replacement], cwd=work, check=True)
        command = [go(_GO), "build", "-mod=mod", "-o", "daskjobs", "."]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"Flyte's plugin cannot be built here ({SOURCES} names checkouts): {done.stderr[-600:]}"
        program.parent.mkdir(parents=True, exist_ok=True)
        part = program.with_suffix(f".{os.getpid()}")
        shutil.move(work / "daskjobs", part)
        part.replace(program)
    return ""


def _place() -> Path:
    return cache() / "flyte" / digest([PLUGIN], []) / "daskjobs"


class Flyte:
    """The executor of one task: what Flyte does with it, by the program."""

    def __init__(self, program: Path, namespace: str, name: str, *flags: str) -> None:
        self._flags = ["--namespace", namespace, "--name", name, *flags]
        self._program = program

    def run(self, command: str, *words: str) -> list[dict[str, Any]]:
        """What it prints, a phase a line. `words` are those of the task's container."""
        done = subprocess.run(
            [str(self._program), command, *self._flags, *(("--", *words) if words else ())],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def watching(self) -> "subprocess.Popen[str]":
        """The same of `watch`, while something else is done."""
        command = [str(self._program), "watch", *self._flags]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


if __name__ == "__main__":
    if fault := build():
        # No failure: what it says is recorded, and tests that need it say in their summary why they rest.
        print(fault, file=sys.stderr)
