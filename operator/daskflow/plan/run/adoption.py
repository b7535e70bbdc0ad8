"""The runner's pod of a cluster that waited becomes the run's own, as one that was made for it is.

Its log then has the run's retention and its cluster may go; autoscalers leave it alone. The deadline in the
pod follows by `deadlines`.
"""

from daskflow.api.names import LABEL_ATTEMPT, LABEL_RUN
from daskflow.manifests.common_pod import NOT_SAFE_TO_EVICT
from daskflow.manifests.objects import child_metadata
from daskflow.plan.model import Patch, Plan
from daskflow.plan.run.view import RunView


def adopted(view: RunView) -> Plan:
    """Gives the waiting runner's pod to the run that has claimed its cluster."""
    attempt, runner = view.attempt, view.runner
    if attempt is None or not attempt.claimed or runner is None or runner.deleting:
        return Plan()
    if any(each.uid == runner.uid for each in view.runners):
        return Plan()
    labels = {LABEL_RUN: view.name, LABEL_ATTEMPT: str(attempt.number)}
    wanted = child_metadata(view.resource, runner.name, labels)
    changes = {name: wanted[name] for name in ("labels", "ownerReferences")}
    annotations = {**wanted["annotations"], **NOT_SAFE_TO_EVICT}
    body = {"metadata": {**changes, "annotations": annotations}}
    revision = str(runner.raw["metadata"].get("resourceVersion", ""))
    return Plan(patches=(Patch(runner.key, runner.uid, body, revision=revision),))
