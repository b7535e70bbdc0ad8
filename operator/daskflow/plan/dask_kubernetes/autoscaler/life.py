"""The life of a DaskAutoscaler: the first of its POLICIES that has something to say decides."""

from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import ValidationError

from daskflow.api.dask_kubernetes.autoscaler import DaskAutoscalerSpec, spec_of, status_of
from daskflow.api.dask_kubernetes.names import ANNOTATION_COOLDOWN, WORKER_GROUP
from daskflow.api.invalid_spec import sentence
from daskflow.api.reasons import Reason
from daskflow.manifests.settings import Settings
from daskflow.plan.dask_kubernetes.autoscaler.steps import step, within
from daskflow.plan.dask_kubernetes.autoscaler.view import AutoscalerView
from daskflow.plan.dask_kubernetes.connections import asked
from daskflow.plan.dask_kubernetes.moving import unmarked
from daskflow.plan.dask_kubernetes.owner import adopted, alone, collected, own_key
from daskflow.plan.dask_kubernetes.words import Words, conditions, told
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Key, Object, Observed, Patch, Plan, first_word

Policy = Callable[[AutoscalerView], Plan | None]
WELL = Words(Reason.READY, "The number of workers follows the tasks.")
_NOTHING = DaskAutoscalerSpec(cluster="none")


def plan(resource: Object, seen: Observed, now: datetime, settings: Settings) -> Plan:
    """What is to happen with this DaskAutoscaler."""
    status = status_of(resource)
    if deleting(resource):
        return unmarked(resource)
    try:
        view = AutoscalerView(resource, spec_of(resource), status, seen, now)
    except ValidationError as error:
        view = AutoscalerView(resource, _NOTHING, status, seen, now)
        return _report(view, Words(Reason.SPEC_INVALID, sentence(error)))
    marks = unmarked(resource)
    own = marks if marks.acts else adopted(resource, view.cluster)
    if alone(own, seen):
        return own
    return own + first_word(POLICIES, view)


def invalid(view: AutoscalerView) -> Plan | None:
    """Speaks of bounds between which there is nothing."""
    least, most = view.spec.minimum, view.spec.maximum
    if least < 0:
        fault = f"spec.minimum: {least} is less than 0; write 0 or more."
    elif most is not None and most < least:
        fault = f"spec.maximum: {most} is less than spec.minimum, {least}; correct one of them."
    else:
        return None
    return _report(view, Words(Reason.SPEC_INVALID, fault))


def waiting(view: AutoscalerView) -> Plan | None:
    """Speaks as long as there is no cluster."""
    if view.cluster is not None:
        return None
    if collected(view.resource, view.spec.cluster):
        return Plan()
    message = f"There is no DaskCluster {view.spec.cluster}; make it, or correct spec.cluster."
    return _report(view, Words(Reason.CLUSTER_MISSING, message))


def rivalled(view: AutoscalerView) -> Plan | None:
    """Speaks of one that came second: two would undo each other's numbers."""
    elder = view.elder
    if elder is None:
        return None
    message = (
        f"DaskAutoscaler {elder['metadata']['name']} sets the number of workers of DaskCluster "
        f"{view.spec.cluster} already; delete one of the two."
    )
    return _report(view, Words(Reason.NAME_CONFLICT, message))


def following(view: AutoscalerView) -> Plan:
    """Asks the scheduler how many workers its tasks want, and goes there step by step."""
    well = _report(view, WELL)
    pod, group, cluster = view.scheduler, view.group, view.cluster
    if pod is None or group is None or cluster is None:
        return well
    question = asked(pod, view.service, cluster, demand=True)
    if question is None:
        return well
    asking, answer = well + Plan(question=question), view.seen.answer
    if answer is None or answer.scheduler != pod.uid or answer.lost or answer.demand is None:
        return asking
    wanted = within(answer.demand, view.spec.minimum, view.spec.maximum)
    due = step(view.now, view.replicas, wanted, view.cooldown_until)
    patches: list[Patch] = []
    if due.replicas != view.replicas:
        meta = group["metadata"]
        key = Key(WORKER_GROUP, meta["namespace"], meta["name"])
        patches.append(Patch(key, meta["uid"], {"spec": {"worker": {"replicas": due.replicas}}}))
    if due.until is not None:
        note = {"metadata": {"annotations": {ANNOTATION_COOLDOWN: f"{due.until:.3f}"}}}
        patches.append(Patch(own_key(view.resource), view.resource["metadata"]["uid"], note))
    wake = None
    if wanted < view.replicas and view.cooldown_until > view.now.timestamp():
        wake = datetime.fromtimestamp(min(view.cooldown_until, view.now.timestamp() + 60), UTC)
    return asking + Plan(patches=tuple(patches), requeue_at=wake)


POLICIES: tuple[Policy, ...] = (
    invalid,  # bounds between which there is nothing
    waiting,  # its cluster is not there
    rivalled,  # another one was there first
    following,  # the number goes where the tasks want it
)


def _report(view: AutoscalerView, words: Words) -> Plan:
    """The status that says so, as a plan; an empty one if it says so already."""
    well = words is WELL
    new = view.status.model_copy(
        update={
            "reason": "" if well else words.reason.value,
            "message": words.message,
            "observed_generation": view.generation,
            "conditions": conditions(
                view.status.conditions,
                words,
                view.now,
                generation=view.generation,
                ready=well,
                stalled=words.reason is Reason.SPEC_INVALID,
            ),
        }
    )
    events = told(view.status.reason, words)
    return Plan() if new == view.status else Plan(status=new.dump(), events=events)
