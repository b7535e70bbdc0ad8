"""A stage for the policies of a FlowSchedule: the schedule, its runs, and the time."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.api.names import API_VERSION, FLOW_SCHEDULE
from daskflow.manifests.objects import Object
from daskflow.plan.hand_edits import follows
from daskflow.plan.model import Key, Observed, Plan
from daskflow.plan.schedule import life as flowschedule

from tests.unit.plan.stage import SETTINGS

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
UID = "6f1c7a0e-0000-4000-8000-000000000002"
Resource = dict[str, Any]


def schedule(spec: Resource | None = None, **metadata: Any) -> Resource:
    """Hourly, made at midnight."""
    return {
        "apiVersion": API_VERSION,
        "kind": FLOW_SCHEDULE,
        "metadata": {
            "name": "hourly",
            "namespace": "data",
            "uid": UID,
            "generation": 1,
            "resourceVersion": "1",
            "creationTimestamp": timestamp(MIDNIGHT),
            **metadata,
        },
        "spec": {
            "cron": "0 * * * *",
            "template": {"spec": {"image": "flows:1", "flow": {"script": "result = 1"}}},
            **(spec or {}),
        },
        "status": {"observedGeneration": -1},
    }


@dataclass(frozen=True)
class ScheduleStage:
    """Each step answers a new stage."""

    resource: Resource = field(default_factory=schedule)
    runs: tuple[Resource, ...] = ()
    now: datetime = MIDNIGHT
    more: dict[str, Any] = field(default_factory=dict)

    def plan(self) -> Plan:
        """What the real planner says."""
        plan = flowschedule.plan(self.resource, Observed(children=self.runs, **self.more), self.now, SETTINGS)
        assert not plan.overdue(self.now), plan
        return plan

    def settled(self) -> "ScheduleStage":
        """All that the planner wants at this moment has been done, as the controller does it."""
        stage = self
        for _ in range(8):
            plan = stage.plan()
            if not plan.acts:
                return stage
            stage = stage.applied(plan)
        raise AssertionError(f"never settled: {stage.plan()}")

    def applied(self, plan: Plan) -> "ScheduleStage":
        """With the plan carried out."""
        before = self.resource.get("status") or {}
        assert plan.status is None or follows(FLOW_SCHEDULE, before, plan.status)
        resource = self.resource if plan.status is None else {**self.resource, "status": dict(plan.status)}
        gone = {delete.key.name for delete in plan.deletes}
        runs = [run for run in self.runs if run["metadata"]["name"] not in gone]
        for patch in plan.patches:
            runs = [
                _patched(run, patch.body) if run["metadata"]["name"] == patch.key.name else run
                for run in runs
            ]
        made = [_stored(body, self.now) for body in plan.creates]
        return replace(self, resource=resource, runs=(*runs, *made))

    def at(self, hours: float = 0, **span: float) -> "ScheduleStage":
        """The same, so long after midnight."""
        return replace(self, now=MIDNIGHT + timedelta(hours=hours, **span))

    def spec(self, **changes: Any) -> "ScheduleStage":
        """The same with these fields changed by its user."""
        metadata = {**self.resource["metadata"], "generation": self.resource["metadata"]["generation"] + 1}
        spec = {**self.resource["spec"], **changes}
        return replace(self, resource={**self.resource, "metadata": metadata, "spec": spec})

    def ended(self, phase: str = "Succeeded", which: int | None = None) -> "ScheduleStage":
        """The live runs, or one of them, have ended."""
        live = [
            run for run in self.runs if run["status"].get("phase") not in ("Succeeded", "Failed", "Cancelled")
        ]
        chosen = live if which is None else [live[which]]
        runs = tuple(
            {**run, "status": {"phase": phase, "reason": "x"}} if run in chosen else run for run in self.runs
        )
        return replace(self, runs=runs)

    def without(self, index: int) -> "ScheduleStage":
        """Somebody has deleted a run."""
        return replace(self, runs=tuple(run for run in self.runs if run is not self.runs[index]))

    @property
    def ticks(self) -> list[str]:
        """The scheduled times of the runs that there are, without date and zone."""
        return sorted(
            run["metadata"]["annotations"]["daskflow.dev/scheduled-time"][11:16] for run in self.runs
        )

    @property
    def status(self) -> Resource:
        """The schedule's status."""
        status: Resource = self.resource["status"]
        return status

    def condition(self, type_: str) -> Resource | None:
        """One of its conditions."""
        found = (each for each in self.status.get("conditions", ()) if each["type"] == type_)
        return next(found, None)


def run_key(stage: ScheduleStage, index: int) -> Key:
    """The key of one of the runs."""
    return Key("FlowRun", "data", stage.runs[index]["metadata"]["name"])


def _stored(body: Object, now: datetime) -> Resource:
    name = body["metadata"]["name"]
    times = {"creationTimestamp": timestamp(now), "resourceVersion": "5"}
    metadata = {**body["metadata"], "uid": f"uid-{name}", **times}
    return {**body, "metadata": metadata, "status": {"observedGeneration": -1}}


def _patched(run: Resource, body: Object) -> Resource:
    annotations = {**run["metadata"]["annotations"], **body["metadata"]["annotations"]}
    return {
        **run,
        "metadata": {**run["metadata"], "annotations": annotations},
        "spec": {**run["spec"], **body["spec"]},
    }


ALL = {"catchUp": "All", "concurrencyPolicy": "Allow"}


def stage(**spec: Any) -> ScheduleStage:
    """Seen at midnight, when it was made."""
    return ScheduleStage(schedule(spec)).settled()


def reasons(plan: Any) -> list[str]:
    return [event.reason for event in plan.events]
