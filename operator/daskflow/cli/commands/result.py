"""`daskflow result`: what a flow returned."""

from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.cli import options
from daskflow.cli.printing import as_json, say

if TYPE_CHECKING:
    from daskflow.client.connection import Connection


@options.on_cluster
async def result(
    connection: "Connection",
    run: options.RunName,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end of a run that goes on.")] = False,
    within: Annotated[
        str | None,
        typer.Option("--timeout", metavar="DURATION", help="How long: 90s, 2h [for ever]."),
    ] = None,
) -> None:
    """Print what a flow returned, as JSON."""
    from daskflow.cli.commands.wait import duration
    from daskflow.client.errors import NotFinished
    from daskflow.client.run import AsyncRun

    seconds = duration("--timeout", within)
    found = await AsyncRun.get(run, connection=connection)
    try:
        print(as_json(await found.result(seconds if wait or seconds is not None else 0)))
    except NotFinished as error:
        if wait or seconds is not None:
            raise
        raise NotFinished(f"{error}, and --wait waits for it", run=run, status=error.status) from error
    if found.status.result_note:
        say(found.status.result_note)
