"""Opening and closing attempts in status: the journal that everything else follows.

What follows a failed one is decided in `retries`.
"""

from dataclasses import replace
from typing import Any

from daskflow.api.conditions import instant, timestamp
from daskflow.api.flowrun_status import MAX_ATTEMPTS_KEPT, Attempt, RunnerStatus
from daskflow.api.pool_use import Claim
from daskflow.api.reasons import Reason
from daskflow.api.wording import one_line
from daskflow.manifests.naming import runner_name
from daskflow.plan.model import Object, Plan
from daskflow.plan.run.cluster_use import starting, use
from daskflow.plan.run.end import End
from daskflow.plan.run.lost_claim import as_refused
from daskflow.plan.run.retries import costs_nothing, failed
from daskflow.plan.run.run_report import measured, reported
from daskflow.plan.run.status import report
from daskflow.plan.run.view import RunView

MESSAGE = 300
"""Characters of an attempt's message that are kept: there are ten, and the last is in full elsewhere."""


def opened(view: RunView, claim: Claim | None = None, unit: Object | None = None) -> Plan:
    """The status that opens the next attempt; `unit` is the DaskCluster that had waited for it."""
    number = view.status.attempt + 1
    # A clock that is behind would have its deadlines pass once it is right.
    now = timestamp(max(view.now, instant(view.resource["metadata"]["creationTimestamp"])))
    cluster = use(view, number)
    runner = RunnerStatus(pod=runner_name(view.name, view.uid, number)) if view.alone else None
    name, uid = cluster.name if cluster else "", None
    if unit is not None and cluster is not None:
        name, uid = unit["metadata"]["name"], unit["metadata"]["uid"]
        cluster = cluster.model_copy(update={"name": name})
    attempt = Attempt(
        number=number, cluster=name, cluster_uid=uid, runner=runner, claim=claim, start_time=now
    )
    return report(
        view,
        "Starting",
        Reason.STARTING,
        starting(view, number, claim),
        attempt=number,
        attempts=(*view.status.attempts, attempt)[-MAX_ATTEMPTS_KEPT:],
        start_time=view.status.start_time or now,
        flow_start_time=None,
        cluster=cluster,
        failure=None,
        progress=None,
    )


def closed(view: RunView, end: End) -> Plan:
    """The status that closes the open attempt: it decides whether the run has ended or is tried again."""
    attempt = view.attempt
    assert attempt is not None
    end = as_refused(view, replace(end, message=one_line(end.message)))
    begun = end.begun or attempt.flow_start_time
    record = attempt.model_copy(
        update={
            "end_time": timestamp(view.now),
            "flow_start_time": begun,
            "outcome": end.outcome,
            "reason": end.reason.value,
            "message": end.message if len(end.message) <= MESSAGE else f"{end.message[: MESSAGE - 1]}…",
            "exit_code": end.exit_code,
            "budget": end.budget if end.outcome == "Failed" and not costs_nothing(end) else None,
            **measured(view),
        }
    )
    changes: dict[str, Any] = {
        "attempts": (*view.status.attempts[:-1], record),
        "flow_start_time": begun,
        **end.details,
        **reported(view),
    }
    cluster = view.status.cluster
    if cluster:
        last: dict[str, Any] = {}
        if not view.alone:  # a cluster of somebody else's stays
            last = {"workers_ready": 0, "workers": f"0/{cluster.workers_desired}"}
        if cluster.address is None and (present := use(view, attempt.number)):
            last["address"] = present.address  # over before anything else was to be said
        changes["cluster"] = cluster.model_copy(update=last)
    if end.outcome == "Succeeded":
        return report(view, "Succeeded", Reason.SUCCEEDED, end.message, **changes)
    if end.outcome == "Cancelled":
        return report(view, "Cancelled", Reason.CANCELLED, end.message, **changes)
    if end.outcome == "Suspended":
        return report(
            view, "Suspended", Reason.SUSPENDED, end.message, suspend_time=timestamp(view.now), **changes
        )
    return failed(view, end, record.number, changes)
