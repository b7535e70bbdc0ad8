"""How an attempt ended: by what the flow said, else by what became of its pods."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from daskflow.api.flowrun_status import Failure
from daskflow.api.reasons import Reason
from daskflow.api.retries import Budget
from daskflow.plan.deletion import deleting
from daskflow.plan.pod.init_containers import failure
from daskflow.plan.pod.obstacles import remedy
from daskflow.plan.pod.pod import Pod
from daskflow.plan.run.cluster_ref import lost_cluster
from daskflow.plan.run.end import End
from daskflow.plan.run.interruption import interruption, runner_deleted
from daskflow.plan.run.stopping import wish
from daskflow.plan.run.view import RunView


def recorded(view: RunView) -> Mapping[str, Any] | None:
    """The outcome in either of its two places."""
    for pod in (view.runner, view.scheduler):
        if pod is not None and pod.over and pod.report:
            record: Mapping[str, Any] | None = pod.report if pod is view.runner else pod.report.get("outcome")
            if record:
                return record
    return None


def end_of(view: RunView, record: Mapping[str, Any]) -> End:
    """What an outcome record of the runtime means for the attempt."""
    # A runner that was told to end as it was about to begin says so, whatever its scheduler has noted.
    known = view.attempt.flow_start_time if view.attempt else None
    begun = record.get("begun", view.begun_at) or known
    if record.get("outcome") == "Succeeded":
        details = {"result": record.get("result"), "result_note": record.get("resultNote"), "failure": None}
        message = record.get("message") or "The flow has ended."
        return End("Succeeded", Reason.SUCCEEDED, message, details=details, begun=begun, exit_code=0)
    reason = Reason.of(record.get("reason")) or Reason.FLOW_FAILED
    message = str(record.get("message") or reason.meaning)
    failure = record.get("failure") or {}
    details = {"failure": Failure.model_validate(failure) if failure else None}
    if reason is Reason.CANCELLED:
        return End("Cancelled", reason, message, details=details, begun=begun)
    if reason is Reason.TERMINATED:
        return replace(_terminated(view, message, begun), details=details)
    if reason is Reason.SCHEDULER_LOST:
        if (wanted := wish(view)) and (wanted.outcome != "Failed" or wanted.again):
            return wanted.end(details=details, begun=begun)
        reason, message = interruption(view) or (reason, message)
    # A runner is only ever superseded by one that has begun, and of which nothing else may be left.
    begun_by_any = bool(begun) or reason is Reason.RUNNER_SUPERSEDED
    return End(
        "Failed",
        reason,
        message,
        reason.budget(begun_by_any),
        details=details,
        begun=begun,
        exit_code=record.get("exitCode"),
        exceptions=tuple(failure.get("mro") or ()),
    )


def _terminated(view: RunView, message: str, begun: str | None) -> End:
    """The runner got SIGTERM and the flow did not succeed: what it raised then is kept as its failure."""
    if wanted := wish(view):
        return wanted.end(begun=begun)
    budget: Budget = "infrastructure" if begun else "start"
    if not begun and scheduler_gone(view) and not _followed(view):
        # We ended it for that.
        if (broken := cannot_run(view.scheduler)) is not None:
            return broken
        return End("Failed", *why_gone(view), budget)
    if not begun and (missing := lost_cluster(view)):
        return End("Failed", Reason.CLUSTER_MISSING, missing, budget)
    if view.runner is not None and view.runner.disrupted:
        return End("Failed", Reason.EVICTED, _disruption(view.runner), budget, begun=begun)
    reason, message = interruption(view) or runner_deleted(view) or (Reason.TERMINATED, message)
    return End("Failed", reason, message, budget, begun=begun)


def _followed(view: RunView) -> bool:
    """Whether the scheduler ended as it had heard what became of the runner."""
    report = view.scheduler.report if view.scheduler else None
    return report is not None and report.get("reason") == "OutcomeReceived"


def _disruption(pod: Pod) -> str:
    said = pod.status.get("message") or pod.condition("DisruptionTarget").get("message") or "no reason given"
    return f"Pod {pod.name} was taken away by Kubernetes: {str(said).rstrip('.')}."


def inferred(view: RunView, runner: Pod) -> End:
    """How an attempt ended whose runner ended without leaving an outcome anywhere."""
    begun = view.begun_at
    # Unless the scheduler says that nothing had begun, something may have: user code never runs twice.
    silent = not (view.scheduler and view.scheduler.report)
    maybe = bool(begun) or ((runner.ran or not runner.end_known) and silent)
    budget: Budget = "infrastructure" if maybe else "start"
    if wanted := wish(view):
        return wanted.end(maybe=maybe, begun=begun)
    if runner.disrupted:
        return End("Failed", Reason.EVICTED, _disruption(runner), budget, begun=begun)
    code = runner.terminated.get("exitCode")
    if runner.terminated.get("reason") == "OOMKilled":
        return _out_of_memory(view, budget, begun)
    words = runner.last_words
    for pod in (runner, view.scheduler):
        if (broken := cannot_run(pod)) is not None:
            return broken
    if not runner.ran and scheduler_gone(view):
        return End("Failed", *why_gone(view), "start")
    message = f"The runner's pod {runner.name} ended without an outcome (exit code {code})"
    said = f"{message}: {words.rstrip('.')}." if words else f"{message}."
    return End(
        "Failed",
        *(interruption(view) or runner_deleted(view) or (Reason.RUNNER_LOST, said)),
        budget,
        begun=begun,
        exit_code=code,
    )


def cannot_run(pod: Pod | None) -> End | None:
    """The end of an attempt whose image cannot run this pod, or whose user's init container failed in it.

    What an init container does is the user's own code as the flow is: it is tried again only where that is.
    """
    if pod is None:
        return None
    if broken := failure(pod):
        message, code = broken
        return End("Failed", Reason.INIT_CONTAINER_FAILED, message, "flow", exit_code=code)
    if not pod.hopeless:
        return None
    words = pod.last_words.rstrip(".") or "no reason given"
    message = f"The image cannot run pod {pod.name}: {words}. {remedy(words)}"
    return End("Failed", Reason.CONTAINER_CANNOT_RUN, message, exit_code=pod.terminated.get("exitCode"))


def _out_of_memory(view: RunView, budget: Budget, begun: str | None) -> End:
    limit = view.runner.memory_limit if view.runner else None
    if limit is None:
        message = (
            "The node ran out of memory and ended the runner; give spec.runner.resources a memory request."
        )
        return End("Failed", Reason.RUNNER_LOST, message, budget, begun=begun, exit_code=137)
    message = (
        f"The runner needed more than its memory limit of {limit}; "
        "raise spec.runner.resources.limits.memory or move work into tasks."
    )
    return End("Failed", Reason.OUT_OF_MEMORY, message, "flow", begun=begun, exit_code=137)


def scheduler_gone(view: RunView) -> bool:
    """Whether the attempt's one scheduler has been and is no more."""
    if view.cluster is None or view.cluster_status.scheduler is None:
        return False
    return view.scheduler is None or view.scheduler.over


def why_gone(view: RunView) -> tuple[Reason, str]:
    """Reason and sentence for a scheduler that is no more."""
    scheduler = view.scheduler
    if view.cluster is not None and deleting(view.cluster):
        return Reason.CLUSTER_DELETED, f"DaskCluster {view.cluster['metadata']['name']} was deleted."
    if scheduler is None:
        return Reason.SCHEDULER_LOST, "The scheduler's pod was deleted, and the runner's pod is gone."
    if scheduler.disrupted:
        return Reason.EVICTED, _disruption(scheduler)
    if scheduler.report and scheduler.report.get("reason") == "LeaseLost":
        return Reason.RUNNER_LOST, "The runner's pod is gone, and its lease ran out without an outcome."
    if scheduler.terminated.get("reason") == "OOMKilled":
        limit = scheduler.memory_limit or "the node's"
        return Reason.OUT_OF_MEMORY, (
            f"The scheduler needed more than its memory limit of {limit}; "
            "raise spec.cluster.scheduler.resources.limits.memory."
        )
    words = scheduler.last_words
    message = f"The scheduler's pod ended with exit code {scheduler.terminated.get('exitCode')}"
    return Reason.SCHEDULER_LOST, f"{message}: {words.rstrip('.')}." if words else f"{message}."
