"""What people and autoscalers read of a DaskWorkerGroup of dask-kubernetes."""

from daskflow.api.conditions import timestamp
from daskflow.api.dask_kubernetes.names import LABEL_GROUP
from daskflow.api.dask_kubernetes.worker_group import DaskWorkerGroupStatus
from daskflow.api.reasons import Reason
from daskflow.plan.dask_kubernetes.words import WELL, Words, conditions, in_the_way, told
from daskflow.plan.dask_kubernetes.worker_group.view import GroupView
from daskflow.plan.model import Plan
from daskflow.plan.pod.obstacles import next_look
from daskflow.plan.pod.pods import settled_at
from daskflow.plan.workers.trouble import trouble

FIELD = "spec.worker.spec.containers[0]"


def report(view: GroupView) -> Plan:
    """The status as it should be; numbers that still change are written when they stand still."""
    group, old = view.workers, view.status
    new = _status(view, _words(view))
    later = Plan(requeue_at=next_look(group.staying, view.now))
    if new == old:
        return later
    at = settled_at(group.pods, view.now)
    counts = {"replicas": new.replicas, "ready": new.ready, "conditions": new.conditions}
    if old.model_copy(update=counts) == new and old.observed_generation and view.now < at:
        return later + Plan(requeue_at=at)
    words = Words(Reason.of(new.reason) or Reason.READY, new.message)
    return later + Plan(status=new.dump(), events=told(old.reason, words))


def refused(view: GroupView, words: Words) -> Plan:
    """It cannot be served as it is, and says why."""
    new = _status(view, words, stalled=True)
    return Plan() if new == view.status else Plan(status=new.dump(), events=told(view.status.reason, words))


def _status(view: GroupView, words: Words, *, stalled: bool = False) -> DaskWorkerGroupStatus:
    group, old = view.workers, view.status
    generation = int(view.resource["metadata"].get("generation", 0))
    ready = group.ready == group.desired and not stalled
    values = {
        "replicas": len(group.staying),
        "ready": group.ready,
        "selector": f"{LABEL_GROUP}={view.name}",
        "reason": words.reason.shown,
        "message": words.message,
        "observed_generation": generation,
        "ordinal": group.last_ordinal if group.crowded or group.retiring else old.ordinal,
        "surplus_since": timestamp(view.surplus_since or view.now) if group.surplus else None,
        "conditions": conditions(
            old.conditions, words, view.now, generation=generation, ready=ready, stalled=stalled
        ),
    }
    return old.model_copy(update=values)


def _words(view: GroupView) -> Words:
    group = view.workers
    found = trouble(group, view.now, FIELD)
    if found is not None:
        return Words(*found)
    missing = len(group.staying) < group.desired or group.ready < group.desired
    pods = (pod for pod in group.staying if not pod.ready)  # type: ignore[attr-defined]
    return next(in_the_way(view.seen, pods, view.now), WELL) if missing else WELL
