"""What to do about a reason, in one sentence."""

from daskflow.api.reasons import Reason

REMEDIES = {
    "FlowFailed": "Read the log (daskflow logs {run}), mend the flow, then: daskflow retry {run}",
    "FlowKilled": "Look for native code that crashes; the log's last lines tell where: daskflow logs {run}",
    "EntrypointInvalid": "Mend spec.flow.entrypoint, or put the file into the image; start a new run.",
    "ParametersInvalid": "Give the parameters that the flow takes: daskflow retry {run} -p name=value",
    "OutOfMemory": "Split the work into smaller parts, or: daskflow retry {run} --memory 8Gi",
    "DeadlineExceeded": "Give more time, or workers: daskflow retry {run} --timeout 4h --workers 8",
    "ImagePullFailed": "Check the image's name and tag, and that spec.imagePullSecrets opens its registry.",
    "ImageInvalid": "Correct the image's name: daskflow retry {run} --image NAME:TAG",
    "ConfigInvalid": "Create the Secret or ConfigMap that the message names, or correct its name or key.",
    "Unschedulable": "Mend what keeps the nodes below from taking it; ask for less, or have nodes added.",
    "QuotaExceeded": "Ask for fewer or smaller workers, wait for other runs, or have the quota raised.",
    "Refused": "Change or create what the message names; the API server refuses the pod as it is.",
    "ContainerCannotRun": "Use an image that has Python and distributed, for this kind of node.",
    "InitContainerFailed": "Look at that container's log with kubectl logs POD -c CONTAINER.",
    "WorkersMissing": "See the workers below; spec.cluster.workers.required lets a flow begin with fewer.",
    "WorkersFailing": "Look at what the workers said last: daskflow logs {run} --workers",
    "WorkersPaused": "Give workers more memory, or keep fewer results at once.",
    "ResourcesMissing": "Let a group offer the resources by daskResources, or ask for others in the flow.",
    "SchedulerLost": "Give spec.cluster.scheduler.resources more if memory was short; daskflow retry {run}",
    "SchedulerUnreachable": "Check that NetworkPolicies let the runner reach the scheduler on 8786 and 8788.",
    "RunnerLost": "Find out who ended its pod or its node, and keep them from it; then: daskflow retry {run}",
    "NodeUnreachable": "Wait for the node, or delete it if it is gone for good.",
    "Evicted": "Give requests that match what is used; further attempts come from spec.retries.",
    "ClusterMissing": "Create the DaskCluster of spec.clusterRef, or name another.",
    "ClusterNotReady": "Wait for the DaskCluster, or look at it with kubectl describe dkc.",
    "ClusterUnfit": "Leave spec.image out, or name the DaskCluster's own image.",
    "Suspended": "Let it go on: daskflow resume {run}",
    "Cancelled": "Start it anew, if that was not meant: daskflow retry {run}",
    "DefinitionOutdated": "Have the CustomResourceDefinitions upgraded: daskflow check",
    "RightMissing": "Have the operator's role completed; the message names the right.",
    "NameConflict": "Delete or rename the object that the message names.",
}
"""Where a command helps, or more is to be said than in the table of reasons.

`{run}` stands for the run's name and namespace.
"""
NOT_SEEN = "No operator has looked at it. See whether one runs: daskflow check"


def remedy(reason: str, run: str) -> str:
    """That sentence; by the table of reasons where there is none here. Empty if nothing is to be done."""
    known = Reason.of(reason)
    return REMEDIES.get(reason, known.remedy.replace("`", "") if known else "").format(run=run)
