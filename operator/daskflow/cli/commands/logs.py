"""`daskflow logs`: what pods of a run have printed, and print."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from daskflow.cli import options
from daskflow.cli.printing import colours, out

if TYPE_CHECKING:
    from daskflow.client.connection import Connection
    from daskflow.client.logs import LogLine
    from daskflow.client.run import AsyncRun

_COLOURS = (36, 33, 35, 32, 34, 96, 93, 95, 92, 94)
"""Of prefixes: ANSI's foreground colours that are legible on dark and on light."""


@options.on_cluster
async def logs(
    connection: "Connection",
    run: options.RunName,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")] = False,
    workers: Annotated[bool, typer.Option("--workers", help="The workers' instead of the runner's.")] = False,
    scheduler: Annotated[bool, typer.Option("--scheduler", help="The scheduler's instead.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Those of all pods.")] = False,
    attempt: Annotated[int | None, typer.Option(min=1, help="Of this attempt [the present one].")] = None,
    prefix: Annotated[bool, typer.Option("--prefix", help="Each line after its pod's name.")] = False,
) -> None:
    """Print what a run's pods have printed: the runner's, if no others are asked for."""
    from daskflow.client.run import AsyncRun

    found = await AsyncRun.get(run, connection=connection)
    chosen = [name for name, wanted in (("worker", workers), ("scheduler", scheduler)) if wanted] or [
        "runner"
    ]
    components = ["scheduler", "worker", "runner"] if everything else chosen
    show = Prefixed(components != ["runner"] or prefix)
    from daskflow.client.errors import NotFound

    missing: list[NotFound] = []

    async def shown(component: str) -> None:
        try:
            await _shown(found, component, follow, attempt, show)
        except NotFound as error:
            missing.append(error)

    if follow:
        await asyncio.gather(*map(shown, components))
    else:
        for component in components:
            await shown(component)
    if len(missing) == len(components):
        raise missing[0]


async def _shown(
    run: "AsyncRun", component: str, follow: bool, attempt: int | None, show: "Prefixed"
) -> None:
    lines: AsyncIterator[LogLine] = run.logs(follow=follow, component=component, attempt=attempt)
    async for line in lines:
        show(line)


class Prefixed:
    """Prints lines of logs, after the name of their pod if that is wanted."""

    def __init__(self, prefixes: bool) -> None:
        self._prefixes = prefixes
        self._colours: dict[str, int] = {}

    def __call__(self, line: Any) -> None:
        if not self._prefixes:
            out(line.text)
        elif colours():
            from daskflow.api.wording import one_line

            colour = self._colours.setdefault(line.pod, _COLOURS[len(self._colours) % len(_COLOURS)])
            print(f"\x1b[{colour}m{line.pod}\x1b[0m {one_line(line.text)}", flush=True)
        else:
            out(f"{line.pod} {line.text}")
