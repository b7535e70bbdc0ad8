"""The end of a DaskCluster: with its one scheduler, which is never made again, or by its deletion."""

from datetime import timedelta

from daskflow.api.conditions import noted
from daskflow.api.daskcluster import TERMINAL_PHASES
from daskflow.api.reasons import Reason
from daskflow.api.wording import one_line
from daskflow.plan.cluster.status import report
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Plan
from daskflow.plan.pod.init_containers import failure
from daskflow.plan.pod.nodes import late, next_late, sentence
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.termination import LINGER, end

_AFTER_RUN = timedelta(seconds=5)
"""The cluster of a successful run is deleted within this, and then needs no last status."""

_MEANT = {
    "OutcomeReceived": (Reason.STOPPED, "The flow has ended."),
    "LeaseLost": (Reason.STOPPED, "The runner's lease ran out."),
    "LeaseNeverTaken": (Reason.STOPPED, "No runner ever came."),
    "Unclaimed": (Reason.STOPPED, "No run has claimed the cluster in its time."),
    "IdleTimeout": (
        Reason.IDLE_TIMEOUT,
        "No task ran or waited and no client held results for spec.idleTimeout ({idle}); "
        "delete the DaskCluster and apply it again for a new one.",
    ),
    "NoClientTimeout": (
        Reason.NO_CLIENT_TIMEOUT,
        "No client was connected, no run used the cluster and no task ran or waited for spec.noClientTimeout "
        "({no_client}); delete the DaskCluster and apply it again for a new one.",
    ),
}
"""What a scheduler that ended on purpose says, and what it means."""
_FOLLOWS_RUNNER = ("OutcomeReceived", "LeaseLost", "LeaseNeverTaken")
"""The same of one that had nothing left to do without its runner."""


def settled(view: ClusterView) -> Plan | None:
    """A cluster that has ended only loses what still computes: its workers, which go by themselves."""
    if view.status.phase not in TERMINAL_PHASES:
        return None
    plan = Plan()
    if view.spec_changed:
        changes = noted(view.status.conditions, view.generation)
        plan = Plan(status=view.status.model_copy(update=changes).dump())
    for pod in (*view.schedulers, *view.workers, *_runner(view)):
        if not pod.ended:
            plan += end(pod, view.now)
    return plan


def _runner(view: ClusterView) -> tuple[Pod, ...]:
    return () if view.runner is None else (view.runner,)


def deletion(view: ClusterView) -> Plan | None:
    """Speaks from a deletion that somebody's finalizer holds up: its pods end, then it is Stopped.

    Nothing follows, so that no node that does not answer is waited for.
    """
    if not deleting(view.resource):
        return None
    every = (view.scheduler, *view.workers, view.runner)
    pods = [pod for pod in every if pod is not None and not pod.ended]
    lost = late(pods, view.now)
    if not pods or all(late((pod,), view.now) for pod in pods):
        message = "The DaskCluster was deleted." + (f" {sentence(lost)}" if lost else "")
        return report(view, "Stopped", Reason.DELETED, message)
    message = f"The DaskCluster was deleted; {len(pods)} pods are going."
    plan = report(view, "Stopping", Reason.DELETED, message) + Plan(requeue_at=next_late(pods, view.now))
    for pod in pods:
        plan += end(pod, view.now)
    return plan


def ended(view: ClusterView) -> Plan | None:
    """Whether the scheduler has been and is no more, and why."""
    if view.status.scheduler is None:
        return None
    scheduler = view.scheduler
    if scheduler is None:
        again = "" if view.leased else "; delete the DaskCluster and apply it again for a new one"
        return report(view, "Failed", Reason.SCHEDULER_LOST, f"The scheduler's pod was deleted{again}.")
    said = (scheduler.report or {}).get("reason")
    plan = _runner_ended(view) if not scheduler.over or said in _FOLLOWS_RUNNER else None
    if plan is not None or not scheduler.over:
        return plan
    due = (scheduler.finished_at or view.now) + (_AFTER_RUN if view.leased else LINGER)
    if view.now < due:
        return Plan(requeue_at=due)
    if said in _MEANT:
        reason, message = _MEANT[said]
        spec = view.spec
        message = message.format(idle=spec.idle_timeout, no_client=spec.no_client_timeout)
        return report(view, "Stopped", reason, message)
    if broken := failure(scheduler):
        return report(view, "Failed", Reason.INIT_CONTAINER_FAILED, broken[0])
    return report(view, "Failed", Reason.SCHEDULER_LOST, _why(scheduler))


def _runner_ended(view: ClusterView) -> Plan | None:
    """A cluster that waits is of no use without its runner, of which nothing has begun."""
    runner = view.runner
    if runner is None or not runner.over:
        return None
    if runner.deleting:
        message = f"Pod {runner.name}, the runner that waited, was deleted."
        return report(view, "Failed", Reason.RUNNER_NOT_PARKED, message)
    preload = ", ".join(view.spec.standby.preload) if view.spec.standby else ""
    imports = f" It imports {preload} (preload)." if preload else ""
    if said := one_line(str((runner.report or {}).get("message") or "")):
        return report(view, "Failed", Reason.RUNNER_NOT_PARKED, f"{said}{imports}")
    words = runner.last_words.rstrip(".") or f"exit code {runner.terminated.get('exitCode')}"
    message = f"The runner that was to wait with the cluster has ended: {words}.{imports}"
    return report(view, "Failed", Reason.RUNNER_NOT_PARKED, message)


def outlived(view: ClusterView) -> Plan:
    """Ends the sidecars of workers and of a scheduler that are over."""
    plan = Plan()
    for pod in (*((view.scheduler,) if view.scheduler else ()), *view.workers):
        plan += end(pod, view.now) if pod.outlived else Plan()
    return plan


def _why(scheduler: Pod) -> str:
    words = scheduler.last_words.rstrip(".")
    if scheduler.disrupted:
        return f"The scheduler's pod was taken away by Kubernetes: {words or 'no reason given'}."
    if scheduler.terminated.get("reason") == "OOMKilled":
        field = "spec.scheduler.resources.limits.memory"
        return f"The scheduler needed more memory than its limit; raise {field}."
    code = f"The scheduler ended with exit code {scheduler.terminated.get('exitCode')}"
    return f"{code}: {words}." if words else f"{code}."
