"""Inputs as people have them, and what they come to, recorded in `expected/`.

`python -m tests.unit.cli.migration.cases` records them anew; what has changed is for a person to read.
"""

from pathlib import Path

from daskflow.cli.main import app
from typer.testing import CliRunner, Result

INPUTS = Path(__file__).parent / "inputs"
EXPECTED = Path(__file__).parent / "expected"
IMAGE = "docker.io/local/daskflow-flows:dev"
"""Where an input names none."""


def names() -> list[str]:
    """All inputs."""
    return sorted(path.name for path in INPUTS.iterdir() if path.is_file())


def migrated(*names: str, options: tuple[str, ...] = ("--image", IMAGE)) -> Result:
    """What the command says to some of them, called by their names alone."""
    unset = {"STAGE": None, "DASK_IMAGE": None}
    return CliRunner().invoke(app, ["migrate", *names, *options], env=unset)


def recorded(name: str) -> Path:
    """Where its result is."""
    return EXPECTED / f"{Path(name).stem}.yaml"


if __name__ == "__main__":
    import os

    os.chdir(INPUTS)
    for each in names():
        recorded(each).write_text(migrated(each).stdout)
