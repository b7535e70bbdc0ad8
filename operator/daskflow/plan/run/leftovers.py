"""What closed attempts left behind: taking it down, and knowing when it is gone."""

from collections.abc import Iterable
from dataclasses import replace

from daskflow.api.names import LABEL_ATTEMPT, LABEL_RUN, RUNNER, SCHEDULER, WORKER
from daskflow.plan.model import Delete, Object, Patch, Plan
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.pods import pods_of
from daskflow.plan.pod.termination import end
from daskflow.plan.run.view import RunView


def remove_leftovers(view: RunView, *, keep_stopped_runners: bool = True) -> Plan:
    """Removes what closed attempts left behind; their stopped runner pods stay for their logs."""
    plan = removed(view, _clusters(view))
    for pod in _runners(view):
        if not pod.ended:
            plan += end(pod, view.now)
        elif not keep_stopped_runners and not pod.deleting:
            plan += Plan(deletes=(pod.deletion(),))
    return plan + _named(view)


def _named(view: RunView) -> Plan:
    """Gives the run's labels to pods of a claimed cluster that went before they had them.

    Only by these does a pod whose cluster is gone tell the run of its end.
    """
    there = {item["metadata"]["uid"] for item in view.clusters}
    plan = Plan()
    for attempt in view.status.attempts:
        uid = attempt.cluster_uid or ""
        if not attempt.claimed or uid in there:
            continue
        labels = {LABEL_RUN: view.name, LABEL_ATTEMPT: str(attempt.number)}
        for pod in _all(view.seen.grandchildren.get(uid, ())):
            if not pod.over and LABEL_RUN not in (pod.raw["metadata"].get("labels") or {}):
                plan += Plan(patches=(Patch(pod.key, pod.uid, {"metadata": {"labels": labels}}),))
    return plan


def _all(members: Iterable[Object]) -> tuple[Pod, ...]:
    """The pods among what a cluster owns: a runner, too, until the run that has claimed it has its pod."""
    found = tuple(members)
    return tuple(pod for each in (SCHEDULER, WORKER, RUNNER) for pod in pods_of(found, each))


def removed(view: RunView, clusters: Iterable[Object]) -> Plan:
    """Deletes those of these DaskClusters that are not on their way out."""
    return Plan(
        deletes=tuple(
            Delete(view.key(item["kind"], item["metadata"]["name"]), item["metadata"]["uid"])
            for item in clusters
            if "deletionTimestamp" not in item["metadata"]
        )
    )


def unclaimed(view: RunView, clusters: Iterable[Object]) -> Plan:
    """The same of those that the run has taken and opened no attempt with, as far as this operator knows."""
    plan = removed(view, clusters)
    return plan.but(deletes=tuple(replace(each, unless_changed=True) for each in plan.deletes))


def live_pods(view: RunView) -> tuple[Pod, ...]:
    """Pods of closed attempts that may still be computing."""
    waiting = {item["metadata"]["uid"] for item in view.unopened}
    seen = (items for uid, items in view.seen.grandchildren.items() if uid not in waiting)
    members = tuple(pod for items in seen for pod in _all(items))
    current = {pod.uid for pod in view.pods}
    candidates = (*(pod for pod in members if pod.uid not in current), *_runners(view))
    return tuple(pod for pod in candidates if not pod.over)


def still_there(view: RunView) -> str:
    """What of earlier attempts is not gone yet, as the rest of a sentence; empty when all is gone."""
    if pods := live_pods(view):
        return f"pod {pods[0].name} is gone" + (f" and {len(pods) - 1} more" if len(pods) > 1 else "")
    if clusters := _clusters(view):
        return f"DaskCluster {clusters[0]['metadata']['name']} is gone"
    return ""


def _clusters(view: RunView) -> tuple[Object, ...]:
    """DaskClusters of closed attempts, those included that their flows made."""
    own = (item for item in view.clusters if item is not view.cluster)
    return tuple(item for item in (*own, *_abandoned(view)) if _known(view, item))


def _abandoned(view: RunView) -> tuple[Object, ...]:
    """DaskClusters that the flow of a closed attempt made and did not take down.

    One that says of no attempt that it is its own goes when there is none.
    """
    number = view.attempt.number if view.attempt else None
    return tuple(item for item in view.seen.made if number is None or 0 < _attempt_of(item) < number)


def _runners(view: RunView) -> tuple[Pod, ...]:
    """Runner pods of closed attempts."""
    return tuple(pod for pod in view.runners if pod is not view.runner and _known(view, pod.raw))


def _known(view: RunView, child: Object) -> bool:
    """Whether our status has heard of its attempt: a newer leader may have opened one since."""
    return _attempt_of(child) <= view.status.attempt


def _attempt_of(child: Object) -> int:
    """The number of the attempt that a child's label names; 0 for what is no number."""
    number = (child["metadata"].get("labels") or {}).get(LABEL_ATTEMPT, "")
    return int(number) if number.isdecimal() else 0
