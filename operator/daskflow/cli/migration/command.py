"""`daskflow migrate`: the options, and what they come to."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from daskflow.cli.exits import call
from daskflow.cli.printing import say

LOST = 1
WRONG = 2
_MOST = 16 * 2**20
"""Bytes of one input."""


def migrate(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="What to migrate; - for standard input.", show_default=False),
    ],
    source: Annotated[
        Literal["dask-kubernetes", "compose", "jobqueue", "helm", "python"] | None,
        typer.Option("--from", help="What the files are [what their content looks like]."),
    ] = None,
    image: Annotated[
        str | None, typer.Option(metavar="IMAGE", help="The image, where the input names none.")
    ] = None,
    output: Annotated[
        Literal["yaml", "json"],
        typer.Option("--output", "-o", help="How to print the manifests [yaml].", show_default=False),
    ] = "yaml",
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Print no manifest, and exit 1, if anything cannot be carried over."),
    ] = False,
) -> None:
    """Turn what ran Dask elsewhere into manifests; what cannot be carried over is said on stderr."""

    async def command() -> None:
        _migrate([str(file) for file in files], source, image, output, strict)

    call(command)


def _migrate(files: list[str], source: str | None, image: str | None, output: str, strict: bool) -> None:
    from daskflow.cli.local.validation import Invalid
    from daskflow.cli.migration.options import Options
    from daskflow.cli.migration.sources import Text, migrate
    from daskflow.cli.migration.text import as_text, lines

    try:
        texts = [Text(_named(file), _read(file)) for file in files]
        folder = Path(next((file for file in files if file != "-"), "-")).parent
        options = Options(source, image, _variables(folder), partial(_beside, folder))
        result = migrate(texts, options)
    except Invalid as error:
        said = str(error)
        say(said if said.endswith((".", "?")) else f"{said}.")
        raise typer.Exit(WRONG) from None
    for line in lines(result, output):
        say(line)
    lost = strict and any(finding.lost for finding in result.findings)
    if not lost:
        print(as_text(result, output))
    raise typer.Exit(LOST if lost else 0)


def _named(file: str) -> str:
    return "standard input" if file == "-" else file


def _read(file: str) -> str:
    """The text of a file. Raises Invalid."""
    from daskflow.cli.local.validation import Invalid

    try:
        if file == "-":
            data = sys.stdin.buffer.read(_MOST + 1)
        else:
            with Path(file).open("rb") as stream:
                data = stream.read(_MOST + 1)
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror or error}; give the path of a file") from error
    if len(data) > _MOST:
        raise Invalid(f"{_named(file)} has more than {_MOST} bytes; give the manifest alone")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"{_named(file)} is no text in UTF-8; give a YAML or Python file") from error


def _variables(folder: Path) -> dict[str, str]:
    """What Docker Compose puts for `${NAME}`: what `.env` beside the file says, over it the environment."""
    from daskflow.cli.migration.compose_files.interpolation import variables_of

    return variables_of(_beside(folder, ".env") or "") | dict(os.environ)


def _beside(folder: Path, path: str) -> str | None:
    """The text of a file that an input names; None where it cannot be read."""
    try:
        return (folder / path).read_text()
    except (OSError, UnicodeDecodeError, ValueError):
        return None
