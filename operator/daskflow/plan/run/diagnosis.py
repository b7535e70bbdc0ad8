"""Diagnosis: why pods do not start, in one sentence with the remedy.

What is certain to fail ends the run at once; what may heal is shown, and ends at the start deadline.
"""

from collections.abc import Iterable

from daskflow.api.reasons import Reason
from daskflow.plan.cause import Cause
from daskflow.plan.model import Plan
from daskflow.plan.pod.obstacles import causes_of
from daskflow.plan.refusals import refused
from daskflow.plan.run.attempts import closed
from daskflow.plan.run.cluster_ref import obstacle
from daskflow.plan.run.cluster_use import in_other, in_run
from daskflow.plan.run.deadlines import wake_up
from daskflow.plan.run.end import End
from daskflow.plan.run.start import start
from daskflow.plan.run.status import report
from daskflow.plan.run.view import RunView


def diagnosis(view: RunView) -> Plan | None:
    """Speaks while the flow has not begun and something stands in its way."""
    if view.begun or view.attempt is None:
        return None
    refusals = view.seen.refusals
    # What may heal keeps nothing else from being made.
    again = start(view) if all(answer.retry for answer in refusals) else None
    wanted = again is not None or any(not answer.retry for answer in refusals)
    found = [*(refused(answer) for answer in refusals if wanted), *causes(view)]
    worst = next((cause for cause in found if cause.certain), next(iter(found), None))
    if worst is None:
        return None
    if worst.certain:
        return closed(view, End("Failed", worst.reason, worst.message))
    look = Plan(requeue_at=worst.again_at)
    return report(view, "Starting", worst.reason, worst.message) + wake_up(view) + look + (again or Plan())


def causes(view: RunView) -> Iterable[Cause]:
    """What keeps the cluster or its pods from being there, the most telling first."""
    cluster = view.cluster_status
    if found := obstacle(view):
        yield found
    elif (trouble := cluster_trouble(view)) and not (view.alone and view.runner is None):
        yield Cause(trouble, cluster_says(view), certain=cluster.phase == "Failed" and not view.alone)
    found_of_pods = [cause for pod in view.pods for cause in causes_of(pod, view.now)]
    yield from sorted(found_of_pods, key=lambda cause: cause.reason is Reason.WAITING_FOR_INIT)


def cluster_trouble(view: RunView) -> Reason | None:
    """What is wrong with the attempt's DaskCluster, if its status says so; also while the flow runs."""
    status = view.cluster_status
    reason = Reason.of(status.reason)
    if reason is None or reason.ordinary or status.phase not in ("Failed", "Pending", "Degraded"):
        return None
    # How its scheduler ended is the outcome policy's to judge.
    return None if reason in (Reason.SCHEDULER_LOST, Reason.INIT_CONTAINER_FAILED) else reason


def cluster_says(view: RunView) -> str:
    """The cluster's own message, its fields named as the run's reader finds them."""
    message = view.cluster_status.message
    return in_other(message, view.reference["metadata"]["name"]) if view.reference else in_run(message)
