"""`daskflow timeline`: when what of a run was so, as a picture."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from daskflow.cli import options
from daskflow.cli.lettering import show
from daskflow.cli.printing import as_json

if TYPE_CHECKING:
    from daskflow.client.connection import Connection
    from daskflow.client.timeline.model import Timeline


@options.on_cluster
async def timeline(
    connection: "Connection",
    run: options.RunName,
    output: Annotated[
        Literal["svg", "json"] | None,
        typer.Option("--output", "-o", help="A picture for browsers, or the spans [letters]."),
    ] = None,
) -> None:
    """Draw attempts, phases and pods of a run over time, from its status and Events."""
    from daskflow.client.run import AsyncRun
    from daskflow.client.timeline.look import timeline_of

    found = await AsyncRun.get(run, connection=connection)
    seen = await timeline_of(connection, found.resource)
    if output == "svg":
        from daskflow.client.timeline.svg import svg

        print(svg(seen), end="")
    elif output == "json":
        print(as_json(as_data(seen)))
    else:
        from daskflow.cli.drawing import drawn

        show(lambda width, ascii_only: drawn(seen, width, ascii_only=ascii_only))


def as_data(timeline: "Timeline") -> dict[str, Any]:
    """For programs: times as RFC 3339, null where something goes on."""

    def plain(item: Any) -> dict[str, Any]:
        values = item._asdict().items()
        return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in values}

    return {
        "run": timeline.run,
        "phase": timeline.phase,
        "reason": timeline.reason,
        "begin": timeline.begin.isoformat(),
        "end": timeline.end.isoformat() if timeline.over else None,
        "spans": [plain(span) for span in timeline.spans],
        "events": [plain(mark) for mark in timeline.marks],
    }
