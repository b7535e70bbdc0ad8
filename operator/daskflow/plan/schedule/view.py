"""What the policies of a FlowSchedule look at: its timetable, its runs, and the ticks that wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from daskflow.api.conditions import instant
from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.api.flowschedule import FlowScheduleSpec, FlowScheduleStatus
from daskflow.api.names import ANNOTATION_REPLACED_BY, ANNOTATION_SCHEDULED_TIME, FLOW_RUN
from daskflow.api.quantities import seconds
from daskflow.calendar.timetable import Timetable, newest, timetable_of
from daskflow.manifests.naming import scheduled_run_name
from daskflow.manifests.settings import Settings
from daskflow.plan.model import Key, Object, Observed, Occupied, Refusal

COUNTED = 1000
"""Waiting ticks that are looked at. Of those before them only so much is known: they are passed over."""


@dataclass(frozen=True)
class Run:
    """A FlowRun that the schedule controls."""

    raw: Object

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.raw["metadata"]["name"])

    @property
    def uid(self) -> str:
        """Its uid."""
        return str(self.raw["metadata"]["uid"])

    @cached_property
    def tick(self) -> datetime:
        """Its scheduled time; for one made by hand, that has none, the time at which it was made."""
        return self.scheduled or instant(self.raw["metadata"]["creationTimestamp"])

    @cached_property
    def scheduled(self) -> datetime | None:
        """The tick that it was made for, None if for none."""
        annotation = (self.raw["metadata"].get("annotations") or {}).get(ANNOTATION_SCHEDULED_TIME)
        try:
            return instant(annotation) if annotation else None
        except ValueError:
            return None

    @property
    def phase(self) -> str | None:
        """Its phase, None as long as nobody has looked at it."""
        phase: str | None = (self.raw.get("status") or {}).get("phase")
        return phase

    @property
    def live(self) -> bool:
        """Whether anything of it may compute."""
        return self.phase not in TERMINAL_PHASES

    @property
    def deleting(self) -> bool:
        """Whether it is on its way out."""
        return "deletionTimestamp" in self.raw["metadata"]

    @property
    def cancelled(self) -> bool:
        """Whether it has been asked to end."""
        return bool(self.raw["spec"].get("cancel") or (self.raw.get("status") or {}).get("cancelRequested"))

    @property
    def makes_way_for(self) -> str | None:
        """The tick for which the schedule has asked it to end, as a timestamp."""
        annotations = self.raw["metadata"].get("annotations") or {}
        tick: str | None = annotations.get(ANNOTATION_REPLACED_BY)
        return tick


@dataclass(frozen=True)
class ScheduleView:
    """Everything a policy may know. Nothing in here changes while the policies are asked."""

    resource: Object
    spec: FlowScheduleSpec
    status: FlowScheduleStatus
    seen: Observed
    now: datetime
    settings: Settings

    @property
    def name(self) -> str:
        """The schedule's name."""
        return str(self.resource["metadata"]["name"])

    @property
    def uid(self) -> str:
        """The schedule's uid."""
        return str(self.resource["metadata"]["uid"])

    @property
    def generation(self) -> int:
        """The generation of the spec."""
        return int(self.resource["metadata"].get("generation", 0))

    @cached_property
    def timetable(self) -> Timetable:
        """When it ticks; raises TimetableInvalid or ZoneUnknown, of which the policy `invalid` tells."""
        return timetable_of(self.spec)

    @cached_property
    def timetable_changed(self) -> bool:
        """Whether status counts by another timetable than the spec's."""
        counted = self.status.schedule, self.status.time_zone
        return self.status.schedule is not None and counted != (
            timetable_text(self.spec),
            self.spec.time_zone,
        )

    @cached_property
    def settled(self) -> datetime:
        """Up to here all ticks have had their run or were passed over; none of them is given one any more.

        At first it is the schedule's beginning, after a change of the timetable the moment when that is seen.
        """
        known = [instant(self.resource["metadata"]["creationTimestamp"])]
        known += [
            instant(each) for each in (self.status.settled_time, self.status.last_schedule_time) if each
        ]
        if self.timetable_changed:
            known.append(self.now.replace(microsecond=0))
        return max(known)

    @cached_property
    def waiting(self) -> tuple[datetime, ...]:
        """Ticks that are to be settled, oldest first."""
        return newest(self.timetable, self.settled, self.now, COUNTED)

    @cached_property
    def next(self) -> datetime | None:
        """The next tick to come."""
        return self.timetable.after(max(self.settled, self.now.replace(microsecond=0)))

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """All runs of the schedule that exist, oldest tick first."""
        found = (Run(child) for child in self.seen.children if child["kind"] == FLOW_RUN)
        return tuple(sorted(found, key=lambda run: (run.tick, run.name)))

    @cached_property
    def live(self) -> tuple[Run, ...]:
        """Those that have not ended."""
        return tuple(run for run in self.runs if run.live)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(run.name for run in self.runs)

    @cached_property
    def _ticks(self) -> frozenset[datetime]:
        return frozenset(run.scheduled for run in self.runs if run.scheduled)

    def run_name(self, tick: datetime) -> str:
        """The name of this tick's run."""
        return scheduled_run_name(self.name, self.uid, tick)

    def made(self, tick: datetime) -> bool:
        """Whether this tick's run exists, also one that an earlier version has named otherwise."""
        return self.run_name(tick) in self._names or tick in self._ticks

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Refused creates of runs; what runs themselves were refused is their own affair."""
        return tuple(each for each in self.seen.refusals if each.key.kind == FLOW_RUN)

    @property
    def occupied(self) -> tuple[Occupied, ...]:
        """Names of runs that were found taken."""
        return tuple(each for each in self.seen.occupied if each.key.kind == FLOW_RUN)

    @property
    def deadline(self) -> timedelta | None:
        """How late a tick may start."""
        given = self.spec.starting_deadline
        return None if given is None else timedelta(seconds=seconds(given))

    def key(self, name: str) -> Key:
        """The key of a run."""
        return Key(FLOW_RUN, self.resource["metadata"]["namespace"], name)


def timetable_text(spec: FlowScheduleSpec) -> str:
    """The timetable without its zone, as `kubectl get` shows it; another text is another timetable."""
    if spec.cron is not None:
        return spec.cron
    return f"every {spec.interval}" + (f" from {spec.anchor}" if spec.anchor else "")
