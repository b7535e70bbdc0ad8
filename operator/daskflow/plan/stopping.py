"""Taking an attempt down, and knowing when it is gone."""

from daskflow.api.names import SCHEDULER, WORKER
from daskflow.plan.model import Delete, Plan
from daskflow.plan.pods import Pod, pods_of
from daskflow.plan.sight import Sight
from daskflow.plan.told import end


def remove_leftovers(sight: Sight, *, keep_stopped_runners: bool = True) -> Plan:
    """Removes what closed attempts left behind; their stopped runner pods stay for their logs."""
    plan = Plan(
        deletes=tuple(
            Delete(sight.key(item["kind"], item["metadata"]["name"]), item["metadata"]["uid"])
            for item in sight.leftover_clusters
            if "deletionTimestamp" not in item["metadata"]
        )
    )
    for pod in sight.leftover_runners:
        if not pod.ended:
            plan += end(pod, sight.now)
        elif not keep_stopped_runners and not pod.deleting:
            plan += Plan(deletes=(pod.deletion(),))
    return plan


def live_pods(sight: Sight) -> tuple[Pod, ...]:
    """Pods of closed attempts that may still be computing."""
    members = tuple(
        pod
        for items in sight.seen.grandchildren.values()
        for component in (SCHEDULER, WORKER)
        for pod in pods_of(items, component)
    )
    current = {pod.uid for pod in (sight.scheduler, *sight.workers) if pod}
    candidates = (*(pod for pod in members if pod.uid not in current), *sight.leftover_runners)
    return tuple(pod for pod in candidates if not pod.over)


def still_there(sight: Sight) -> str:
    """What of earlier attempts is not gone yet, as the rest of a sentence; empty when all is gone."""
    if pods := live_pods(sight):
        return f"pod {pods[0].name} is gone" + (f" and {len(pods) - 1} more" if len(pods) > 1 else "")
    if sight.leftover_clusters:
        return f"DaskCluster {sight.leftover_clusters[0]['metadata']['name']} is gone"
    return ""
