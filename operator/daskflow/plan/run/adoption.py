"""The pods of a cluster that waited become those of the run that has claimed it, as if they were made for it.

The runner's log then has the run's retention and its cluster may go; autoscalers leave it alone; pods are
found by their label when their cluster is gone already. The deadline in the pod follows by `deadlines`. A
claim itself needs none of that: of a hundred at once, each has the API server for itself first.
"""

from daskflow.api.conditions import instant
from daskflow.api.flowrun_status import Attempt
from daskflow.api.names import LABEL_ATTEMPT, LABEL_RUN, SCHEDULER, WORKER
from daskflow.manifests.common_pod import NOT_SAFE_TO_EVICT
from daskflow.manifests.objects import child_metadata
from daskflow.plan.model import Patch, Plan
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.pods import pods_of
from daskflow.plan.run.view import RunView
from daskflow.plan.units import SETTLE


def adopted(view: RunView) -> Plan:
    """Gives the waiting runner's pod to the run, in its time; the cluster's own plan sees to the others."""
    attempt = view.attempt
    if attempt is None or not (patches := _runner(view, attempt)):
        return Plan()
    due = instant(attempt.start_time) + SETTLE
    return Plan(requeue_at=due) if view.now < due else Plan(patches=patches)


def before_its_end(view: RunView, decided: Plan) -> Plan | None:
    """What comes before a claimed attempt is closed, as this plan would: nothing finds its pods afterwards.

    None where there is nothing to be done, or the API server refuses it.
    """
    attempt = view.attempt
    if attempt is None or not attempt.claimed or decided.status is None:
        return None
    if decided.status["attempts"][attempt.number - 1].get("endTime") is None:
        return None
    refused = {each.key for each in view.seen.refused_writes if each.verb == "patch"}
    patches = (*_runner(view, attempt), *_others(view, attempt))
    wanted = tuple(each for each in patches if each.key not in refused)
    return Plan(patches=wanted) if wanted else None


def _runner(view: RunView, attempt: Attempt) -> tuple[Patch, ...]:
    runner = view.runner
    if not attempt.claimed or runner is None or runner.deleting:
        return ()
    if any(each.uid == runner.uid for each in view.runners):
        return ()
    wanted = child_metadata(view.resource, runner.name, _labels(view, attempt))
    changes = {name: wanted[name] for name in ("labels", "ownerReferences")}
    annotations = {**wanted["annotations"], **NOT_SAFE_TO_EVICT}
    return (Patch(runner.key, runner.uid, {"metadata": {**changes, "annotations": annotations}}),)


def _others(view: RunView, attempt: Attempt) -> tuple[Patch, ...]:
    """Those that may still compute when their cluster is gone."""
    labels = _labels(view, attempt)
    pods = (pod for component in (SCHEDULER, WORKER) for pod in pods_of(view.members, component))
    unnamed = (pod for pod in pods if not pod.over and not _has(pod, labels))
    return tuple(Patch(pod.key, pod.uid, {"metadata": {"labels": labels}}) for pod in unnamed)


def _labels(view: RunView, attempt: Attempt) -> dict[str, str]:
    return {LABEL_RUN: view.name, LABEL_ATTEMPT: str(attempt.number)}


def _has(pod: Pod, labels: dict[str, str]) -> bool:
    return labels.items() <= (pod.raw["metadata"].get("labels") or {}).items()
