"""`daskflow watch`: a run to its end, on a terminal as a picture that changes, else line by line."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.cli import options
from daskflow.cli.printing import colours

if TYPE_CHECKING:
    from daskflow.cli.scene import Scene
    from daskflow.client.connection import Connection
    from daskflow.client.run import AsyncRun

FRAME_SECONDS = 0.25
LOG_SECONDS = 5.0
"""How long the last lines of the log are waited for once the run has ended."""


@options.on_cluster
async def watch(
    connection: "Connection",
    run: options.RunName,
    logs: Annotated[bool, typer.Option(help="With the runner's log.")] = True,
    cancel_on_interrupt: options.CancelOnInterrupt = False,
) -> None:
    """Follow a run, live, to its end; the exit code tells how it ended."""
    from daskflow.client.run import AsyncRun

    found = await AsyncRun.get(run, connection=connection)
    await followed(found, logs=logs, cancel_on_interrupt=cancel_on_interrupt)


async def followed(run: "AsyncRun", *, logs: bool = True, cancel_on_interrupt: bool = False) -> None:
    """The same of a run that is there. Raises typer.Exit with the run's exit code."""
    from daskflow.cli.following import to_the_end

    live = sys.stdout.isatty() and colours()
    seen = _live(run, logs) if live else _transcript(run, logs)
    await to_the_end(run, seen, cancel_on_interrupt=cancel_on_interrupt, shown=True)


async def _live(run: "AsyncRun", logs: bool) -> None:
    from rich.console import Console
    from rich.live import Live

    from daskflow.cli.scene import Scene

    console = Console()
    scene = Scene(run.resource, live=True)
    with Live(scene.picture(console.height, console.width), console=console, auto_refresh=False) as screen:
        watching = asyncio.ensure_future(_watching(run, scene, logs, changed=lambda: None))
        try:
            while not watching.done():
                await asyncio.wait((watching,), timeout=FRAME_SECONDS)
                screen.update(scene.picture(console.height, console.width), refresh=True)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


async def _transcript(run: "AsyncRun", logs: bool) -> None:
    from daskflow.cli.printing import out
    from daskflow.cli.scene import Scene

    scene = Scene(run.resource)

    def changed() -> None:
        for line in scene.news():
            out(line)

    changed()
    await _watching(run, scene, logs, changed=changed)


async def _watching(run: "AsyncRun", scene: "Scene", logs: bool, *, changed: Callable[[], None]) -> None:
    """Keep the scene true until the run has ended."""
    from daskflow.api.names import LABEL_RUN
    from daskflow.client.errors import Forbidden, NotFound
    from daskflow.client.watching import watch as events

    async def pods() -> None:
        with suppress(Forbidden):
            selector = f"{LABEL_RUN}={run.name}"
            async for event in events(run.connection, "Pod", run.namespace, selector=selector):
                scene.pod(event.type, event.object)
                changed()

    async def lines() -> None:
        with suppress(Forbidden, NotFound):
            async for line in run.logs(follow=True):
                scene.log(line.text)
                changed()

    beside = [asyncio.ensure_future(pods())]
    log = asyncio.ensure_future(lines() if logs else asyncio.sleep(0))
    try:
        async for _ in run.watch():
            scene.run(run.resource)
            changed()
        # What a flow printed last comes by another connection than its end.
        await asyncio.wait((log,), timeout=LOG_SECONDS)
    finally:
        for task in (*beside, log):
            task.cancel()
        await asyncio.gather(*beside, log, return_exceptions=True)
