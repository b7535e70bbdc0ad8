"""What is to be done so that a FlowRun and its flow run say the same: a decision over plain data.

Prefect's state is the truth of what the flow came to, the FlowRun that of whether anything runs. One FlowRun
belongs to one submission of a flow run (see names.SUBMISSION); of an earlier one nothing counts any more.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

ENDED = ("Succeeded", "Failed", "Cancelled")
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
MARGIN = 15.0
"""Seconds that Prefect has beyond the grace period to end a flow run by itself: it polls for cancellation."""
_ORDINARY = ("", "Accepted", "Starting", "WaitingForWorkers", "WaitingForEarlier", "Running", "Cancelling")
"""Reasons of a FlowRun that hold nobody up."""


@dataclass(frozen=True)
class Run:
    """A FlowRun. `phase` is empty before the operator has seen it."""

    name: str
    submission: str
    phase: str = ""
    reason: str = ""
    message: str = ""
    begun: bool = False
    cancel: bool = False
    """`spec.cancel`."""
    grace: float = 30.0
    gone: bool = False
    """It was deleted."""
    told: str = ""


@dataclass(frozen=True)
class State:
    """A flow run's state, and the submission that it belongs to."""

    type: str
    name: str
    since: datetime
    submission: str
    elsewhere: bool = False
    """Paused or scheduled, and another submission follows: no process waits for that."""


@dataclass(frozen=True)
class Step:
    """One thing to do.

    crash, cancelled: the state that Prefect is to be given, with a message.
    cancel: `spec.cancel`. tell: a line in the flow run's log. settle: nothing is to be done ever again.
    """

    what: Literal["crash", "cancelled", "cancel", "tell", "settle"]
    message: str = ""


def steps(run: Run, state: State | None, now: datetime) -> tuple[Step, ...]:
    """What to do now; `state` is None where Prefect has deleted the flow run."""
    over = run.gone or run.phase in ENDED
    if state is None or state.submission != run.submission:
        why = "its flow run was deleted" if state is None else "its flow run was submitted again"
        return (Step("settle", why),) if over else _cancel(run, f"FlowRun {run.name} is cancelled: {why}.")
    if over:
        return _after(run, state)
    if state.type == "CANCELLING" and not run.begun:
        return _cancel(run, f"FlowRun {run.name} is cancelled before its flow has begun.")
    if state.type in ("CANCELLING", "CANCELLED", "CRASHED") and now >= state.since + _patience(run):
        return _cancel(
            run, f"FlowRun {run.name} is cancelled: it goes on although the flow run is {state.name}."
        )
    return _obstacle(run, state)


def _patience(run: Run) -> timedelta:
    return timedelta(seconds=run.grace + MARGIN)


def _cancel(run: Run, message: str) -> tuple[Step, ...]:
    return () if run.cancel else (Step("cancel", message),)


def _after(run: Run, state: State) -> tuple[Step, ...]:
    """The FlowRun has ended: so has the flow run, or it waits for another."""
    if state.type in FINAL or (state.type in ("SCHEDULED", "PAUSED") and state.elsewhere):
        return (Step("settle", state.name),)
    if run.phase == "Cancelled" or state.type == "CANCELLING":
        return (Step("cancelled", f"FlowRun {run.name}: {run.message or 'it was deleted.'}"),)
    if run.gone and run.phase not in ENDED:
        return (Step("crash", f"FlowRun {run.name} was deleted."),)
    if run.phase == "Succeeded":
        said = f"FlowRun {run.name} has ended, and the flow run was still {state.name}."
        return (Step("crash", said),)
    return (Step("crash", f"{run.reason}: {run.message}"),)


def _obstacle(run: Run, state: State) -> tuple[Step, ...]:
    """What keeps it waiting, each time that this changes."""
    if state.type not in ("PENDING", "RUNNING") or run.reason in _ORDINARY or run.told == told(run):
        return ()
    return (Step("tell", f"{run.reason}: {run.message}"),)


def told(run: Run) -> str:
    """How names.TOLD writes down the obstacle: by its reason, since words change with each look."""
    return run.reason


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(duration: str) -> float:
    """Of a duration as in a FlowRun, such as 1m30s."""
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhd])", duration))
