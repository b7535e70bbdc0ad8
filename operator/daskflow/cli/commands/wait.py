"""`daskflow wait`: a run's end, or a phase."""

from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.cli import options

if TYPE_CHECKING:
    from daskflow.client.connection import Connection


@options.on_cluster
async def wait(
    connection: "Connection",
    run: options.RunName,
    within: Annotated[
        str | None,
        typer.Option("--timeout", metavar="DURATION", help="How long: 90s, 2h [for ever]."),
    ] = None,
    cancel_on_interrupt: options.CancelOnInterrupt = False,
) -> None:
    """Wait for a run's end; the exit code tells how it ended."""
    from daskflow.cli.following import to_the_end
    from daskflow.client.run import AsyncRun

    seconds = duration("--timeout", within)
    found = await AsyncRun.get(run, connection=connection)
    await to_the_end(found, found.wait(seconds), cancel_on_interrupt=cancel_on_interrupt)


def duration(option: str, text: str | None) -> float | None:
    """Its seconds, None for none. Raises WrongUse."""
    from daskflow.api.quantities import seconds
    from daskflow.client.errors import WrongUse

    try:
        return None if text is None else float(seconds(text))
    except ValueError as error:
        raise WrongUse(f"{option}: {error}") from error
