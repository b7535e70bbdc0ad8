"""A FlowRun's status that somebody edited by hand: the run ends in a clear phase, and nothing runs again.

The status is the journal: where it contradicts itself, or what is seen of the run, nobody knows any more what
has run. What an operator sees while it works it undoes (`plan.hand_edits`); here is what one that starts anew
finds.
"""

from typing import Any

from daskflow.api.flowrun_status import TERMINAL_PHASES, Attempt, Failure, FlowRunStatus
from daskflow.api.legible import legible
from daskflow.api.reasons import Reason
from daskflow.api.retries import Retries
from daskflow.plan.hand_edits import UNKNOWN
from daskflow.plan.model import Object, Plan
from daskflow.plan.run import retries
from daskflow.plan.run.status import report
from daskflow.plan.run.view import RunView

_AFTER_A_FAILURE = ("Retrying", "Suspended", "Pending")
"""Phases in which no attempt is open and the last one has failed: the run waits, or was resumed."""


def readable(resource: Object) -> bool:
    """Whether the status can be read at all."""
    return legible(FlowRunStatus, resource.get("status"))


def hand_edits(view: RunView) -> Plan | None:
    """Speaks when the status tells of an end and says that the run goes on, or lacks what has begun."""
    status = view.status
    if status.phase in TERMINAL_PHASES and status.completion_time is not None:
        return None
    last = view.last_attempt
    outcome = last.outcome if last and last.end_time else None
    if status.phase in TERMINAL_PHASES and outcome is None:
        return _over(view, "Failed", result=None, result_note=None)
    succeeded = next((each.status for each in status.conditions if each.type == "Succeeded"), "Unknown")
    if status.completion_time is not None or succeeded != "Unknown" or outcome in ("Succeeded", "Cancelled"):
        phase = outcome if outcome in TERMINAL_PHASES else "Failed"
        return _over(view, phase)
    if last and outcome == "Failed" and not _goes_on(view.spec.retries, status):
        return _spent(view, last) if status.phase == "Retrying" else _over(view, "Failed")
    return _over(view, "Failed") if _lacking(view) else None


def _over(view: RunView, phase: str, **changes: Any) -> Plan:
    told = view.last_attempt and not changes
    message = f"{UNKNOWN} Its last attempt {phase.lower()}." if told else UNKNOWN
    return report(view, phase, Reason.STATUS_INVALID, message, **changes)


def _spent(view: RunView, last: Attempt) -> Plan:
    """Its user may also have lowered `spec.retries` while it waited."""
    message = f"{last.message or 'Its last attempt failed.'} By spec.retries there is no further attempt."
    failure = view.status.failure or Failure(message=last.message or message)
    return report(view, "Failed", Reason.of(last.reason) or Reason.FLOW_FAILED, message, failure=failure)


def _goes_on(spec: Retries, status: FlowRunStatus) -> bool:
    """Whether another attempt may follow the last one, which failed."""
    if status.phase != "Retrying":
        return status.phase in _AFTER_A_FAILURE
    last = status.attempts[-1]
    charged = retries.allowed(spec, status.failures, last.budget or "none", last.exit_code, ())
    return charged or retries.cost_nothing(last)


def _lacking(view: RunView) -> bool:
    """Whether attempts are missing of which there are traces, or are not in order."""
    status = view.status
    numbers = [each.number for each in status.attempts]
    if not numbers:
        used = status.failures.flow + status.failures.infrastructure + status.failures.start
        begun = status.attempt or used or status.start_time or status.flow_start_time
        begun = begun or status.phase in ("Running", "Retrying")
        return bool(begun or view.runners or len(view.clusters) > len(view.unopened))
    ordered = numbers == sorted(set(numbers)) and numbers[0] > 0 and numbers[-1] == status.attempt
    return not ordered or any(each.end_time is None for each in status.attempts[:-1])
