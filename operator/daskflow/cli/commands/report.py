"""`daskflow report`: where time and memory of a run went; with `-o archive` all about it, for a colleague."""

import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from daskflow.cli import options
from daskflow.cli.printing import out, say

if TYPE_CHECKING:
    from daskflow.client.connection import Connection
    from daskflow.client.report.run_report import RunReport
    from daskflow.client.run import AsyncRun

Form = Literal["text", "svg", "html", "json", "archive"]


Output = Annotated[
    Form,
    typer.Option(
        "--output", "-o", help="Letters, a picture, a page, figures, or all about the run for a colleague."
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        help="Say what became slower since this run.",
        parser=options.name_of("FlowRun", "run"),
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
    run: options.RunName,
    output: Output = "text",
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
    from daskflow.client.errors import WrongUse
    from daskflow.client.run import AsyncRun

    if output == "archive" and (against or record):
        raise WrongUse(
            "-o archive packs one run as it is; leave --against and --record out, or choose -o html"
        )
    if output == "svg" and against:
        raise WrongUse("-o svg draws one run; -o html --against shows two side by side")
    archive = output == "archive"
    name = file or (f"{run}-report.tar.gz" if archive else "-")
    where = writable(name, force=force, archive=archive)
    found = await AsyncRun.get(run, connection=connection)
    if archive:
        from daskflow.cli.reporting.packing import packed_run

        data, told = await packed_run(found)
    else:
        shown = _of(found, record)
        other = _of(await AsyncRun.get(against, connection=connection)) if against else None
        if where is None and output == "text":
            _show(shown, other)
            return
        data, told = _as(output, shown, other).encode(errors="replace"), ""
    if where is None:
        sys.stdout.buffer.write(data)
    else:
        put(where, data, force=force)
        out(str(where))
    if told:
        say(told)


def _of(run: "AsyncRun", record: str | None = None) -> "RunReport":
    """Raises NotFound where there is none, WrongUse for what is no record."""
    from daskflow.client.errors import NotFound
    from daskflow.client.report.reading import why_none

    found = run.report
    if found is None:
        raise NotFound(why_none(run.resource))
    return found.with_record(record) if record else found


def _as(form: Form, shown: "RunReport", other: "RunReport | None") -> str:
    """What is written; letters of 80 columns without colours."""
    compared = shown.against(other) if other else None
    if form == "json":
        from daskflow.cli.printing import as_json
        from daskflow.client.report.data import as_data, difference_as_data

        return as_json(difference_as_data(compared) if compared else as_data(shown.figures)) + "\n"
    if form == "html":
        return compared.html() if compared else shown.html()
    if form == "svg":
        return shown.svg()
    return f"{compared or shown}\n"


def _show(shown: "RunReport", other: "RunReport | None") -> None:
    from daskflow.cli.lettering import show
    from daskflow.client.report.letters import drawn, told

    if other:
        compared = shown.against(other)
        show(lambda width, _: told(compared.difference, width))
        return
    name = shown.figures.run
    more: list[Any] = [[], [(f"daskflow report {name} -o html is a page with the picture;", "dim")]]
    more += [[(f"daskflow report {name} -o archive packs all about the run for a colleague.", "dim")]]
    show(lambda width, ascii_only: [*drawn(shown.figures, width, ascii_only=ascii_only), *more])
