"""A run of a schedule now, as a tick would make it: what its concurrency policy asks for first."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.calendar.timetable import times_of
from daskflow.cli.printing import say
from daskflow.cli.scheduling.known import Schedule, runs_of
from daskflow.client.errors import AlreadyExists, NotFound, WrongUse
from daskflow.manifests.objects import owner_of
from daskflow.manifests.scheduled_run import manual_run

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

NAMED = 3


def manifest_of(schedule: Schedule, now: datetime, seen: Iterable[str] | None = None) -> dict[str, Any]:
    """The run to create; the time that it is told is now. `seen`: what `make_way` answered."""
    return manual_run(schedule.resource, times_of(schedule.spec, now.replace(microsecond=0)), seen)


def live_runs(runs: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that have not ended, as the operator counts them."""
    return [run for run in runs if (run.get("status") or {}).get("phase") not in TERMINAL_PHASES]


async def make_way(connection: "Connection", schedule: Schedule, *, replace: bool = True) -> list[str] | None:
    """As concurrencyPolicy has it: Forbid raises WrongUse, Replace cancels what lives and awaits its end.

    A tick that comes meanwhile starts a run as soon as the last has ended, so Replace looks until none lives;
    without `replace` it raises WrongUse as Forbid does. Answers the uids of all runs of the schedule that
    there are then, None where they do not matter.
    """
    policy = schedule.spec.concurrency_policy
    if policy == "Allow":
        return None
    while live := live_runs(own := await _own(connection, schedule)):
        names = [str(run["metadata"]["name"]) for run in live]
        shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
        if policy == "Forbid" or not replace:
            raise WrongUse(
                f"{shown} of the schedule {schedule.name} has not ended, and its concurrencyPolicy is "
                f"{policy}; wait for it with `daskflow wait {names[0]}`, or start another beside it with "
                f"`daskflow schedule trigger {schedule.name} --force`"
            )
        say(f"cancels {shown}, as concurrencyPolicy Replace has it, and waits for the end of that.")
        await _ended(connection, live)
    return [str(run["metadata"]["uid"]) for run in own]


@contextmanager
def first(schedule: Schedule) -> Iterator[None]:
    """A block that creates the run for which `make_way` has made way. Raises WrongUse for the second."""
    try:
        yield
    except AlreadyExists as error:
        policy = schedule.spec.concurrency_policy
        raise WrongUse(
            f"somebody else has just started a run of the schedule {schedule.name}, and its "
            f"concurrencyPolicy is {policy}; see it with `daskflow list`, or start another beside it with "
            f"`daskflow schedule trigger {schedule.name} --force`"
        ) from error


async def _own(connection: "Connection", schedule: Schedule) -> list[dict[str, Any]]:
    """The schedule's own, not others with its name on them."""
    found = await runs_of(connection, schedule)
    return [run for run in found if (owner_of(run) or {}).get("uid") == schedule.uid]


async def _ended(connection: "Connection", live: list[Mapping[str, Any]]) -> None:
    """Cancel all at once, then await them; one that is deleted has ended, too."""
    from daskflow.client.run import AsyncRun

    runs = [AsyncRun(dict(each), connection) for each in live]
    for steps in ([run.cancel() for run in runs], [run.wait() for run in runs]):
        for result in await asyncio.gather(*steps, return_exceptions=True):
            if isinstance(result, BaseException) and not isinstance(result, NotFound):
                raise result
