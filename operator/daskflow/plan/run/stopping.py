"""Taking an attempt down, and knowing when it is gone."""

from daskflow.api.names import SCHEDULER, WORKER
from daskflow.plan.model import Delete, Plan
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.pods import pods_of
from daskflow.plan.pod.termination import end
from daskflow.plan.run.view import RunView


def remove_leftovers(view: RunView, *, keep_stopped_runners: bool = True) -> Plan:
    """Removes what closed attempts left behind; their stopped runner pods stay for their logs."""
    plan = Plan(
        deletes=tuple(
            Delete(view.key(item["kind"], item["metadata"]["name"]), item["metadata"]["uid"])
            for item in view.leftover_clusters
            if "deletionTimestamp" not in item["metadata"]
        )
    )
    for pod in view.leftover_runners:
        if not pod.ended:
            plan += end(pod, view.now)
        elif not keep_stopped_runners and not pod.deleting:
            plan += Plan(deletes=(pod.deletion(),))
    return plan


def live_pods(view: RunView) -> tuple[Pod, ...]:
    """Pods of closed attempts that may still be computing."""
    members = tuple(
        pod
        for items in view.seen.grandchildren.values()
        for component in (SCHEDULER, WORKER)
        for pod in pods_of(items, component)
    )
    current = {pod.uid for pod in (view.scheduler, *view.workers) if pod}
    candidates = (*(pod for pod in members if pod.uid not in current), *view.leftover_runners)
    return tuple(pod for pod in candidates if not pod.over)


def still_there(view: RunView) -> str:
    """What of earlier attempts is not gone yet, as the rest of a sentence; empty when all is gone."""
    if pods := live_pods(view):
        return f"pod {pods[0].name} is gone" + (f" and {len(pods) - 1} more" if len(pods) > 1 else "")
    if view.leftover_clusters:
        return f"DaskCluster {view.leftover_clusters[0]['metadata']['name']} is gone"
    return ""
