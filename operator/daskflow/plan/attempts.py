"""Opening and closing attempts in status: the journal that everything else follows."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

from daskflow.api.conditions import timestamp
from daskflow.api.flowrun_status import MAX_ATTEMPTS_KEPT, Attempt, Failure, RunnerStatus
from daskflow.api.reasons import Reason
from daskflow.api.words import one_line
from daskflow.manifests.naming import runner_name
from daskflow.plan import retries
from daskflow.plan.cluster_use import starting, use
from daskflow.plan.model import Plan
from daskflow.plan.sight import Sight
from daskflow.plan.status import report, short_duration

MESSAGE = 300
"""Characters of an attempt's message that are kept: there are ten, and the last is in full elsewhere."""

Budget = Literal["flow", "infrastructure", "start", "none"]


@dataclass(frozen=True)
class End:
    """How an attempt ended."""

    outcome: Literal["Succeeded", "Failed", "Cancelled", "Suspended"]
    reason: Reason
    message: str
    budget: Budget = "none"
    """Which budget of `spec.retries` a failure counts against; `none` is never tried again."""
    details: dict[str, Any] = field(default_factory=dict)
    """Further fields of FlowRunStatus: result, failure …"""
    begun: str | None = None
    exit_code: int | None = None
    exceptions: tuple[str, ...] = ()
    """The class of the flow's exception and its bases, by name."""


def opened(sight: Sight) -> Plan:
    """The status that opens the next attempt."""
    number = sight.status.attempt + 1
    now = timestamp(sight.now)
    cluster = use(sight, number)
    runner = RunnerStatus(pod=runner_name(sight.name, sight.uid, number)) if sight.solo else None
    name = cluster.name if cluster else ""
    attempt = Attempt(number=number, cluster=name, runner=runner, start_time=now)
    return report(
        sight,
        "Starting",
        Reason.STARTING,
        starting(sight, number),
        attempt=number,
        attempts=(*sight.status.attempts, attempt)[-MAX_ATTEMPTS_KEPT:],
        start_time=sight.status.start_time or now,
        flow_start_time=None,
        cluster=cluster,
        failure=None,
        progress=None,
    )


def closed(sight: Sight, end: End) -> Plan:
    """The status that closes the open attempt: it decides whether the run has ended or is tried again."""
    attempt = sight.attempt
    assert attempt is not None
    end = replace(end, message=one_line(end.message))
    begun = end.begun or attempt.flow_start_time
    record = attempt.model_copy(
        update={
            "end_time": timestamp(sight.now),
            "flow_start_time": begun,
            "outcome": end.outcome,
            "reason": end.reason.value,
            "message": end.message if len(end.message) <= MESSAGE else f"{end.message[: MESSAGE - 1]}…",
            "exit_code": end.exit_code,
            "budget": end.budget if end.outcome == "Failed" else None,
        }
    )
    changes: dict[str, Any] = {
        "attempts": (*sight.status.attempts[:-1], record),
        "flow_start_time": begun,
        **end.details,
    }
    cluster = sight.status.cluster
    if cluster:
        last: dict[str, Any] = {}
        if not sight.solo:  # a cluster of somebody else's stays
            last = {"workers_ready": 0, "workers": f"0/{cluster.workers_desired}"}
        if cluster.address is None and (present := use(sight, attempt.number)):
            last["address"] = present.address  # over before anything else was to be said
        changes["cluster"] = cluster.model_copy(update=last)
    if end.outcome == "Succeeded":
        return report(sight, "Succeeded", Reason.SUCCEEDED, end.message, **changes)
    if end.outcome == "Cancelled":
        return report(sight, "Cancelled", Reason.CANCELLED, end.message, **changes)
    if end.outcome == "Suspended":
        return report(
            sight, "Suspended", Reason.SUSPENDED, end.message, suspend_time=timestamp(sight.now), **changes
        )
    return _failed(sight, end, record, changes)


def _failed(sight: Sight, end: End, record: Attempt, changes: dict[str, Any]) -> Plan:
    failures = retries.counted(sight.status.failures, end.budget)
    changes["failures"] = failures
    failure: Failure | None = changes.get("failure")
    if retries.allowed(sight.spec.retries, failures, end.budget, end.exit_code, end.exceptions):
        wait = retries.backoff(sight.spec.retries.backoff, failures, sight.uid)
        message = f"Attempt {record.number} failed: {end.message} Next attempt in {short_duration(wait)}."
        plan = report(sight, "Retrying", Reason.RETRYING, message, **changes)
        return plan.but(requeue_at=sight.now + timedelta(seconds=wait))
    changes["failure"] = failure or Failure(message=end.message)
    return report(sight, "Failed", end.reason, end.message, **changes)
