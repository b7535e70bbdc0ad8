"""Stopping: we want the open attempt to end, which it has not by itself.

WISHES has all that may be wanted; the first that holds counts, also where it has to be said afterwards why an
attempt ended. A cancellation is latched in status once seen; the deletion of a run that somebody's finalizer
keeps is one, too. The flow gets SIGTERM and its grace period, then it is gone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from daskflow.api.names import PORT_CONTROL
from daskflow.api.reasons import Reason
from daskflow.api.wording import full_stop
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Plan
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.termination import end
from daskflow.plan.run import task_counts as counts
from daskflow.plan.run.attempts import closed
from daskflow.plan.run.claim import not_taken
from daskflow.plan.run.cluster_ref import obstacle
from daskflow.plan.run.deadlines import active_deadline, start_deadline
from daskflow.plan.run.end import End
from daskflow.plan.run.status import report
from daskflow.plan.run.view import RunView

_OF_ENDING = ("", Reason.CANCELLING, Reason.RUNNER_LOST, Reason.NODE_UNREACHABLE)
"""Reasons of a status that tell nothing of what the flow waited for."""


@dataclass(frozen=True)
class Wish:
    """A wish to end the attempt, and how it counts if nothing else ended it first."""

    outcome: Literal["Failed", "Cancelled", "Suspended"]
    reason: Reason
    message: str
    again: bool = False
    """Whether another attempt follows, if `spec.retries` lets it."""

    def end(self, *, maybe: bool = False, **details: Any) -> End:
        """The attempt's end where nothing else has ended it; `details` are further fields, or others.

        `maybe`: the flow may have begun, though nobody has said so.
        """
        budget = self.reason.budget(maybe or bool(details.get("begun"))) if self.again else "none"
        return replace(End(self.outcome, self.reason, self.message, budget), **details)

    @property
    def last(self) -> bool:
        """Whether no attempt follows, so that nothing has to be gone before."""
        return not (self.again or self.outcome == "Suspended")


def cancelled(view: RunView) -> Wish | None:
    """`spec.cancel`, which cannot be taken back."""
    if not (view.spec.cancel or view.status.cancel_requested):
        return None
    return Wish("Cancelled", Reason.CANCELLED, "Cancelled on request (spec.cancel).")


def deleted(view: RunView) -> Wish | None:
    """The run was deleted, and is still there."""
    if not deleting(view.resource):
        return None
    return Wish("Cancelled", Reason.CANCELLED, "The FlowRun was deleted before its flow had ended.")


def not_done(view: RunView) -> Wish | None:
    """`spec.deadlines.active` has passed."""
    deadline = active_deadline(view)
    if deadline is None or not (view.now >= deadline or _ended_at_its_deadline(view)):
        return None
    return Wish("Failed", Reason.DEADLINE_EXCEEDED, _not_done(view))


def not_begun(view: RunView) -> Wish | None:
    """`spec.deadlines.start` has passed, and the flow has not begun."""
    deadline = start_deadline(view)
    if deadline is None or view.now < deadline or view.begun:
        return None
    late = f"The flow had not begun within spec.deadlines.start ({view.spec.deadlines.start}): "
    if waiting := obstacle(view):
        return Wish("Failed", waiting.reason, late + waiting.message)
    # While the attempt is being ended the status holds this very sentence; what it waited for is its end.
    waited = view.status.message.rstrip(".").split(late)[-1]
    return Wish("Failed", Reason.DEADLINE_EXCEEDED, f"{late}{waited}.")


def suspended(view: RunView) -> Wish | None:
    """`spec.suspend`; also where the run was resumed after its flow had been asked to end for that."""
    asked = view.attempt is not None and view.attempt.reason == Reason.SUSPENDED
    if not (view.spec.suspend or asked):
        return None
    message = "Suspended (spec.suspend); a new attempt starts on resume."
    return Wish("Suspended", Reason.SUSPENDED, message)


def not_told(view: RunView) -> Wish | None:
    """The cluster that had waited cannot be told of the run: a cluster that is started needs no telling."""
    attempt, why = view.attempt, not_taken(view)
    if attempt is None or not (why is not None or _given_up(view)):
        return None
    because = f" ({why.rstrip('.')})" if why else ""
    message = (
        f"DaskCluster {attempt.cluster} had waited, and could not be told of the run{because}. If it cannot "
        f"be reached, let the operator's pods connect to port {PORT_CONTROL} of its scheduler's pod."
    )
    return Wish("Failed", Reason.CLAIM_REFUSED, message, again=True)


def _given_up(view: RunView) -> bool:
    """Whether its runner was asked to end for that; not where the flow has begun before it could be."""
    attempt = view.attempt
    if attempt is None or not attempt.claimed or attempt.reason != Reason.CLAIM_REFUSED:
        return False
    return not (view.begun or attempt.flow_start_time)


WISHES: tuple[Callable[[RunView], Wish | None], ...] = (
    cancelled,
    deleted,
    not_done,
    not_begun,
    suspended,
    not_told,
)


def wish(view: RunView) -> Wish | None:
    """The strongest wish to end the open attempt; of the whole run, where none is open."""
    return next((found for each in WISHES if (found := each(view))), None)


def stopping(view: RunView) -> Plan | None:
    """Ends the open attempt; where none is open the run, unless it is to be suspended."""
    wanted = wish(view)
    if wanted is None:
        return None
    if view.attempt is not None:
        return end_attempt(view)
    if wanted.outcome == "Suspended":
        return None
    message = wanted.message
    if wanted.outcome == "Cancelled":
        what = "Deleted" if deleting(view.resource) else "Cancelled on request (spec.cancel)"
        message = f"{what} {_between_attempts(view)}"
    return report(view, wanted.outcome, wanted.reason, message)


def _between_attempts(view: RunView) -> str:
    """What the run was doing while no attempt is open, as the rest of a sentence."""
    last = view.last_attempt
    if last is None:
        return "before an attempt was running."
    if view.status.phase == "Suspended":
        doing = "while it was suspended."
    else:
        doing = "while it waited for its next attempt."
    if last.outcome != "Failed" or not last.message:
        return doing
    return f"{doing} Attempt {last.number} failed: {full_stop(last.message)}"


def end_attempt(view: RunView) -> Plan:
    """Asks the runner to end; closes the attempt at once if there never was one that could have begun.

    The runner ends with an outcome of its own, or as terminated: both are the outcome policy's to read.
    """
    wanted = wish(view)
    assert wanted is not None
    pod = view.runner or _witness(view)
    if pod is None and not view.begun_at:
        return closed(view, wanted.end())
    changes: dict[str, Any] = {}
    if not wanted.last:
        # Written down: it is why the flow ended even if it no longer holds by then: the run was resumed.
        changes["attempts"] = view.journaled(reason=wanted.reason.value)
    ending = end(pod, view.now) if pod else Plan()
    grace = f"The flow was asked to end and has {view.spec.cancel_grace_period}: {wanted.message}"
    phase = view.status.phase or "Starting"
    return report(view, phase, Reason.CANCELLING, grace, **changes) + ending


def _witness(view: RunView) -> Pod | None:
    """The scheduler, if it may have seen a runner that is gone: its last message tells how far it came."""
    scheduler = view.scheduler
    if scheduler is None or scheduler.over or view.cluster_status.scheduler is None:
        return None
    return scheduler


def _not_done(view: RunView) -> str:
    """What kept the run from its end, if that was told; else what may help the next one."""
    said = view.status
    late = f"The run was not done within spec.deadlines.active ({view.spec.deadlines.active}"
    if late in said.message:
        return late + said.message.split(late)[-1]  # the attempt is being ended, see above
    if found := counts.trouble(view):
        return f"{late}); its scheduler last said: {found[1]}"
    if said.phase in ("Starting", "Running") and said.reason not in _OF_ENDING:
        return f"{late}); what was last said of it: {said.message}"
    own = view.alone and not (view.spec.cluster_ref or view.spec.scheduler_address)
    return f"{late}); raise it for the next run{'' if own else ' or give the flow more workers'}."


def _ended_at_its_deadline(view: RunView) -> bool:
    """Whether the kubelet ended the runner at the deadline in its pod: its clock may be ahead of ours."""
    runner = view.runner
    if runner is None or runner.status.get("reason") != "DeadlineExceeded":
        return False
    return not runner.ended_by_us
