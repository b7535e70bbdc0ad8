"""Inputs as people have them, and what they come to: recorded in `expected/`, and shown in docs/migrating.md.

`python -m tests.unit.cli.migration.cases` records both anew; what has changed is for a person to read.
"""

import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple

from daskflow.cli.main import app
from typer.testing import CliRunner, Result

INPUTS = Path(__file__).parent / "inputs"
EXPECTED = Path(__file__).parent / "expected"
PAGE = Path(__file__).parents[4] / "docs" / "migrating.md"
IMAGE = "docker.io/local/daskflow-flows:dev"
"""Where an input names none."""
_EXAMPLE = re.compile(
    r"^```(?:yml|python)\n# (?P<file>\S+)\n(?P<text>.*?)^```\n"
    r"(?:(?!^```).)*?^    \$ daskflow migrate (?P<arguments>[^\n]+)\n\n```ya?ml\n(?P<output>.*?)^```$",
    re.M | re.S,
)


class Example(NamedTuple):
    """One of the page: a file, the command, what it printed, and where that stands in the page."""

    file: str
    text: str
    arguments: list[str]
    output: str
    span: tuple[int, int]


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


def examples() -> list[Example]:
    """All of the page."""
    return [
        Example(
            found["file"],
            found["text"],
            shlex.split(found["arguments"]),
            found["output"],
            found.span("output"),
        )
        for found in _EXAMPLE.finditer(PAGE.read_text())
    ]


def printed(example: Example, folder: Path) -> str:
    """What the command prints for an example now, in a folder that is the working one."""
    path = folder / example.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(example.text)
    return migrated(*example.arguments, options=()).stdout


def main() -> None:
    """Records all of it."""
    import tempfile

    os.chdir(INPUTS)
    for name in names():
        recorded(name).write_text(migrated(name).stdout)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        page = PAGE.read_text()
        for example in reversed(examples()):
            begin, end = example.span
            page = page[:begin] + printed(example, Path(folder)) + page[end:]
        PAGE.write_text(page)


if __name__ == "__main__":
    main()
