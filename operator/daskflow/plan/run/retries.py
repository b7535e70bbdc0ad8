"""Retries: what a failed attempt is charged to, whether another follows it, when, and in which words.

Which budget a reason is charged to is in its row of `api.reasons`.

By default user code never runs twice: only what failed before the flow's first line is tried again.
"""

import hashlib
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.flowrun_status import Attempt, Failure, Failures
from daskflow.api.quantities import seconds
from daskflow.api.reasons import Reason
from daskflow.api.retries import Backoff, Budget, Retries
from daskflow.api.wording import full_stop
from daskflow.calendar.quiet_calendar import ends, local
from daskflow.calendar.wall_clock import ZoneUnknown
from daskflow.plan.model import Plan
from daskflow.plan.run.end import End
from daskflow.plan.run.leftovers import remove_leftovers, still_there
from daskflow.plan.run.status import report, short_duration
from daskflow.plan.run.unreachable import unreachable
from daskflow.plan.run.view import RunView

JITTER = 0.1
"""Part of the wait by which runs that failed together are spread."""


def charged(failures: Failures, budget: Budget) -> Failures:
    """The failures so far, by budget, after one more."""
    if budget == "none":
        return failures
    return failures.model_copy(update={budget: getattr(failures, budget) + 1})


def allowed(
    spec: Retries, failures: Failures, budget: Budget, exit_code: int | None, exceptions: Collection[str]
) -> bool:
    """Whether there is to be another attempt; `failures` already counts the one that just ended.

    `exceptions` are the names of the failure's class and its bases.
    """
    if budget == "flow":
        hopeless = exit_code in spec.never.exit_codes or set(exceptions) & set(spec.never.exceptions)
        return not hopeless and failures.flow <= spec.limit
    if budget == "infrastructure":
        limit = spec.limit if spec.infrastructure_limit is None else spec.infrastructure_limit
        return failures.infrastructure <= limit
    return budget == "start" and failures.start <= spec.start_limit


def costs_nothing(end: End) -> bool:
    """Whether a failure is charged to no budget, and still tried again: a claim that was not taken.

    Nothing had begun, and what follows has a cluster that is started for it: this cannot go on for ever.
    """
    return end.reason is Reason.CLAIM_REFUSED and end.budget == "start"


def cost_nothing(last: Attempt) -> bool:
    """The same of one that has ended, by its record."""
    return last.reason == Reason.CLAIM_REFUSED and last.budget is None


def backoff(spec: Backoff, failures: Failures, uid: str) -> int:
    """Seconds to wait after the last of these failures, spread by up to a tenth as a function of the uid."""
    count = failures.flow + failures.infrastructure + failures.start
    # Beyond 64 doublings any wait is the maximum; the bound keeps the power small.
    factor: int = spec.factor ** min(max(count - 1, 0), 64)
    wait = min(seconds(spec.initial) * factor, seconds(spec.maximum))
    chance = int.from_bytes(hashlib.sha256(f"{uid}/{count}".encode()).digest()[:4], "big") / 2**32
    return round(wait * (1 + JITTER * chance))


def failed(view: RunView, end: End, number: int, changes: dict[str, Any]) -> Plan:
    """The status that closes this attempt: another is due after a wait, or the run has failed.

    `changes` are other fields of that status. What costs nothing is not waited for, either.
    """
    free = costs_nothing(end)
    failures = view.status.failures if free else charged(view.status.failures, end.budget)
    changes = {**changes, "failures": failures}
    if free or allowed(view.spec.retries, failures, end.budget, end.exit_code, end.exceptions):
        wait = 0 if free else backoff(view.spec.retries.backoff, failures, view.uid)
        message = f"Attempt {number} failed: {full_stop(end.message)} {_next_attempt(view, wait)}"
        plan = report(view, "Retrying", Reason.RETRYING, message, **changes)
        return plan.but(requeue_at=view.now + timedelta(seconds=wait))
    changes["failure"] = changes.get("failure") or Failure(message=end.message)
    return report(view, "Failed", end.reason, end.message, **changes)


def _next_attempt(view: RunView, wait: int) -> str:
    """When the next attempt begins, which is after the backoff of so many seconds."""
    hours, due = view.spec.quiet_hours, view.now + timedelta(seconds=wait)
    try:
        until = ends(hours, due) if hours else None
    except ZoneUnknown:
        until = None  # said when the backoff is over, unless it is corrected until then
    if hours and until:
        return f"Next attempt after quiet hours, at {local(hours, until)}."
    return f"Next attempt in {short_duration(wait)}."


def retries(view: RunView) -> Plan | None:
    """After a failed attempt: wait for the backoff, and until everything of that attempt is gone."""
    if view.status.phase != "Retrying" or view.attempt is not None:
        return None
    last = view.last_attempt
    assert last is not None
    assert last.end_time is not None
    cleanup = remove_leftovers(view)
    wait = 0 if cost_nothing(last) else backoff(view.spec.retries.backoff, view.status.failures, view.uid)
    due = instant(last.end_time) + timedelta(seconds=wait)
    if view.now < due:
        return cleanup + Plan(requeue_at=due)
    if waiting := unreachable(view):
        return cleanup + waiting
    if waiting_for := still_there(view):
        message = f"Attempt {last.number} has ended; the next one starts when {waiting_for}."
        return cleanup + report(view, "Retrying", Reason.WAITING_FOR_EARLIER, message)
    return cleanup if cleanup.acts else None
