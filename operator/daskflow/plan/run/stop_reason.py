"""Why we would end the open attempt ourselves, if it has not ended by then."""

from dataclasses import dataclass
from typing import Literal

from daskflow.api.reasons import Reason
from daskflow.plan.deletion import deleting
from daskflow.plan.run import task_counts as counts
from daskflow.plan.run.cluster_ref import obstacle
from daskflow.plan.run.view import RunView

_OF_ENDING = ("", Reason.CANCELLING, Reason.RUNNER_LOST, Reason.NODE_UNREACHABLE)
"""Reasons of a status that tell nothing of what the flow waited for."""


@dataclass(frozen=True)
class Stop:
    """A wish to end the attempt, and how it counts if nothing else ended it first."""

    outcome: Literal["Failed", "Cancelled", "Suspended"]
    reason: Reason
    message: str


def stop(view: RunView) -> Stop | None:
    """The strongest reason to end the open attempt: cancellation, then a deadline, then suspension."""
    if view.spec.cancel or view.status.cancel_requested:
        return Stop("Cancelled", Reason.CANCELLED, "Cancelled on request (spec.cancel).")
    if deleting(view.resource):
        return Stop("Cancelled", Reason.CANCELLED, "The FlowRun was deleted before its flow had ended.")
    active, start = view.deadline_active, view.deadline_start
    if active is not None and (view.now >= active or _ended_at_its_deadline(view)):
        return Stop("Failed", Reason.DEADLINE_EXCEEDED, _not_done(view))
    if start is not None and view.now >= start and not view.begun:
        late = f"The flow had not begun within spec.deadlines.start ({view.spec.deadlines.start}): "
        if waiting := obstacle(view):
            return Stop("Failed", waiting.reason, late + waiting.message)
        # While the attempt is being ended the status holds this very sentence; what it waited for is its end.
        waited = view.status.message.rstrip(".").split(late)[-1]
        return Stop("Failed", Reason.DEADLINE_EXCEEDED, f"{late}{waited}.")
    if view.spec.suspend or suspending(view):
        return Stop(
            "Suspended", Reason.SUSPENDED, "Suspended (spec.suspend); a new attempt starts on resume."
        )
    return None


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
    own = view.solo and not (view.spec.cluster_ref or view.spec.scheduler_address)
    return f"{late}); raise it for the next run{'' if own else ' or give the flow more workers'}."


def _ended_at_its_deadline(view: RunView) -> bool:
    """Whether the kubelet ended the runner at the deadline in its pod: its clock may be ahead of ours."""
    runner = view.runner
    if runner is None or runner.status.get("reason") != "DeadlineExceeded":
        return False
    return not runner.ended_by_us


def suspending(view: RunView) -> bool:
    """Whether the flow was asked to end for a suspension, even if the run has been resumed since."""
    return view.attempt is not None and view.attempt.reason == Reason.SUSPENDED
