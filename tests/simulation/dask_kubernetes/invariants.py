"""What must hold of a DaskJob at every step, and at the end."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daskflow.api.dask_kubernetes.names import CLUSTER, JOB_ENDS, runner_name
from daskflow.api.names import kind_of
from daskflow.plan.model import Key, Object

from tests.simulation.dask_kubernetes.scenarios import SUBJECT

if TYPE_CHECKING:
    from tests.simulation.dask_kubernetes.world import JobWorld

FIELDS = {"jobStatus", "clusterName", "jobRunnerPodName", "startTime", "endTime"}
ORDER = ("", "JobCreated", "ClusterCreated", "Running", "Successful", "Failed")


class Watcher:
    """Looks at each change of the API server."""

    def __init__(self, world: "JobWorld") -> None:
        self._world = world
        self.faults: list[str] = []
        world.server.changed.append(self._hear)

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        if kind_of(now) != SUBJECT.kind:
            return
        old, new = ((each or {}).get("status") or {} for each in (before, now))
        word = new.get("jobStatus", "")
        if not set(new) <= FIELDS:
            self.faults.append(f"a status with {sorted(set(new) - FIELDS)}")
        if ORDER.index(word) < ORDER.index(old.get("jobStatus", "")):
            self.faults.append(f"{old.get('jobStatus')} became {word or 'nothing'}")
        if old.get("jobStatus") in JOB_ENDS and new != old:
            self.faults.append("a job that had ended has another status")
        if word in JOB_ENDS and word != old.get("jobStatus"):
            self._ends(now, word)

    def _ends(self, job: Object, word: str) -> None:
        cluster = self._world.server.objects.get(Key(CLUSTER, SUBJECT.namespace, SUBJECT.name))
        if cluster is not None and "deletionTimestamp" not in cluster["metadata"]:
            self.faults.append("the job has ended, and its cluster has not been told to go")
        started = self._world.kubelet.started.get(job["metadata"]["uid"], [])
        if len(started) > 1:
            self.faults.append(f"its program was started in {len(started)} pods")
        if word == "Successful" and 0 not in self._world.scenario.codes:
            self.faults.append("Successful, though no program has succeeded")


def faults_at_the_end(world: "JobWorld") -> Iterator[str]:
    """The job has ended as its program did; what it needed is gone, and its runner is there."""
    scenario, word = world.scenario, world.status().get("jobStatus", "")
    if (world.case.plain or scenario.truthful) and scenario.words and word not in scenario.words:
        yield f"{word}, and not {' or '.join(scenario.words)}"
    for uid, pods in world.kubelet.started.items():
        if len(pods) > 1:
            yield f"the program of job {uid} was started in {len(pods)} pods"
    # When a runner began that nobody saw before it was taken is not known.
    lacks = FIELDS - set(world.status()) - (set() if world.case.plain or scenario.truthful else {"startTime"})
    if word and lacks:
        yield f"the last status lacks {sorted(lacks)}"
    runner = Key("Pod", SUBJECT.namespace, runner_name(SUBJECT.name))
    left = [key for key in world.server.objects if key not in (SUBJECT, runner) and key.kind != "Event"]
    if left:
        yield f"left behind: {left}"
    if scenario.runner_stays and scenario.words and runner not in world.server.objects:
        yield "its runner is gone"
    if not scenario.words and runner in world.server.objects:
        yield "its runner is left behind"
    if world.kubelet.runners:
        yield "its runner runs on"
