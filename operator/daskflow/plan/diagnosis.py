"""Diagnosis: why pods do not start, in one sentence with the remedy.

What is certain to fail ends the run at once; what may heal is shown, and ends at the start deadline.
"""

from collections.abc import Iterable

from daskflow.api.reasons import Reason
from daskflow.plan.attempts import End, closed
from daskflow.plan.deadlines import wake_up
from daskflow.plan.field_paths import in_other, in_run
from daskflow.plan.finding import Finding
from daskflow.plan.model import Plan, Refusal
from daskflow.plan.obstacles import pod_findings
from daskflow.plan.reference import obstacle
from daskflow.plan.refusals import explained, hopeless
from daskflow.plan.sight import Sight
from daskflow.plan.start import start
from daskflow.plan.status import report

_HARMLESS = {
    Reason.ACCEPTED,
    Reason.WAITING_FOR_EARLIER,
    Reason.WAITING_FOR_WORKERS,
    Reason.SCHEDULER_LOST,
    Reason.INIT_CONTAINER_FAILED,
}
"""Reasons of a cluster that are not an obstacle, or are the outcome policy's to judge."""


def diagnosis(sight: Sight) -> Plan | None:
    """Speaks while the flow has not begun and something stands in its way."""
    if sight.begun or sight.attempt is None:
        return None
    refusals = sight.seen.refusals
    # What may heal keeps nothing else from being made.
    again = start(sight) if all(answer.retry for answer in refusals) else None
    wanted = again is not None or any(not answer.retry for answer in refusals)
    found = [*(refused(answer) for answer in refusals if wanted), *findings(sight)]
    worst = next((finding for finding in found if finding.certain), next(iter(found), None))
    if worst is None:
        return None
    if worst.certain:
        return closed(sight, End("Failed", worst.reason, worst.message))
    look = Plan(requeue_at=worst.again_at)
    return report(sight, "Starting", worst.reason, worst.message) + wake_up(sight) + look + (again or Plan())


def findings(sight: Sight) -> Iterable[Finding]:
    """What keeps the cluster or its pods from being there, the most telling first."""
    cluster = sight.cluster_status
    if found := obstacle(sight):
        yield found
    elif (trouble := cluster_trouble(sight)) and not (sight.solo and sight.runner is None):
        yield Finding(trouble, cluster_says(sight), certain=cluster.phase == "Failed" and not sight.solo)
    found_of_pods = [finding for pod in sight.pods for finding in pod_findings(pod, sight.now)]
    yield from sorted(found_of_pods, key=lambda finding: finding.reason is Reason.WAITING_FOR_INIT)


def cluster_trouble(sight: Sight) -> Reason | None:
    """What is wrong with the attempt's DaskCluster, if its status says so; also while the flow runs."""
    status = sight.cluster_status
    reason = Reason.of(status.reason)
    return reason if status.phase in ("Failed", "Pending", "Degraded") and reason not in _HARMLESS else None


def cluster_says(sight: Sight) -> str:
    """The cluster's own message, its fields named as the run's reader finds them."""
    message = sight.cluster_status.message
    return in_other(message, sight.reference["metadata"]["name"]) if sight.reference else in_run(message)


def refused(refusal: Refusal) -> Finding:
    """What the API server's refusal of a create means."""
    reason, message = explained(refusal)
    return Finding(reason, message, certain=hopeless(refusal))
