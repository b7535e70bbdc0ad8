"""Waiting for a run's end, and what Ctrl-C then means."""

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING

import typer

from daskflow.cli.exits import INTERRUPTED, exit_code, verdict
from daskflow.cli.printing import say
from daskflow.client.errors import ConnectionFailed, ServerFailed

if TYPE_CHECKING:
    from daskflow.client.run import AsyncRun

UNSEEN_SECONDS = 15.0
"""How long a run may be without a status before it is said: an operator that lives writes one at once."""
LEAVE_SECONDS = 2.0
"""How long what follows a run has to take down its picture and connections after Ctrl-C."""


async def to_the_end(run: "AsyncRun", ended: Awaitable[object], *, cancel_on_interrupt: bool) -> None:
    """Await `ended`, say how the run did and exit accordingly; Ctrl-C leaves the run, or cancels it.

    An API server that stays away leaves it, too: that is nobody's wish to end it.

    It has a task of its own: Ctrl-C cancels the main one once, and a library below may keep that to itself.
    """
    following = asyncio.ensure_future(ended)
    try:
        await asyncio.wait((following,), timeout=UNSEEN_SECONDS)
        if not following.done() and not run.status.phase:
            unseen = f"no operator has looked at {run.name} for {UNSEEN_SECONDS:g} s"
            say(f"{unseen}; `daskflow check` says whether one is there. It is waited for all the same.")
        await asyncio.wait((following,))
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and hasattr(task, "uncancel"):
            task.uncancel()
        following.cancel()
        await asyncio.wait((following,), timeout=LEAVE_SECONDS)
        await _interrupted(run, cancel_on_interrupt)
    try:
        await following
    except (ConnectionFailed, ServerFailed):
        say(_goes_on(run))
        raise
    say(f"{verdict(run.name, run.status)}")
    raise typer.Exit(exit_code(run.status))


async def _interrupted(run: "AsyncRun", cancel: bool) -> None:
    if cancel:
        await run.cancel()
        where = f"{run.name} --namespace {run.namespace}"
        say(f"{run.name} is being cancelled; see its end with: daskflow wait {where}")
    else:
        say(_goes_on(run))
    raise typer.Exit(INTERRUPTED)


def _goes_on(run: "AsyncRun") -> str:
    return f"{run.name} goes on; come back with: daskflow watch {run.name} --namespace {run.namespace}"
