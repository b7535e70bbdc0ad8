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
LOOK_SECONDS = 5.0
"""So often a run is looked at that has yet to begin: what passes within is not worth a line."""
LEAVE_SECONDS = 2.0
"""How long what follows a run has to take down its picture and connections after Ctrl-C."""


async def to_the_end(
    run: "AsyncRun", ended: Awaitable[object], *, cancel_on_interrupt: bool, shown: bool = False
) -> None:
    """Await `ended`, say how the run did and exit accordingly; Ctrl-C leaves the run, or cancels it.

    What keeps it from beginning is said meanwhile, unless it is `shown` already.

    An API server that stays away leaves it, too: that is nobody's wish to end it.

    It has a task of its own: Ctrl-C cancels the main one once, and a library below may keep that to itself.
    """
    following = asyncio.ensure_future(ended)
    try:
        await _told(run, following, shown)
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


async def _told(run: "AsyncRun", following: "asyncio.Future[object]", shown: bool) -> None:
    """Until it has ended: says that no operator is there, and each reason for which it does not begin."""
    loop = asyncio.get_running_loop()
    said, unseen_at = "", loop.time() + UNSEEN_SECONDS
    while True:
        left = unseen_at - loop.time()
        await asyncio.wait((following,), timeout=min(LOOK_SECONDS, left) if left > 0 else LOOK_SECONDS)
        status = run.status
        if following.done():
            return
        if not status.phase and not said and loop.time() >= unseen_at:
            said = f"no operator has looked at {run.name} for {UNSEEN_SECONDS:g} s"
            say(f"{said}; `daskflow check` says whether one is there. It is waited for all the same.")
        elif status.phase in ("Pending", "Starting") and status.reason not in ("", said) and not shown:
            said = status.reason
            say(f"{run.name} is {status.phase} ({said}): {status.message}")


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
