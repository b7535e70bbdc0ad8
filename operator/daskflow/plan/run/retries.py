"""Retries: whether a failed attempt is followed by another, and when.

By default user code never runs twice: only what failed before the flow's first line is tried again.
"""

import hashlib
from collections.abc import Collection
from datetime import timedelta

from daskflow.api.conditions import instant
from daskflow.api.flowrun_status import Failures
from daskflow.api.quantities import seconds
from daskflow.api.reasons import Reason
from daskflow.api.retries import Backoff, Retries
from daskflow.plan.model import Plan
from daskflow.plan.run.leftovers import remove_leftovers, still_there
from daskflow.plan.run.nodes import unreachable
from daskflow.plan.run.status import report
from daskflow.plan.run.view import RunView

JITTER = 0.1
"""Part of the wait by which runs that failed together are spread."""


def counted(failures: Failures, budget: str) -> Failures:
    """The budgets after one more failure."""
    if budget == "none":
        return failures
    return failures.model_copy(update={budget: getattr(failures, budget) + 1})


def allowed(
    spec: Retries, failures: Failures, budget: str, exit_code: int | None, exceptions: Collection[str]
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


def backoff(spec: Backoff, failures: Failures, uid: str) -> int:
    """Seconds to wait after the last of these failures, spread by up to a tenth as a function of the uid."""
    count = failures.flow + failures.infrastructure + failures.start
    # Beyond 64 doublings any wait is the maximum; the bound keeps the power small.
    factor: int = spec.factor ** min(max(count - 1, 0), 64)
    wait = min(seconds(spec.initial) * factor, seconds(spec.maximum))
    chance = int.from_bytes(hashlib.sha256(f"{uid}/{count}".encode()).digest()[:4], "big") / 2**32
    return round(wait * (1 + JITTER * chance))


def retries(view: RunView) -> Plan | None:
    """After a failed attempt: wait for the backoff, and until everything of that attempt is gone."""
    if view.status.phase != "Retrying" or view.attempt is not None:
        return None
    last = view.last_attempt
    assert last is not None
    assert last.end_time is not None
    cleanup = remove_leftovers(view)
    wait = backoff(view.spec.retries.backoff, view.status.failures, view.uid)
    due = instant(last.end_time) + timedelta(seconds=wait)
    if view.now < due:
        return cleanup + Plan(requeue_at=due)
    if waiting := unreachable(view):
        return cleanup + waiting
    if waiting_for := still_there(view):
        message = f"Attempt {last.number} has ended; the next one starts when {waiting_for}."
        return cleanup + report(view, "Retrying", Reason.WAITING_FOR_EARLIER, message)
    return cleanup if cleanup.acts else None
