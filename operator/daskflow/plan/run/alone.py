"""Attempts without a DaskCluster of their own: the runner's pod is the fence, for there is no lease.

The pod is made behind a scheduling gate, its uid is written into status, and only then the gate goes. So a
pod that is lost before its uid was written has run nothing, and may be made again; once it was written no
other pod runs this attempt, and when that one is gone the attempt is over.
"""

from daskflow.api.conditions import instant
from daskflow.api.flowrun_status import Attempt, RunnerStatus
from daskflow.api.names import LABEL_CLUSTER
from daskflow.api.reasons import Reason
from daskflow.manifests.alone import gated, runner_secret
from daskflow.manifests.common_pod import mounted_secret
from daskflow.manifests.place import Place
from daskflow.manifests.pods import runner_pod
from daskflow.plan.model import Object, Patch, Plan
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.termination import end
from daskflow.plan.run.attempts import closed
from daskflow.plan.run.cluster_ref import lost_cluster, obstacle, runner_spec
from daskflow.plan.run.cluster_use import starting
from daskflow.plan.run.deadlines import remaining
from daskflow.plan.run.end import End
from daskflow.plan.run.status import report
from daskflow.plan.run.stopping import wish
from daskflow.plan.run.view import RunView


def next_step(view: RunView) -> Plan | None:
    """Pod, journal and Secret, gate: the next of these that is to be done."""
    attempt, runner = view.attempt, view.runner
    assert attempt is not None
    assert attempt.runner is not None
    if runner is None:
        return _make(view)
    if runner.deleting or runner.over:
        return None
    if attempt.runner.uid is None:
        if _for_another(view, runner):
            return Plan(deletes=(runner.deletion(),))
        return _journal(view, attempt, attempt.runner, runner.uid) + Plan(creates=_secret(view, runner))
    if not runner.gated:
        return None
    if missing := _secret(view, runner):
        return Plan(creates=missing)
    gates = [dict(gate) for gate in runner.other_gates]
    return Plan(patches=(Patch(runner.key, runner.uid, {"spec": {"schedulingGates": gates}}),))


def _journal(view: RunView, attempt: Attempt, record: RunnerStatus, uid: str) -> Plan:
    """Which pod runs the attempt, and on which cluster of others."""
    attempts = view.journaled(
        runner=record.model_copy(update={"uid": uid}),
        cluster_uid=view.reference["metadata"]["uid"] if view.reference else attempt.cluster_uid,
    )
    phase, message = view.status.phase or "Starting", starting(view, attempt.number)
    return report(view, phase, Reason.STARTING, message, attempts=attempts)


def _for_another(view: RunView, runner: Pod) -> bool:
    """Whether the pod, which has run nothing, was made for a cluster that is not there any more."""
    if view.spec.cluster_ref is None:
        return False
    made_for = (runner.raw["metadata"].get("labels") or {}).get(LABEL_CLUSTER)
    return view.place is None or view.place.base != made_for


def stranded(view: RunView) -> Plan | None:
    """Ends a runner whose flow has not begun and never will: the cluster that it was made for is no more."""
    runner, message = view.runner, lost_cluster(view)
    if not message or runner is None or runner.over or view.begun:
        return None
    return end(runner, view.now) + report(
        view, view.status.phase or "Starting", Reason.CLUSTER_MISSING, message
    )


def _make(view: RunView) -> Plan | None:
    place, attempt = view.place, view.attempt
    if place is None or attempt is None or obstacle(view):
        return None
    spec, deadline, name = runner_spec(view), remaining(view), view.runner_name
    pod = runner_pod(view.resource, spec, place, attempt.number, view.settings, deadline, name)
    return Plan(creates=(gated(pod),))


def _secret(view: RunView, runner: Pod) -> tuple[Object, ...]:
    """The runner's Secret, unless known to be there: it cannot be read back, only made again in vain."""
    place = view.place
    if view.spec.cluster_ref:
        return ()  # the cluster's own Secret has all that its clients need
    if place is None or view.attempt is None:
        return ()
    # An earlier version may have made the pod, and called its Secret otherwise.
    name = mounted_secret(runner.raw) or place.mounted
    if view.key("Secret", name) in view.seen.created:
        return ()
    return (secret(view, runner, place, name),)


def secret(view: RunView, runner: Pod, place: Place, name: str) -> Object:
    """What the runner's pod of the open attempt mounts."""
    assert view.attempt is not None
    since = instant(view.attempt.start_time)
    return runner_secret(view.resource, view.spec, runner.raw, place.base, name, since, view.settings)


def lost(view: RunView) -> Plan | None:
    """Closes the attempt when the one pod that could run it is gone: it counts as begun, for it may have."""
    attempt = view.attempt
    if attempt is None or attempt.runner is None or attempt.runner.uid is None or view.runner is not None:
        return None
    begun = view.begun_at
    if wanted := wish(view):
        return closed(view, wanted.end(maybe=True, begun=begun))
    message = f"The runner's pod {attempt.runner.pod} was deleted before the flow had an outcome."
    return closed(view, End("Failed", Reason.RUNNER_LOST, message, "infrastructure", begun=begun))
