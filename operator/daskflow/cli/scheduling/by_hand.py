"""A run of a schedule now, as a tick would make it: what its concurrency policy asks for first."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.calendar.timetable import times_of
from daskflow.cli.printing import say
from daskflow.cli.scheduling.known import Schedule, runs_of
from daskflow.client.errors import NotFound, WrongUse
from daskflow.manifests.objects import owner_of
from daskflow.manifests.scheduled_run import manual_run

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

NAMED = 3


def manifest_of(schedule: Schedule, now: datetime) -> dict[str, Any]:
    """The run to create; the time that it is told is now."""
    return manual_run(schedule.resource, times_of(schedule.spec, now.replace(microsecond=0)))


def live_runs(schedule: Schedule, runs: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that are the schedule's own and have not ended, as the operator counts them."""
    return [
        run
        for run in runs
        if (owner_of(run) or {}).get("uid") == schedule.uid
        and (run.get("status") or {}).get("phase") not in TERMINAL_PHASES
    ]


async def make_way(connection: "Connection", schedule: Schedule) -> None:
    """As concurrencyPolicy has it: Forbid raises WrongUse, Replace cancels what lives and awaits its end.

    A tick that comes meanwhile starts a run as soon as the last has ended, so Replace looks until none lives.
    """
    policy = schedule.spec.concurrency_policy
    if policy == "Allow":
        return
    while live := live_runs(schedule, await runs_of(connection, schedule)):
        names = [str(run["metadata"]["name"]) for run in live]
        shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
        if policy == "Forbid":
            raise WrongUse(
                f"{shown} of the schedule {schedule.name} has not ended, and its concurrencyPolicy is "
                f"Forbid; wait for it with `daskflow wait {names[0]}`, or start another beside it with "
                "--force"
            )
        say(f"cancels {shown}, as concurrencyPolicy Replace has it, and waits for the end of that.")
        await _ended(connection, live)


async def _ended(connection: "Connection", live: list[Mapping[str, Any]]) -> None:
    """Cancel all at once, then await them; one that is deleted has ended, too."""
    from daskflow.client.run import AsyncRun

    runs = [AsyncRun(dict(each), connection) for each in live]
    for steps in ([run.cancel() for run in runs], [run.wait() for run in runs]):
        for result in await asyncio.gather(*steps, return_exceptions=True):
            if isinstance(result, BaseException) and not isinstance(result, NotFound):
                raise result
