"""A schedule as it was read: what can be told of it before anything is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

from daskflow.api.conditions import instant
from daskflow.api.flowschedule import FlowScheduleSpec, spec_of, status_of
from daskflow.calendar.timetable import Timetable, TimetableInvalid, timetable_of
from daskflow.calendar.wall_clock import ZoneUnknown, time_zone
from daskflow.client.errors import WrongUse

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

KIND = "FlowSchedule"
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Schedule:
    """One whose template and timetable this program understands."""

    resource: Mapping[str, Any]
    spec: FlowScheduleSpec

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.resource["metadata"]["name"])

    @property
    def uid(self) -> str:
        """What tells it from another of its name."""
        return str(self.resource["metadata"]["uid"])

    @cached_property
    def timetable(self) -> Timetable:
        """When it ticks."""
        return timetable_of(self.spec)

    @cached_property
    def zone(self) -> tzinfo:
        """Where."""
        return time_zone(self.spec.time_zone)

    @cached_property
    def settled(self) -> datetime:
        """Up to here the operator gives no tick a run any more, as its journal says."""
        status = status_of(self.resource)
        known = (status.settled_time, status.last_schedule_time)
        made = self.resource["metadata"]["creationTimestamp"]
        return max(instant(each) for each in (made, *known) if each)

    def local(self, at: datetime) -> str:
        """A moment as its users' clocks show it."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S %Z}"


def understood(resource: Mapping[str, Any]) -> Schedule:
    """Raises WrongUse where the operator, too, would make no run of it, or this program is older."""
    from pydantic import ValidationError

    from daskflow.api.invalid_spec import sentence
    from daskflow.manifests.substitution import refusal

    name = resource["metadata"]["name"]
    try:
        found = Schedule(resource, spec_of(resource))
        found.timetable  # noqa: B018
    except ValidationError as error:
        raise WrongUse(
            f"this program does not understand the schedule {name}: {sentence(error)} "
            "`daskflow version` says whether the operator is newer"
        ) from error
    except (TimetableInvalid, ZoneUnknown) as error:
        raise WrongUse(f"the schedule {name} never ticks: {error}") from error
    if misplaced := refusal(resource["spec"]["template"]["spec"]):
        raise WrongUse(f"the schedule {name} makes no runs: {misplaced}")
    return found


async def read(connection: "Connection", name: str) -> Schedule:
    """The schedule of this name. Raises NotFound with near names, WrongUse and the errors of a connection."""
    from daskflow.cli.objects import near_names

    async with near_names(connection, KIND, name):
        return understood(await connection.get(KIND, name))


async def runs_of(connection: "Connection", schedule: Schedule) -> list[dict[str, Any]]:
    """All runs with its name on them, also those that are not its own."""
    from daskflow.api.names import FLOW_RUN, LABEL_SCHEDULE

    namespace = schedule.resource["metadata"]["namespace"]
    found = await connection.list(FLOW_RUN, namespace, selector=f"{LABEL_SCHEDULE}={schedule.name}")
    return [{"kind": FLOW_RUN, **each} for each in found]
