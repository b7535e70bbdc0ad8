"""What must hold of schedules at every step, and of all of them at the end: one run a tick, as told."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from daskflow.api.names import ANNOTATION_SCHEDULED_TIME, FLOW_RUN, FLOW_SCHEDULE
from daskflow.controller.clock import TOLERANCE_SECONDS
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Key, Object

from tests.simulation.kubernetes.objects import EPOCH
from tests.simulation.scenarios.schedule_scenario import ScheduleScenario

if TYPE_CHECKING:
    from tests.simulation.world import World

TERMINAL = ("Succeeded", "Failed", "Cancelled")
PUNCTUAL_SECONDS = 7.0
"""The clock is looked at every five seconds."""
STATUS_WRITES = 8
STATUS_WRITES_A_TICK = 4
"""Of a schedule in a disturbed life; undisturbed it is one a tick, and one when its run ends."""


class ScheduleWatcher:
    """Looks at each change as it happens. `ticks` counts the runs made, by the schedule's uid and tick."""

    def __init__(self, world: "World") -> None:
        self.faults: list[str] = []
        self.ticks: Counter[tuple[str, datetime]] = Counter()
        self.status_writes = 0
        self._world = world
        world.server.changed.append(self._hear)

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        by_operator = self._world.server.by_operator
        if now["kind"] == FLOW_RUN and (owner := _schedule(now)):
            tick = now["metadata"].get("annotations", {}).get(ANNOTATION_SCHEDULED_TIME)
            if type_ == "ADDED" and tick is not None:
                self._counted(owner, now["metadata"]["name"], datetime.fromisoformat(tick))
            if type_ == "ADDED" and by_operator:
                self._made(owner, now)  # when one lands that is late is nobody's wish
            elif by_operator and type_ == "DELETED" and _phase(now) not in TERMINAL:
                self.faults.append(f"{now['metadata']['name']} was deleted while it was {_phase(now)}")
        if now["kind"] == FLOW_SCHEDULE and before is not None and type_ == "MODIFIED":
            old, new = before.get("status") or {}, now.get("status") or {}
            if old != new:
                self.status_writes += 1
                self._said(now["metadata"]["name"], old, new)

    def _counted(self, owner: str, name: str, tick: datetime) -> None:
        self.ticks[owner, tick] += 1
        if self.ticks[owner, tick] > 1:
            self.faults.append(f"{name} was made twice")

    def _made(self, owner: str, run: Object) -> None:
        tick = datetime.fromisoformat(run["metadata"]["annotations"][ANNOTATION_SCHEDULED_TIME])
        name = run["metadata"]["name"]
        scenario = _scenario(self._world)
        at = (tick - EPOCH).total_seconds()
        # A clock that is ahead makes nothing early; one that is behind makes it late.
        due = max(at - min(0.0, self._world.jumped), self._world.jumped_at)
        now = asyncio.get_running_loop().time()
        late = now - due
        if now < at - TOLERANCE_SECONDS:
            self.faults.append(f"{name} was made {at - now:.0f} s early")
        if self._world.case.plain and scenario.punctual and late > PUNCTUAL_SECONDS:
            self.faults.append(f"{name} was made {late:.0f} s late")
        schedule = next(
            (each for each in self._world.server.objects.values() if each["metadata"]["uid"] == owner), None
        )
        settled = ((schedule or {}).get("status") or {}).get("settledTime")
        if settled and tick <= datetime.fromisoformat(settled):
            self.faults.append(f"{name} was made for a tick that was settled")
        if schedule is None or schedule["spec"].get("concurrencyPolicy", "Forbid") == "Allow":
            return
        others = [
            body["metadata"]["name"]
            for body in self._world.server.objects.values()
            if body["kind"] == FLOW_RUN and _schedule(body) == owner and body is not run
            if _phase(body) not in TERMINAL and body["metadata"]["name"] != name
        ]
        if others:
            self.faults.append(f"{name} was made while {others} had not ended")

    def _said(self, name: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        for field in ("settledTime", "lastScheduleTime"):
            if (new.get(field) or "") < (old.get(field) or ""):
                self.faults.append(f"{field} of {name} went back from {old[field]} to {new.get(field)}")
        if new.get("missed", 0) < old.get("missed", 0):
            self.faults.append(f"{name} counts fewer missed ticks than before")


def settled(world: "World", key: Key) -> bool:
    """Whether all ticks are behind this schedule, and its runs have ended."""
    scenario = _scenario(world)
    body = world.server.objects.get(key)
    if not scenario.phases:
        return body is None
    status = (body or {}).get("status") or {}
    last = max((*scenario.ticks, *scenario.others), default=0)
    done = ("Suspended",) if scenario.cheap else TERMINAL
    return (
        body is not None
        and datetime.fromisoformat(status.get("settledTime", "2000-01-01T00:00:00Z")) >= _at(last)
        and all(_phase(run) in done for run in _runs(world, body))
    )


def schedule_faults(world: "World", key: Key) -> Iterator[str]:
    """All that is wrong with a schedule at the end, as sentences."""
    scenario = _scenario(world)
    body = world.server.objects.get(key)
    if (body is None) != (not scenario.phases):
        yield f"{key.name} {'was to stay' if body is None else 'was to go'}"
    if body is None:
        return
    uid, status = body["metadata"]["uid"], body["status"]
    made = {tick for owner, tick in world.schedules.ticks if owner == uid}
    expected = {_at(minute) for minute in scenario.ticks}
    if world.case.plain or scenario.exact:
        if made != expected:
            yield f"{key.name}: not made {_times(expected - made)}, made in excess {_times(made - expected)}"
    else:
        if excess := made - expected - {_at(minute) for minute in scenario.others}:
            yield f"{key.name}: made in excess {_times(excess)}"
        if expected and max(expected) not in made:
            yield f"{key.name}: the last tick has no run"
    if status.get("observedGeneration") != body["metadata"]["generation"]:
        yield f"{key.name} has another generation than its status says"
    if made and datetime.fromisoformat(status["lastScheduleTime"]) != max(made):
        yield f"{key.name}: lastScheduleTime is {status['lastScheduleTime']}, the last run is of {max(made)}"
    live = [run for run in _runs(world, body) if _phase(run) not in TERMINAL]
    if status["activeCount"] != len(live):
        yield f"{key.name}: activeCount is {status['activeCount']}, {len(live)} runs have not ended"
    if world.case.plain and scenario.kept is not None and len(_runs(world, body)) != scenario.kept:
        yield f"{len(_runs(world, body))} runs were kept"
    held = {each["type"] for each in status["conditions"] if each["status"] == "True"}
    if world.case.plain and scenario.condition and scenario.condition not in held:
        yield f"{key.name} has no condition {scenario.condition}"
    allowed = (STATUS_WRITES + STATUS_WRITES_A_TICK * len(made)) * len(scenario.subjects) * len(world.clients)
    if world.case.plain:
        allowed = (
            len(scenario.subjects) * (2 + 2 * len(scenario.ticks) + 2 * len(scenario.actions))
            + status["missed"]
        )
    if world.schedules.status_writes > allowed:
        yield f"{world.schedules.status_writes} status writes of schedules, {allowed} are in order"


def _scenario(world: "World") -> ScheduleScenario:
    assert isinstance(world.scenario, ScheduleScenario)
    return world.scenario


def _runs(world: "World", schedule: Object) -> list[Object]:
    uid = schedule["metadata"]["uid"]
    return [
        body for body in world.server.objects.values() if body["kind"] == FLOW_RUN and _schedule(body) == uid
    ]


def _schedule(run: Object) -> str:
    """The uid of the schedule that controls this run."""
    owner = controller_of(run) or {}
    return str(owner["uid"]) if owner.get("kind") == FLOW_SCHEDULE else ""


def _phase(run: Object) -> str | None:
    phase: str | None = (run.get("status") or {}).get("phase")
    return phase


def _at(minute: int) -> datetime:
    return EPOCH + timedelta(minutes=minute)


def _times(ticks: set[datetime]) -> list[str]:
    return [f"{tick:%d %H:%M}" for tick in sorted(ticks)]
