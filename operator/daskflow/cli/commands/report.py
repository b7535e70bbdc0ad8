"""`daskflow report`: all about a run in one archive, for a colleague."""

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.cli import options
from daskflow.cli.printing import out, say

if TYPE_CHECKING:
    from daskflow.client.connection import Connection


@options.on_cluster
async def report(
    connection: "Connection",
    run: options.RunName,
    file: Annotated[
        str | None,
        typer.Option(
            "--filename", "-f", metavar="FILE", help="Where to put it; - for stdout [RUN-report.tar.gz]."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Pack all about a run into one .tar.gz: manifest, status, Events, pods, logs; secrets are taken out."""
    from datetime import datetime, timezone

    from daskflow.cli.checks import Line
    from daskflow.cli.commands.check import looked
    from daskflow.cli.reporting.archive import packed
    from daskflow.cli.reporting.contents import files, gathered
    from daskflow.client.errors import DaskflowError
    from daskflow.client.run import AsyncRun

    where = writable(file or f"{run}-report.tar.gz", force=force)
    found = await AsyncRun.get(run, connection=connection)
    now = datetime.now(timezone.utc)
    try:
        checks = await looked(connection)
    except DaskflowError as error:
        checks = [Line(None, str(error))]
    made, secrets = files(await gathered(found, checks), now)
    data = packed(made, f"{run}-report", now)
    if where is None:
        sys.stdout.buffer.write(data)
    else:
        put(where, data, force=force)
        out(str(where))
    say(
        f"{len(made)} files, {-(-len(data) // 1024)} KiB; {secrets} values that look like secrets were taken "
        "out, others cannot be known: look before you send it."
    )


def writable(name: str, *, force: bool) -> Path | None:
    """The file to write, None for stdout. Raises WrongUse."""
    from daskflow.client.errors import WrongUse

    if name == "-":
        if sys.stdout.isatty():
            raise WrongUse("an archive does not go to a terminal; give a file's name by -f")
        return None
    path = Path(name)
    if not path.name.endswith((".tar.gz", ".tgz")):
        raise WrongUse(f"-f {name}: the archive is a .tar.gz; give it such a name")
    if path.exists() and not force:
        raise WrongUse(_there(path))
    if path.is_dir():
        raise WrongUse(f"{name} is a folder; give another name by -f")
    if not path.parent.is_dir():
        raise WrongUse(f"{path.parent} is no folder; make it first")
    return path


def put(path: Path, data: bytes, *, force: bool) -> None:
    """Make the file, for its owner alone, whatever was there; a link is replaced, not followed.

    Raises WrongUse where it came to be meanwhile, or cannot be written.
    """
    from daskflow.client.errors import WrongUse

    try:
        if not force:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
                opened.write(data)
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as opened:
            try:
                opened.write(data)
                opened.flush()
                os.replace(opened.name, path)
            except BaseException:
                os.unlink(opened.name)
                raise
    except FileExistsError:
        raise WrongUse(_there(path)) from None
    except OSError as error:
        raise WrongUse(f"{path} cannot be written: {error.strerror}; give another name by -f") from None


def _there(path: Path) -> str:
    return f"{path} is there already; give another name by -f, or replace it by --force"
