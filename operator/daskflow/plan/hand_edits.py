"""Whether a status can have followed from another: operators only ever go on, people edit.

Each write of a status is made from the one before (its resourceVersion says so), whichever operator makes it.
So what goes back was not written by one, and is undone. It holds for any two statuses of one object in the
order in which they were, with others between them or not.
"""

from collections.abc import Mapping
from typing import Any

from daskflow.api import daskcluster, flowrun_status
from daskflow.api.conditions import READY, RECONCILING, STALLED, SUCCEEDED
from daskflow.api.dask_kubernetes.names import JOB, JOB_ENDS, WORKER_GROUP, runner_name
from daskflow.api.daskcluster import DaskClusterStatus
from daskflow.api.flowrun_status import FlowRunStatus
from daskflow.api.flowschedule import FlowScheduleStatus
from daskflow.api.legible import legible
from daskflow.api.model import Model
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE, RUNNER, kind_of
from daskflow.manifests.naming import base_name
from daskflow.plan.workers.crew import MOST_ORDINAL

Status = Mapping[str, Any]

_MODELS: dict[str, type[Model]] = {
    FLOW_RUN: FlowRunStatus,
    DASK_CLUSTER: DaskClusterStatus,
    FLOW_SCHEDULE: FlowScheduleStatus,
}

UNKNOWN = (
    "The status was edited by hand, and what has run cannot be told from it; nothing is run again. "
    "Delete the object and create it anew."
)
"""Of an object whose status tells of an end that no operator wrote, or cannot be read."""

_GOES_ON = ("Pending", "Starting", "Degraded", "Stopping")
"""Phases of a DaskCluster in which something is yet to come."""


def follows(kind: str, before: Status, now: Status) -> bool:
    """Whether nothing that was written down is lost."""
    if kind == JOB:
        return before.get("jobStatus") not in JOB_ENDS or now == before
    if kind == WORKER_GROUP:
        return _grown(before.get("ordinal"), now.get("ordinal"))
    model = _MODELS.get(kind)
    if model is None:
        # All else that theirs tell is found again.
        return True
    if not legible(model, before):
        return True
    if not legible(model, now):
        return False
    if kind == FLOW_RUN:
        return _run(before, now)
    if kind == DASK_CLUSTER:
        return _cluster(before, now)
    return all(now.get(name, "") >= before.get(name, "") for name in ("settledTime", "lastScheduleTime"))


def by_an_operator(kind: str, status: Status) -> bool:
    """Whether a phase (of a run: a terminal one) stands with all that operators write with it.

    Who sets a phase by hand leaves the conditions as they were.
    """
    phase = status.get("phase")
    said = {each["type"]: each["status"] for each in status.get("conditions") or ()}
    if kind == DASK_CLUSTER:
        told = phase not in daskcluster.TERMINAL_PHASES or bool(status.get("reason"))
        ready = (said.get(READY) == "True") == (phase == "Ready")
        goes_on, stalled = str(phase in _GOES_ON), str(phase == "Failed")
        return told and ready and said.get(RECONCILING) == goes_on and said.get(STALLED) == stalled
    attempts = status.get("attempts") or ({"outcome": phase},)
    if phase == "Succeeded" and attempts[-1].get("outcome") != phase:
        return False
    return bool(status.get("completionTime")) and said.get(SUCCEEDED) == str(phase == "Succeeded")


def _grown(before: Any, now: Any) -> bool:
    """Whether a number that only grows is none that somebody has edited."""
    known = isinstance(before, int) and 0 <= before <= MOST_ORDINAL
    if not isinstance(now, int):
        return not known
    return now >= before if known else True


def _run(before: Status, now: Status) -> bool:
    if before.get("phase") in flowrun_status.TERMINAL_PHASES and before.get("completionTime"):
        same = ("phase", "completionTime", "attempt", "attempts")
        return all((before.get(name) or None) == (now.get(name) or None) for name in same)
    ended = now.get("phase") in flowrun_status.TERMINAL_PHASES and now.get("phase") != before.get("phase")
    if ended and not by_an_operator(FLOW_RUN, now):
        return False
    if before.get("attempts") and now.get("defaults") != before.get("defaults"):
        return False
    if now.get("attempt", 0) < before.get("attempt", 0) or not _kept(before, now, "startTime"):
        return False
    if not _kept(before, now, "cancelRequested"):
        return False
    later = {each["number"]: each for each in now.get("attempts") or ()}
    oldest = min(later, default=0)
    for each in before.get("attempts") or ():
        if each["number"] < oldest:
            continue
        after = later.get(each["number"])
        if after is None:
            return False
        # Of the last one it may be learned later that its flow succeeded: then the run has.
        late = ended and after is now["attempts"][-1] and after.get("outcome") == "Succeeded"
        if each.get("endTime") and after != each and not late:
            return False
        if not all(_kept(each, after, name) for name in ("startTime", "clusterUid")):
            return False
        # At the end the runner's own word of when it began takes the place of when that was seen.
        if each.get("flowStartTime") and not after.get("flowStartTime"):
            return False
    return True


def _cluster(before: Status, now: Status) -> bool:
    phases = (before.get("phase"), now.get("phase"))
    if phases[0] != phases[1] and not by_an_operator(DASK_CLUSTER, now):
        return False
    if phases[0] in daskcluster.TERMINAL_PHASES:
        # An operator makes Failed of an end that was none.
        return phases[0] == phases[1] or (phases[1] == "Failed" and not by_an_operator(DASK_CLUSTER, before))
    begun = before.get("address") or before.get("scheduler") or before.get("defaults")
    if begun and now.get("defaults") != before.get("defaults"):
        return False
    if before.get("scheduler") and not now.get("scheduler"):
        return now.get("phase") in ("Suspended", "Pending")
    # Another scheduler comes after a suspension, a change of the spec that may be noted already.
    same_spec = now.get("observedGeneration") == before.get("observedGeneration")
    if before.get("scheduler") and same_spec and phases[0] != "Stopping":
        one, other = before["scheduler"], now["scheduler"]
        if any(one.get(name) != other.get(name) for name in ("pod", "uid")):
            return False
        # The clients' Secret follows from the pods' where that is written down.
        return _kept(before, now, "address") and (not one.get("secret") or _kept(before, now, "secretName"))
    return True


def _kept(before: Status, now: Status, name: str) -> bool:
    return not before.get(name) or now.get(name) == before[name]


def named_pod(resource: Mapping[str, Any]) -> str | None:
    """The pod without which a live attempt, or a live cluster, is over: its runner's or its scheduler's."""
    status = resource.get("status") or {}
    if kind_of(resource) == DASK_CLUSTER:
        cluster = daskcluster.status_of(resource)
        live = cluster.phase not in daskcluster.TERMINAL_PHASES
        return cluster.scheduler.pod if cluster.scheduler and live else None
    if resource["kind"] == JOB:
        return None if status.get("jobStatus") in JOB_ENDS else runner_name(resource["metadata"]["name"])
    if resource["kind"] != FLOW_RUN or status.get("completionTime"):
        return None
    attempts = flowrun_status.status_of(resource).attempts
    if not attempts or attempts[-1].end_time is not None:
        return None
    last, meta = attempts[-1], resource["metadata"]
    if last.runner is not None:
        return last.runner.pod
    return f"{last.cluster or base_name(meta['name'], meta['uid'], last.number)}-{RUNNER}"
