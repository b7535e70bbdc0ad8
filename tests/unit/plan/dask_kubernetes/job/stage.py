"""A stage for the policies of a DaskJob: the job, what it owns, and the time. Each step answers a new one."""

import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.api.dask_kubernetes.names import API_VERSION, JOB
from daskflow.api.names import kind_of
from daskflow.plan.dask_kubernetes.job import life
from daskflow.plan.model import Observed, Plan

from tests.unit.plan.stage import NOW, SETTINGS

Resource = dict[str, Any]
UID = "6f1c7a0e-0000-4000-8000-000000000003"
SCHEDULER = {"containers": [{"name": "scheduler", "image": "dask:1", "args": ["dask", "scheduler"]}]}
WORKER = {"containers": [{"name": "worker", "image": "dask:1", "args": ["dask", "worker"]}]}
SERVICE = {"type": "ClusterIP", "ports": [{"name": "tcp-comm", "port": 8786}]}
SPEC: Resource = {
    "job": {
        "spec": {
            "restartPolicy": "OnFailure",
            "containers": [{"name": "job", "image": "dask:1", "args": ["python", "-c", "print(1)"]}],
        }
    },
    "cluster": {
        "spec": {
            "idleTimeout": 0,
            "worker": {"replicas": 2, "spec": WORKER},
            "scheduler": {"spec": SCHEDULER, "service": SERVICE},
        }
    },
}


def job(spec: Any = SPEC, **metadata: Any) -> Resource:
    """A DaskJob that was just created."""
    return {
        "apiVersion": API_VERSION,
        "kind": JOB,
        "metadata": {
            "name": "sums",
            "namespace": "data",
            "uid": UID,
            "generation": 1,
            "resourceVersion": "1",
            "creationTimestamp": timestamp(NOW),
            **metadata,
        },
        "spec": copy.deepcopy(spec),
    }


@dataclass(frozen=True)
class JobStage:
    """What is stored, as the API server would have it."""

    resource: Resource = field(default_factory=job)
    children: tuple[Resource, ...] = ()
    now: datetime = NOW
    more: dict[str, Any] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    """Events so far, each as reason and message."""

    def plan(self) -> Plan:
        """What the real planner says."""
        seen = Observed(children=self.children, **self.more)
        plan = life.plan(self.resource, seen, self.now, SETTINGS)
        assert not plan.overdue(self.now), plan
        return plan

    def settled(self) -> "JobStage":
        """All that the planner wants at this moment has been done, as the controller does it."""
        stage = self
        for _ in range(8):
            plan = stage.plan()
            if not plan.acts:
                return stage
            stage = stage.applied(plan)
        raise AssertionError(f"never settled: {stage.plan()}")

    def applied(self, plan: Plan) -> "JobStage":
        """With the plan carried out."""
        resource = self.resource if plan.status is None else {**self.resource, "status": dict(plan.status)}
        gone = {delete.uid for delete in plan.deletes}
        children = [each for each in self.children if each["metadata"]["uid"] not in gone]
        children += [_stored(copy.deepcopy(dict(body)), self.now) for body in plan.creates]
        events = [f"{each.reason}: {each.message}" for each in plan.events]
        for patch in plan.patches:
            if patch.uid == UID:
                resource = _merged(resource, patch.body)
            children = [
                _merged(each, patch.body) if each["metadata"]["uid"] == patch.uid else each
                for each in children
            ]
            events += [f"{patch.event.reason}: {patch.event.message}"] if patch.event else []
        return replace(self, resource=resource, children=tuple(children), told=(*self.told, *events))

    def later(self, **span: float) -> "JobStage":
        """The same, some time later."""
        return replace(self, now=self.now + timedelta(**span))

    def but(self, **more: Any) -> "JobStage":
        """The same with these fields of what is observed."""
        return replace(self, more={**self.more, **more})

    def runner_is(self, phase: str, **status: Any) -> "JobStage":
        """The kubelet has said this of the runner."""
        body = self.runner
        assert body is not None
        said = {"phase": phase, "startTime": timestamp(NOW), **status}
        return self._with({**body, "status": said})

    def runner_has(self, **metadata: Any) -> "JobStage":
        """Somebody has written this into the runner's metadata."""
        body = self.runner
        assert body is not None
        return self._with({**body, "metadata": {**body["metadata"], **metadata}})

    def _with(self, body: Resource) -> "JobStage":
        uid = body["metadata"]["uid"]
        return replace(
            self, children=tuple(body if each["metadata"]["uid"] == uid else each for each in self.children)
        )

    def without(self, kind: str) -> "JobStage":
        """What is of this kind is gone."""
        return replace(self, children=tuple(each for each in self.children if each["kind"] != kind))

    @property
    def runner(self) -> Resource | None:
        """The pod that there is."""
        return next((each for each in self.children if each["kind"] == "Pod"), None)

    @property
    def cluster(self) -> Resource | None:
        """The DaskCluster that there is."""
        found = (each for each in self.children if kind_of(each) == "DaskCluster.kubernetes.dask.org")
        return next(found, None)

    @property
    def status(self) -> Resource:
        """The job's status."""
        status: Resource = self.resource.get("status") or {}
        return status

    @property
    def annotations(self) -> dict[str, str]:
        """Those of the job."""
        found: dict[str, str] = self.resource["metadata"].get("annotations") or {}
        return found


def container(name: str = "job", **state: Any) -> Resource:
    """The status of a container, in this state, for example `running={...}`."""
    return {"name": name, "image": "dask:1", "state": state}


def ended(code: int, **more: Any) -> Resource:
    """The state of a container that ran for ten seconds."""
    times = {"startedAt": timestamp(NOW), "finishedAt": timestamp(NOW + timedelta(seconds=10))}
    return {"exitCode": code, "reason": "Error" if code else "Completed", **times, **more}


def made() -> JobStage:
    """A job whose cluster and runner have been made, and whose runner may start."""
    return JobStage().settled()


def running() -> JobStage:
    """A job whose runner runs."""
    state = container(running={"startedAt": timestamp(NOW)})
    return made().runner_is("Running", containerStatuses=[state]).settled()


def _stored(body: Resource, now: datetime) -> Resource:
    name = body["metadata"]["name"]
    body["metadata"] |= {"uid": f"uid-{name}", "creationTimestamp": timestamp(now)}
    return body


def _merged(body: Resource, patch: Any) -> Resource:
    merged = dict(body)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            merged[name] = _merged(merged.get(name) or {}, value)
        else:
            merged[name] = value
    return merged
