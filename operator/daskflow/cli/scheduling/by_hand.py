"""A run of a schedule now, as a tick would make it: what its concurrency policy asks for first."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.calendar.timetable import times_of
from daskflow.cli.printing import say
from daskflow.cli.scheduling.known import Schedule, runs_of
from daskflow.client.errors import WrongUse
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
    """As concurrencyPolicy has it: Forbid raises WrongUse, Replace cancels what lives and awaits its end."""
    from daskflow.client.run import AsyncRun

    policy = schedule.spec.concurrency_policy
    if policy == "Allow":
        return
    live = live_runs(schedule, await runs_of(connection, schedule))
    if not live:
        return
    names = [str(run["metadata"]["name"]) for run in live]
    shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    if policy == "Forbid":
        raise WrongUse(
            f"{shown} of the schedule {schedule.name} has not ended, and its concurrencyPolicy is Forbid; "
            f"wait for it with `daskflow wait {names[0]}`, or start another beside it with --force"
        )
    say(f"cancels {shown}, as concurrencyPolicy Replace has it, and waits for the end of that.")
    for run in [AsyncRun(dict(each), connection) for each in live]:
        await run.cancel()
        await run.wait()
