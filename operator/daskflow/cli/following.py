"""Waiting for a run's end, and what Ctrl-C then means."""

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING

import typer

from daskflow.cli.exits import INTERRUPTED, exit_code, verdict
from daskflow.cli.printing import say

if TYPE_CHECKING:
    from daskflow.client.run import AsyncRun


async def to_the_end(run: "AsyncRun", ended: Awaitable[object], *, cancel_on_interrupt: bool) -> None:
    """Await `ended`, say how the run did and exit accordingly; Ctrl-C leaves the run, or cancels it."""
    try:
        await ended
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and hasattr(task, "uncancel"):
            task.uncancel()
        await _interrupted(run, cancel_on_interrupt)
    say(f"{verdict(run.name, run.status)}")
    raise typer.Exit(exit_code(run.status))


async def _interrupted(run: "AsyncRun", cancel: bool) -> None:
    where = f"{run.name} --namespace {run.namespace}"
    if cancel:
        await run.cancel()
        say(f"{run.name} is being cancelled; see its end with: daskflow wait {where}")
    else:
        say(f"{run.name} goes on; come back with: daskflow watch {where}")
    raise typer.Exit(INTERRUPTED)
