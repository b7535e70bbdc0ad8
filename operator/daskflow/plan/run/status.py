"""Writes a FlowRun's status: phase, conditions and the Event that tells of a transition."""

from collections.abc import Iterable
from typing import Any

from daskflow.api.conditions import (
    CLUSTER_READY,
    INSTANT,
    READY,
    RECONCILING,
    STALLED,
    SUCCEEDED,
    Condition,
    instant,
    timestamp,
    updated,
)
from daskflow.api.flowrun_status import TERMINAL_PHASES, FlowRunStatus
from daskflow.api.pool_use import CLAIMED, Claim
from daskflow.api.reasons import Reason
from daskflow.api.wording import one_line
from daskflow.plan.model import Event, Plan
from daskflow.plan.run import skew
from daskflow.plan.run import task_counts as counts
from daskflow.plan.run.view import RunView


def report(view: RunView, phase: str, reason: Reason, message: str, **changes: Any) -> Plan:
    """The status with this phase, reason and message, as a plan; an empty plan if it says so already.

    `changes` are further fields of FlowRunStatus. One Event a transition: of the phase, or to a reason
    that somebody should look at.
    """
    old = view.status
    values = {
        "phase": phase,
        "reason": reason.shown,
        "message": one_line(message),
        # Latched as soon as it is seen, whatever else there is to say.
        "cancel_requested": old.cancel_requested or view.spec.cancel or None,
        "observed_generation": view.resource["metadata"].get("generation", 0),
        "progress": counts.newest(view),
        **changes,
    }
    new = old.model_copy(update=values)
    if new.attempts or phase in TERMINAL_PHASES:
        new = new.model_copy(update={"defaults": view.given.applied})
    if phase in TERMINAL_PHASES and old.completion_time is None:
        new = new.model_copy(update=_completion(view, new))
    conditions = (*_conditions(view, new, reason), *skew.skew(view, new.attempt))
    new = new.model_copy(update={"conditions": updated(old.conditions, conditions, view.now)})
    if new == old:
        return Plan()
    return Plan(
        status=new.dump(), events=(*_events(old, new, reason), *_unfit(old, new), *skew.warning(old, new))
    )


def journal(view: RunView, **changes: Any) -> Plan:
    """These fields of FlowRunStatus written down, while it says what it said."""
    return Plan(status=view.status.model_copy(update=changes).dump())


def _completion(view: RunView, status: FlowRunStatus) -> dict[str, Any]:
    started = instant(status.start_time) if status.start_time else view.now
    return {
        "completion_time": timestamp(view.now),
        "duration": short_duration(max(0, int((view.now - started).total_seconds()))),
    }


def _events(old: FlowRunStatus, new: FlowRunStatus, reason: Reason) -> Iterable[Event]:
    same_reason = old.reason == new.reason
    if reason.event is None or (old.phase == new.phase and (same_reason or reason.event == "Normal")):
        return
    yield Event("Warning" if new.phase == "Failed" else reason.event, reason.value, new.message)


def _unfit(old: FlowRunStatus, new: FlowRunStatus) -> Iterable[Event]:
    """Told once an attempt: a run starts all the same, and nobody might notice that it could at once."""
    claim = _claim(new)
    if claim is None or claim == _claim(old) or claim.reason != Reason.DOES_NOT_FIT:
        return
    yield Event("Warning", claim.reason, f"{claim.message} A cluster is started for it.")


def _conditions(view: RunView, status: FlowRunStatus, reason: Reason) -> Iterable[Condition]:
    """kstatus: Ready on success, Reconciling while something is to come, Stalled on failure."""
    ended = status.phase in TERMINAL_PHASES
    succeeded = status.phase == "Succeeded"
    cluster = view.cluster_status.phase == "Ready" and not ended
    generation = status.observed_generation

    def condition(type_: str, holds: bool | None) -> Condition:
        word: Any = {True: "True", False: "False", None: "Unknown"}[holds]
        return Condition(
            type=type_,
            status=word,
            reason=reason.value,
            message=status.message,
            observed_generation=generation,
        )

    yield condition(READY, succeeded)
    yield condition(RECONCILING, not ended)
    yield condition(STALLED, ended and not succeeded)
    if not view.alone or view.spec.cluster_ref:
        yield Condition(
            type=CLUSTER_READY,
            status="True" if cluster else "False",
            reason=(Reason.READY if cluster else Reason.STOPPED if ended else Reason.STARTING).value,
            observed_generation=generation,
        )
    if (claim := _claim(status)) is not None:
        claimed = claim.reason == CLAIMED
        yield Condition(
            type=INSTANT,
            status="True" if claimed else "False",
            reason=claim.reason,
            message=claim.message,
            observed_generation=generation,
        )
    yield condition(SUCCEEDED, succeeded if ended else None)


def _claim(status: FlowRunStatus) -> Claim | None:
    return status.attempts[-1].claim if status.attempts else None


def short_duration(total: int) -> str:
    """Seconds as `kubectl` writes ages: 45s, 3m20s, 2h5m, 3d4h."""
    days, hours, minutes = total // 86400, total // 3600 % 24, total // 60 % 60
    if days:
        return f"{days}d{hours}h" if hours else f"{days}d"
    if hours:
        return f"{hours}h{minutes}m" if minutes else f"{hours}h"
    if minutes:
        return f"{minutes}m{total % 60}s" if total % 60 else f"{minutes}m"
    return f"{total}s"
