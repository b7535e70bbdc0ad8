"""`daskflow cancel`, `suspend`, `resume` and `delete`: one request for each run that is named."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.cli import options
from daskflow.cli.printing import out, say

if TYPE_CHECKING:
    from daskflow.client.connection import Connection
    from daskflow.client.run import AsyncRun

Runs = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN...",
        help="Names of runs.",
        show_default=False,
        parser=options.name_of("FlowRun", "run"),
    ),
]


async def _each(
    connection: "Connection", runs: list[str], change: Callable[["AsyncRun"], Awaitable[None]], done: str
) -> None:
    """Change one after the other; where one is not there, the others are changed all the same."""
    from daskflow.client.errors import NotFound
    from daskflow.client.run import AsyncRun

    missing = 0
    for name in runs:
        try:
            run = await AsyncRun.get(name, connection=connection)
        except NotFound as error:
            if len(runs) == 1:
                raise
            say(f"{error}.".replace("?.", "?"))
            missing = error.exit_code
            continue
        if run.done and done != "deleted":
            say(f"{run.name} has ended already: {run.phase}.")
            continue
        await change(run)
        out(f"flowrun.daskflow.dev/{run.name} {done}")
    if missing:
        raise typer.Exit(missing)


@options.on_cluster
async def cancel(connection: "Connection", runs: Runs) -> None:
    """Ask a run's flow to end: SIGTERM, then its grace period. Cannot be undone."""
    await _each(connection, runs, lambda run: run.cancel(), "is being cancelled")


@options.on_cluster
async def suspend(connection: "Connection", runs: Runs) -> None:
    """Stop all that runs of a run, until it is resumed; the attempt is lost."""
    await _each(connection, runs, lambda run: run.suspend(), "suspended")


@options.on_cluster
async def resume(connection: "Connection", runs: Runs) -> None:
    """Let a suspended run go on, with a new attempt."""
    await _each(connection, runs, lambda run: run.resume(), "resumed")


@options.on_cluster
async def delete(connection: "Connection", runs: Runs) -> None:
    """Remove runs and all that they own; what runs is ended."""
    await _each(connection, runs, lambda run: run.delete(), "deleted")
