"""Diagnosis: why pods do not start, in one sentence with the remedy.

What is certain to fail ends the run at once; what may heal is shown, and ends at the start deadline.
"""

import re
from collections.abc import Callable, Iterable

from daskflow.api.reasons import Reason
from daskflow.plan import setup
from daskflow.plan.attempts import End, closed
from daskflow.plan.container_remedy import remedy
from daskflow.plan.deadlines import wake_up
from daskflow.plan.finding import Finding
from daskflow.plan.model import Plan, Refusal
from daskflow.plan.pods import Pod
from daskflow.plan.reference import obstacle
from daskflow.plan.sight import Sight
from daskflow.plan.start import start
from daskflow.plan.status import report

_HEALING_REFUSAL = re.compile(r"serviceaccount .* not found|status unknown for quota", re.I)
"""Said of namespaces whose controllers have not caught up yet."""
_HOPELESS_SETUP = re.compile(
    r"not found|couldn't find key|runAsNonRoot|non-numeric|no command|executable", re.I
)
"""What a kubelet says of a container that it can never make; not time-outs and clashes of names."""
_HOPELESS_PULL = re.compile(
    r"not found|does not exist|denied|unauthorized|authentication required|invalid reference",
    re.I,
)
"""What registries answer when no later try will succeed without somebody's help."""


_HARMLESS = {
    Reason.ACCEPTED,
    Reason.WAITING_FOR_EARLIER,
    Reason.WAITING_FOR_WORKERS,
    Reason.SCHEDULER_LOST,
}
"""Reasons of a cluster that are not an obstacle, or are the outcome policy's to judge."""


def diagnosis(sight: Sight) -> Plan | None:
    """Speaks while the flow has not begun and something stands in its way."""
    if sight.begun or sight.attempt is None:
        return None
    refusals = sight.seen.refusals
    again = start(sight) if refusals and all(answer.retry for answer in refusals) else None
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
        yield Finding(trouble, cluster.message, certain=cluster.phase == "Failed" and not sight.solo)
    for pod in sight.pods:
        yield from pod_findings(pod)
    for pod in sight.pods:
        if message := setup.sentence(pod, sight.now):
            yield Finding(Reason.CONFIG_INVALID, message, certain=False)


def cluster_trouble(sight: Sight) -> Reason | None:
    """What is wrong with the attempt's DaskCluster, if its status says so; also while the flow runs."""
    status = sight.cluster_status
    reason = Reason.of(status.reason)
    return reason if status.phase in ("Failed", "Pending", "Degraded") and reason not in _HARMLESS else None


def pod_findings(pod: Pod) -> Iterable[Finding]:
    """What keeps this pod from running."""
    if pod.ended:
        return
    scheduled = pod.condition("PodScheduled")
    if scheduled.get("reason") == "Unschedulable":
        said = str(scheduled.get("message", "")).rstrip(".")
        message = f"No node has room for pod {pod.name}: {said}. Ask for less or add nodes."
        yield Finding(Reason.UNSCHEDULABLE, message, certain=False)
    waiting = pod.waiting
    explain = _WAITING.get(str(waiting.get("reason")))
    if explain:
        yield explain(pod, str(waiting.get("message") or "").rstrip("."))


def _invalid_image(pod: Pod, said: str) -> Finding:
    image = pod.container.get("image", "")
    message = f'The image name "{image}" is not valid; write registry/name:tag in spec.image.'
    return Finding(Reason.IMAGE_INVALID, message, certain=True)


def _pull(pod: Pod, said: str) -> Finding:
    image = pod.container.get("image", "")
    why = pod.waiting.get("reason")
    certain = why == "ErrImageNeverPull" or (why == "ImagePullBackOff" and bool(_HOPELESS_PULL.search(said)))
    message = f'The image "{image}" cannot be pulled; check its name, tag and spec.imagePullSecrets: {said}.'
    return Finding(Reason.IMAGE_PULL_FAILED, message, certain)


def _config(pod: Pod, said: str) -> Finding:
    message = f"Pod {pod.name} cannot be set up: {said}. Create what is missing or correct the reference."
    return Finding(Reason.CONFIG_INVALID, message, bool(_HOPELESS_SETUP.search(said)))


def _cannot_run(pod: Pod, said: str) -> Finding:
    message = f"The container of pod {pod.name} cannot run: {said}. {remedy(said)}"
    return Finding(Reason.CONTAINER_CANNOT_RUN, message, bool(_HOPELESS_SETUP.search(said)))


_WAITING: dict[str, Callable[[Pod, str], Finding]] = {
    "InvalidImageName": _invalid_image,
    "ErrImageNeverPull": _pull,
    "ErrImagePull": _pull,
    "ImagePullBackOff": _pull,
    "CreateContainerConfigError": _config,
    "CreateContainerError": _cannot_run,
    "RunContainerError": _cannot_run,
}
"""The kubelet's words for a container that waits, and what they mean for the run."""


def refused(refusal: Refusal) -> Finding:
    """What the API server's refusal of a create means."""
    what = f"{refusal.key.kind} {refusal.key.name}"
    said = refusal.message.rstrip(".")
    if refusal.status == 403 and "exceeded quota" in refusal.message:
        message = f"The namespace's quota does not allow {what}: {said}. Ask for less or raise the quota."
        return Finding(Reason.QUOTA_EXCEEDED, message, certain=False)
    certain = refusal.status in (400, 403, 422) and not _HEALING_REFUSAL.search(said)
    return Finding(Reason.REFUSED, f"The API server refuses {what}: {said}.", certain)
