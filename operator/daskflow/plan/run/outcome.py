"""Outcome: how the open attempt ended, if it did. What the flow said wins over everything else.

There are two copies of what it said, the runner's termination message and the scheduler's. Only when
neither can come any more is the end inferred from what became of the pods.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from daskflow.api.quantities import seconds
from daskflow.api.reasons import Reason
from daskflow.api.retries import Budget
from daskflow.manifests.pods import END_SECONDS, RUNNER_MARGIN
from daskflow.plan.model import Plan
from daskflow.plan.pod.nodes import late, sentence
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.termination import end
from daskflow.plan.run.alone import lost, stranded
from daskflow.plan.run.attempt_end import cannot_run, end_of, inferred, recorded, scheduler_gone, why_gone
from daskflow.plan.run.attempts import closed
from daskflow.plan.run.end import End
from daskflow.plan.run.interruption import cluster_deleted
from daskflow.plan.run.status import report
from daskflow.plan.run.stopping import end_attempt, wish
from daskflow.plan.run.unreachable import silent, unreachable
from daskflow.plan.run.view import RunView


def outcome(view: RunView) -> Plan | None:
    """Closes the open attempt once its end is certain; waits while a copy of the outcome may still come."""
    if view.attempt is None:
        return _late_success(view)
    record = recorded(view)
    if record is not None:
        return closed(view, end_of(view, record))
    if (pod := silent(view)) is not None:
        return _abandoned(view, pod) or unreachable(view)
    if view.runner is not None and view.runner.over:
        return _runner_ended(view, view.runner)
    if view.alone:
        return lost(view) or stranded(view)
    if scheduler_gone(view):
        return _scheduler_gone(view)
    if view.cluster is None and (view.runner is not None or view.begun or _had_cluster(view)):
        return _cluster_gone(view)
    if view.runner is None and view.begun_at:
        return _await_scheduler(view, "The runner's pod is gone; waiting for what the scheduler knows.")
    return None


def _late_success(view: RunView) -> Plan | None:
    """What the last attempt's flow said after it was closed, if it succeeded: then nothing is to run again.

    An operator that did not know of a runner can close its attempt, where the runner's create of another one
    lands later (one that was replaced while its calls were under way).
    """
    last = view.last_attempt
    if last is None:
        return None
    open_again = last.model_copy(update={"end_time": None, "budget": None})
    attempts = (*view.status.attempts[:-1], open_again)
    before = replace(view, status=view.status.model_copy(update={"attempts": attempts, "suspend_time": None}))
    record = recorded(before)
    if record is None or record.get("outcome") != "Succeeded":
        return None
    return closed(before, end_of(before, record))


def _abandoned(view: RunView, pod: Pod) -> Plan | None:
    """A node that does not answer holds up no end that is wanted and that nothing follows."""
    wanted = wish(view)
    if wanted is None or not wanted.last:
        return None
    runner = view.runner
    if runner is not None and not runner.over and late((runner,), view.now) is None:
        return end_attempt(view)
    message = f"{wanted.message} {sentence(pod)}"
    return closed(view, wanted.end(message=message, begun=view.begun_at))


def _runner_ended(view: RunView, runner: Pod) -> Plan:
    """The runner's pod ended without leaving an outcome; the scheduler may still have it."""
    scheduler = view.scheduler
    if scheduler is not None and not scheduler.over and runner.ran:
        finished = runner.finished_at or view.now
        patience = finished + timedelta(seconds=view.settings.lease_seconds + END_SECONDS)
        if view.now < patience:
            message = "The runner's pod ended without an outcome; waiting for what the scheduler knows."
            return _await_scheduler(view, message, patience)
    return closed(view, inferred(view, runner))


def _scheduler_gone(view: RunView) -> Plan:
    """Without its scheduler an attempt cannot go on: the runner says how far the flow had come."""
    runner, scheduler = view.runner, view.scheduler
    if runner is None:
        begun = view.begun_at
        # A scheduler writes its message when a runner first comes; one that ended without met none.
        known = scheduler is not None and scheduler.end_known and not begun
        if (wanted := wish(view)) is not None:
            return closed(view, wanted.end(maybe=not known, begun=begun))
        if (broken := cannot_run(scheduler)) is not None:
            return closed(view, broken)
        budget: Budget = "start" if known else "infrastructure"
        return closed(view, End("Failed", *why_gone(view), budget, begun=begun))
    if (wanted := wish(view)) is not None and wanted.outcome != "Suspended":
        return end_attempt(view)
    message = "The scheduler's pod is gone; waiting for the runner to end."
    if view.begun:
        # It notices by itself and ends within its own bounds; should it not, it is ended.
        finished = (scheduler and scheduler.finished_at) or None
        patience = view.settings.lease_seconds + seconds(view.spec.cancel_grace_period) + RUNNER_MARGIN
        due = finished + timedelta(seconds=patience) if finished else None
        if due is None or view.now < due:
            return _await_scheduler(view, message, due)
    return end(runner, view.now) + _await_scheduler(view, message)


def _had_cluster(view: RunView) -> bool:
    """Whether the attempt is known to have had its cluster, with which a runner may have come and gone."""
    attempt = view.attempt
    return attempt is not None and bool(attempt.cluster_uid or attempt.reason == Reason.CLUSTER_DELETED)


def _cluster_gone(view: RunView) -> Plan:
    message = cluster_deleted(view)
    if view.runner is not None and view.attempt is not None:
        # Written down: without runner and cluster the attempt would look like one that is yet to be made.
        attempts = view.journaled(reason=Reason.CLUSTER_DELETED.value)
        phase = view.status.phase or "Starting"
        said = report(view, phase, Reason.RUNNER_LOST, message, attempts=attempts)
        return end(view.runner, view.now) + said
    begun = view.begun_at
    return closed(view, End("Failed", Reason.CLUSTER_DELETED, message, "infrastructure", begun=begun))


def _await_scheduler(view: RunView, message: str, until: datetime | None = None) -> Plan:
    phase = view.status.phase or "Starting"
    return report(view, phase, Reason.RUNNER_LOST, message) + Plan(requeue_at=until)
