"""Outcome: how the open attempt ended, if it did. What the flow said wins over everything else.

There are two copies of what it said, the runner's termination message and the scheduler's. Only when
neither can come any more is the end inferred from what became of the pods.
"""

from datetime import datetime, timedelta

from daskflow.api.quantities import seconds
from daskflow.api.reasons import Reason
from daskflow.manifests.roles import END_SECONDS, RUNNER_MARGIN
from daskflow.plan.attempts import Budget, End, closed
from daskflow.plan.ending import end_attempt
from daskflow.plan.late import late, sentence
from daskflow.plan.model import Plan
from daskflow.plan.nodes import silent, unreachable
from daskflow.plan.pods import Pod
from daskflow.plan.sight import Sight
from daskflow.plan.solo import lost, stranded
from daskflow.plan.status import report
from daskflow.plan.stop_reason import stop
from daskflow.plan.taken import deleted
from daskflow.plan.told import end
from daskflow.plan.verdict import begun_at, end_of, inferred, recorded, scheduler_gone, unfit, why_gone


def outcome(sight: Sight) -> Plan | None:
    """Closes the open attempt once its end is certain; waits while a copy of the outcome may still come."""
    if sight.attempt is None:
        return None
    record = recorded(sight)
    if record is not None:
        return closed(sight, end_of(sight, record))
    if (pod := silent(sight)) is not None:
        return _abandoned(sight, pod) or unreachable(sight)
    if sight.runner is not None and sight.runner.over:
        return _runner_ended(sight, sight.runner)
    if sight.solo:
        return lost(sight) or stranded(sight)
    if scheduler_gone(sight):
        return _scheduler_gone(sight)
    if sight.cluster is None and (sight.runner is not None or sight.begun or _had_cluster(sight)):
        return _cluster_gone(sight)
    if sight.runner is None and begun_at(sight):
        return _await_scheduler(sight, "The runner's pod is gone; waiting for what the scheduler knows.")
    return None


def _abandoned(sight: Sight, pod: Pod) -> Plan | None:
    """A node that does not answer holds up no end that is wanted and that nothing follows."""
    wanted = stop(sight)
    if wanted is None or wanted.outcome == "Suspended":
        return None  # a next attempt may follow
    runner = sight.runner
    if runner is not None and not runner.over and late((runner,), sight.now) is None:
        return end_attempt(sight)
    message = f"{wanted.message} {sentence(pod)}"
    return closed(sight, End(wanted.outcome, wanted.reason, message, begun=begun_at(sight)))


def _runner_ended(sight: Sight, runner: Pod) -> Plan:
    """The runner's pod ended without leaving an outcome; the scheduler may still have it."""
    scheduler = sight.scheduler
    if scheduler is not None and not scheduler.over and runner.ran:
        finished = runner.finished_at or sight.now
        patience = finished + timedelta(seconds=sight.settings.lease_seconds + END_SECONDS)
        if sight.now < patience:
            message = "The runner's pod ended without an outcome; waiting for what the scheduler knows."
            return _await_scheduler(sight, message, patience)
    return closed(sight, inferred(sight, runner))


def _scheduler_gone(sight: Sight) -> Plan:
    """Without its scheduler an attempt cannot go on: the runner says how far the flow had come."""
    runner, scheduler = sight.runner, sight.scheduler
    if runner is None:
        begun = begun_at(sight)
        if (wanted := stop(sight)) is not None:
            return closed(sight, End(wanted.outcome, wanted.reason, wanted.message, begun=begun))
        if (broken := unfit(scheduler)) is not None:
            return closed(sight, broken)
        # A scheduler writes its message when a runner first comes; one that ended without met none.
        known = scheduler is not None and scheduler.end_known and not begun
        budget: Budget = "start" if known else "infrastructure"
        return closed(sight, End("Failed", *why_gone(sight), budget, begun=begun))
    if (wanted := stop(sight)) is not None and wanted.outcome != "Suspended":
        return end_attempt(sight)
    message = "The scheduler's pod is gone; waiting for the runner to end."
    if sight.begun:
        # It notices by itself and ends within its own bounds; should it not, it is ended.
        finished = (scheduler and scheduler.finished_at) or None
        patience = sight.settings.lease_seconds + seconds(sight.spec.cancel_grace_period) + RUNNER_MARGIN
        due = finished + timedelta(seconds=patience) if finished else None
        if due is None or sight.now < due:
            return _await_scheduler(sight, message, due)
    return end(runner, sight.now) + _await_scheduler(sight, message)


def _had_cluster(sight: Sight) -> bool:
    """Whether the attempt is known to have had its cluster, with which a runner may have come and gone."""
    attempt = sight.attempt
    return attempt is not None and bool(attempt.cluster_uid or attempt.reason == Reason.CLUSTER_DELETED)


def _cluster_gone(sight: Sight) -> Plan:
    message = deleted(sight)
    if sight.runner is not None and sight.attempt is not None:
        # Written down: without runner and cluster the attempt would look like one that is yet to be made.
        record = sight.attempt.model_copy(update={"reason": Reason.CLUSTER_DELETED.value})
        attempts = (*sight.status.attempts[:-1], record)
        phase = sight.status.phase or "Starting"
        said = report(sight, phase, Reason.RUNNER_LOST, message, attempts=attempts)
        return end(sight.runner, sight.now) + said
    begun = begun_at(sight)
    return closed(sight, End("Failed", Reason.CLUSTER_DELETED, message, "infrastructure", begun=begun))


def _await_scheduler(sight: Sight, message: str, until: datetime | None = None) -> Plan:
    phase = sight.status.phase or "Starting"
    return report(sight, phase, Reason.RUNNER_LOST, message) + Plan(requeue_at=until)
