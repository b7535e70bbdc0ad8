"""Attempts without a DaskCluster of their own: the runner's pod is the fence, for there is no lease.

The pod is made behind a scheduling gate, its uid is written into status, and only then the gate goes. So a
pod that is lost before its uid was written has run nothing, and may be made again; once it was written no
other pod runs this attempt, and when that one is gone the attempt is over.
"""

from daskflow.api.conditions import instant
from daskflow.api.names import LABEL_CLUSTER
from daskflow.api.reasons import Reason
from daskflow.manifests.pods import mounted_secret
from daskflow.manifests.roles import runner_pod
from daskflow.manifests.solo import gated, runner_secret
from daskflow.plan.attempts import End, closed
from daskflow.plan.cluster_use import starting
from daskflow.plan.deadlines import remaining
from daskflow.plan.model import Object, Patch, Plan
from daskflow.plan.pods import Pod
from daskflow.plan.reference import bereft, obstacle, runner_spec
from daskflow.plan.sight import Sight
from daskflow.plan.status import report
from daskflow.plan.stop_reason import stop
from daskflow.plan.told import end
from daskflow.plan.verdict import begun_at


def next_step(sight: Sight) -> Plan | None:
    """Pod, journal and Secret, gate: the next of these that is to be done."""
    attempt, runner = sight.attempt, sight.runner
    assert attempt is not None
    assert attempt.runner is not None
    if runner is None:
        return _make(sight)
    if runner.deleting or runner.over:
        return None
    if attempt.runner.uid is None:
        if _for_another(sight, runner):
            return Plan(deletes=(runner.deletion(),))
        journaled = attempt.model_copy(
            update={
                "runner": attempt.runner.model_copy(update={"uid": runner.uid}),
                "cluster_uid": sight.reference["metadata"]["uid"] if sight.reference else attempt.cluster_uid,
            }
        )
        written = report(
            sight,
            sight.status.phase or "Starting",
            Reason.STARTING,
            starting(sight, attempt.number),
            attempts=(*sight.status.attempts[:-1], journaled),
        )
        return written + Plan(creates=_secret(sight, runner))
    if not runner.gated:
        return None
    if missing := _secret(sight, runner):
        return Plan(creates=missing)
    gates = [dict(gate) for gate in runner.other_gates]
    return Plan(patches=(Patch(runner.key, runner.uid, {"spec": {"schedulingGates": gates}}),))


def _for_another(sight: Sight, runner: Pod) -> bool:
    """Whether the pod, which has run nothing, was made for a cluster that is not there any more."""
    if sight.spec.cluster_ref is None:
        return False
    made_for = (runner.raw["metadata"].get("labels") or {}).get(LABEL_CLUSTER)
    return sight.place is None or sight.place.base != made_for


def stranded(sight: Sight) -> Plan | None:
    """Ends a runner whose flow has not begun and never will: the cluster that it was made for is no more."""
    runner, message = sight.runner, bereft(sight)
    if not message or runner is None or runner.over or sight.begun:
        return None
    return end(runner, sight.now) + report(
        sight, sight.status.phase or "Starting", Reason.CLUSTER_MISSING, message
    )


def _make(sight: Sight) -> Plan | None:
    place, attempt = sight.place, sight.attempt
    if place is None or attempt is None or obstacle(sight):
        return None
    spec, deadline, name = runner_spec(sight), remaining(sight), sight.runner_name
    pod = runner_pod(sight.resource, spec, place, attempt.number, sight.settings, deadline, name)
    return Plan(creates=(gated(pod),))


def _secret(sight: Sight, runner: Pod) -> tuple[Object, ...]:
    """The runner's Secret, unless known to be there: it cannot be read back, only made again in vain."""
    place, attempt = sight.place, sight.attempt
    if sight.spec.cluster_ref:
        return ()  # the cluster's own Secret has all that its clients need
    if place is None or attempt is None:
        return ()
    # An earlier version may have made the pod, and called its Secret otherwise.
    name = mounted_secret(runner.raw) or place.mounted
    if sight.key("Secret", name) in sight.seen.created:
        return ()
    since = instant(attempt.start_time)
    return (runner_secret(sight.resource, sight.spec, runner.raw, place.base, name, since, sight.settings),)


def lost(sight: Sight) -> Plan | None:
    """Closes the attempt when the one pod that could run it is gone: it counts as begun, for it may have."""
    attempt = sight.attempt
    if attempt is None or attempt.runner is None or attempt.runner.uid is None or sight.runner is not None:
        return None
    begun = begun_at(sight)
    if wanted := stop(sight):
        return closed(sight, End(wanted.outcome, wanted.reason, wanted.message, begun=begun))
    message = f"The runner's pod {attempt.runner.pod} was deleted before the flow had an outcome."
    return closed(sight, End("Failed", Reason.RUNNER_LOST, message, "infrastructure", begun=begun))
