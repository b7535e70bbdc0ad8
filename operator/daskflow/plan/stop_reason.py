"""Why we would end the open attempt ourselves, if it has not ended by then."""

from dataclasses import dataclass
from typing import Literal

from daskflow.api.reasons import Reason
from daskflow.plan import counts
from daskflow.plan.deletion import deleting
from daskflow.plan.reference import obstacle
from daskflow.plan.sight import Sight

_OF_ENDING = ("", Reason.CANCELLING, Reason.RUNNER_LOST, Reason.NODE_UNREACHABLE)
"""Reasons of a status that tell nothing of what the flow waited for."""


@dataclass(frozen=True)
class Stop:
    """A wish to end the attempt, and how it counts if nothing else ended it first."""

    outcome: Literal["Failed", "Cancelled", "Suspended"]
    reason: Reason
    message: str


def stop(sight: Sight) -> Stop | None:
    """The strongest reason to end the open attempt: cancellation, then a deadline, then suspension."""
    if sight.spec.cancel or sight.status.cancel_requested:
        return Stop("Cancelled", Reason.CANCELLED, "Cancelled on request (spec.cancel).")
    if deleting(sight.resource):
        return Stop("Cancelled", Reason.CANCELLED, "The FlowRun was deleted before its flow had ended.")
    active, start = sight.deadline_active, sight.deadline_start
    if active is not None and (sight.now >= active or _ended_at_its_deadline(sight)):
        return Stop("Failed", Reason.DEADLINE_EXCEEDED, _not_done(sight))
    if start is not None and sight.now >= start and not sight.begun:
        late = f"The flow had not begun within spec.deadlines.start ({sight.spec.deadlines.start}): "
        if waiting := obstacle(sight):
            return Stop("Failed", waiting.reason, late + waiting.message)
        # While the attempt is being ended the status holds this very sentence; what it waited for is its end.
        waited = sight.status.message.rstrip(".").split(late)[-1]
        return Stop("Failed", Reason.DEADLINE_EXCEEDED, f"{late}{waited}.")
    if sight.spec.suspend or suspending(sight):
        return Stop(
            "Suspended", Reason.SUSPENDED, "Suspended (spec.suspend); a new attempt starts on resume."
        )
    return None


def _not_done(sight: Sight) -> str:
    """What kept the run from its end, if that was told; else what may help the next one."""
    said = sight.status
    late = f"The run was not done within spec.deadlines.active ({sight.spec.deadlines.active}"
    if late in said.message:
        return late + said.message.split(late)[-1]  # the attempt is being ended, see above
    if found := counts.trouble(sight):
        return f"{late}); its scheduler last said: {found[1]}"
    if said.phase in ("Starting", "Running") and said.reason not in _OF_ENDING:
        return f"{late}); what was last said of it: {said.message}"
    own = sight.solo and not (sight.spec.cluster_ref or sight.spec.scheduler_address)
    return f"{late}); raise it for the next run{'' if own else ' or give the flow more workers'}."


def _ended_at_its_deadline(sight: Sight) -> bool:
    """Whether the kubelet ended the runner at the deadline in its pod: its clock may be ahead of ours."""
    runner = sight.runner
    if runner is None or runner.status.get("reason") != "DeadlineExceeded":
        return False
    return not runner.ended_by_us


def suspending(sight: Sight) -> bool:
    """Whether the flow was asked to end for a suspension, even if the run has been resumed since."""
    return sight.attempt is not None and sight.attempt.reason == Reason.SUSPENDED
