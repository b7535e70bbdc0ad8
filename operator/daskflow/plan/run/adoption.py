"""The runner's pod of a cluster that waited becomes the run's own, as one that was made for it is.

Its log then has the run's retention and its cluster may go; autoscalers leave it alone. The deadline in the
pod follows by `deadlines`. A claim needs none of that: of a hundred at once, each has the API server for
itself first.
"""

from daskflow.api.conditions import instant
from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.api.names import LABEL_ATTEMPT, LABEL_RUN
from daskflow.manifests.common_pod import NOT_SAFE_TO_EVICT
from daskflow.manifests.objects import child_metadata
from daskflow.plan.model import Patch, Plan
from daskflow.plan.run.view import RunView
from daskflow.plan.units import SETTLE


def adopted(view: RunView) -> Plan:
    """Gives the waiting runner's pod to the run that has claimed its cluster, in its time.

    At once where the flow makes clusters, to which only pods with the run's label may connect.
    """
    patch = _patch(view)
    if patch is None or view.attempt is None:
        return Plan()
    due = instant(view.attempt.start_time) + SETTLE
    return Plan(patches=(patch,)) if view.seen.made or view.now >= due else Plan(requeue_at=due)


def before_its_end(view: RunView, decided: Plan) -> Plan | None:
    """The same before the attempt is closed, or the run ended, as this plan would: then its cluster goes, and
    with it what is still that one's. None where nothing is to be done, or the API server refuses it."""
    if decided.status is None or (patch := _patch(view)) is None:
        return None
    ends = "endTime" in decided.status["attempts"][-1] or decided.status.get("phase") in TERMINAL_PHASES
    refused = any((each.verb, each.key) == ("patch", patch.key) for each in view.seen.refused_writes)
    return Plan(patches=(patch,)) if ends and not refused else None


def _patch(view: RunView) -> Patch | None:
    attempt, runner = view.attempt, view.runner
    if attempt is None or not attempt.claimed or runner is None or runner.deleting:
        return None
    if any(each.uid == runner.uid for each in view.runners):
        return None
    labels = {LABEL_RUN: view.name, LABEL_ATTEMPT: str(attempt.number)}
    wanted = child_metadata(view.resource, runner.name, labels)
    changes = {name: wanted[name] for name in ("labels", "ownerReferences")}
    annotations = {**wanted["annotations"], **NOT_SAFE_TO_EVICT}
    return Patch(runner.key, runner.uid, {"metadata": {**changes, "annotations": annotations}})
