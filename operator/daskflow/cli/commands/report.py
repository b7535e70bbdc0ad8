"""`daskflow report`: where time and memory of a run went; with `-o archive` all about it, for a colleague."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from daskflow.cli import options
from daskflow.cli.printing import out, say

if TYPE_CHECKING:
    from daskflow.client.connection import Connection


_name = options.name_of("FlowRun", "run")


def _run_or_file(given: str) -> str:
    """A name that can be one, or the path of a file that is there."""
    from daskflow.cli.reporting.source import is_file

    if given.endswith(".json") and not is_file(given):
        raise typer.BadParameter(f"there is no file {given}; give the path of one, or a run's name")
    return given if is_file(given) else _name(given)


RunOrFile = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="The run's name, or a .json file with its object or status.",
        show_default=False,
        parser=_run_or_file,
    ),
]
Output = Literal["text", "svg", "html", "json", "archive"]
AsOutput = Annotated[
    Output,
    typer.Option(
        "--output",
        "-o",
        help="text; svg, a picture; html, a page; json, figures; archive, all about the run for a colleague.",
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        help="Say what became slower since this run.",
        parser=_run_or_file,
    ),
]
Record = Annotated[
    str | None,
    typer.Option(
        metavar="WHERE",
        help="Path or URL of tasks.json.gz (spec.report.to): all prefixes, longest tasks, workers.",
    ),
]
File = Annotated[
    str | None,
    typer.Option(
        "--filename",
        "-f",
        metavar="FILE",
        help="Where to put it; - for stdout [stdout; an archive: RUN-report.tar.gz].",
    ),
]


@options.on_cluster
async def report(
    connection: "Connection",
    run: RunOrFile,
    output: AsOutput = "text",
    against: Against = None,
    record: Record = None,
    file: File = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Say where time and memory of a run went: in letters, as a picture, as a page for browsers.

    With -o archive it packs all about the run into one .tar.gz: manifest, status, Events, pods, logs, its
    report; secrets are taken out.
    """
    from daskflow.cli.reporting.destination import put, writable
    from daskflow.cli.reporting.forms import show, written
    from daskflow.cli.reporting.source import report_of

    _check(run, output, against, record)
    name = file or (f"{run}-report.tar.gz" if output == "archive" else "-")
    where = writable(name, force=force, archive=output == "archive")
    said = ""
    if output == "archive":
        from daskflow.cli.reporting.packing import packed_run

        data, said = await packed_run(run, connection)
    else:
        shown = await report_of(run, connection, record)
        other = await report_of(against, connection) if against else None
        if where is None and output == "text":
            show(shown, other, _further(run))
            return
        data = written(output, shown, other).encode(errors="replace")
    if where is None:
        sys.stdout.buffer.write(data)
    else:
        put(where, data, force=force)
        out(str(where))
    if said:
        say(said)


def _check(run: str, output: Output, against: str | None, record: str | None) -> None:
    """Raises WrongUse for options that do not go together."""
    from daskflow.cli.reporting.source import is_file
    from daskflow.client.errors import WrongUse

    if output == "archive" and (against or record):
        raise WrongUse(
            "-o archive packs one run as it is; leave --against and --record out, or choose -o html"
        )
    if output == "archive" and is_file(run):
        raise WrongUse(f"-o archive packs a run of the cluster, and {run} is a file; give a run's name")
    if output == "svg" and against:
        raise WrongUse("-o svg draws one run; -o html --against shows two side by side")


def _further(run: str) -> list[str]:
    from daskflow.cli.reporting.source import is_file

    page = f"daskflow report {run} -o html is a page with the picture"
    if is_file(run):
        return ["", f"{page}."]
    return ["", f"{page};", f"daskflow report {run} -o archive packs all about the run for a colleague."]
