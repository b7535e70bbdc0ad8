"""Front doors: what other tools need to hand their runs to daskflow, a folder each.

A door is a folder here with `tests/`: `tests/quick/` needs no cluster, `tests/cluster/` does. Most are a
package of their own (`pyproject.toml`) with dependencies of their own, that import nothing of `daskflow` and
know FlowRuns by models made from the CRDs. Where `locks/doors/` has a lock of the door's name, its tests run
in an environment of that, else in the one of development.

- `models`: makes those models, `FlowRun` and all below it, for `make crds`.
- `environments`: the Python that a door's tests run with.
- `kubectl`: what tests on a cluster share.
- `__main__`: runs the tests; see `make doors`.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent


@dataclass(frozen=True)
class Door:
    """One of them."""

    name: str

    @property
    def folder(self) -> Path:
        """Where all of it is."""
        return FOLDER / self.name

    @property
    def project(self) -> dict[str, Any] | None:
        """Its pyproject.toml; None when it is no package."""
        file = self.folder / "pyproject.toml"
        return tomllib.loads(file.read_text()) if file.exists() else None

    @property
    def package(self) -> Path | None:
        """The folder that is imported: that of the distribution's name."""
        return self.folder / self.project["project"]["name"].replace("-", "_") if self.project else None

    @property
    def lock(self) -> str | None:
        """The name of its lock."""
        name = f"doors/{self.name}"
        return name if (ROOT / "locks" / f"{name}.in").exists() else None

    def tests(self, kind: str) -> Path | None:
        """Its tests that are `quick`, or need a `cluster`."""
        found = self.folder / "tests" / kind
        return found if found.is_dir() else None


def doors() -> list[Door]:
    """All of them, by name."""
    return [Door(path.parent.name) for path in sorted(FOLDER.glob("*/tests")) if path.is_dir()]
