"""Deadlines: `start` for an attempt's way to the flow's first line, `active` for the whole run.

What follows when one has passed is `stopping`. The active one is also in the runner pod's
`activeDeadlineSeconds`, so that it holds without the operator.
"""

import math
from datetime import datetime, timedelta

from daskflow.api.conditions import instant
from daskflow.api.quantities import seconds
from daskflow.plan.model import Patch, Plan
from daskflow.plan.run.view import RunView

SLACK = 30
"""Seconds by which the pod's own deadline may be late: it counts from the pod's start, which comes later than
the plan, and a patch for each run would cost more than that."""


def start_deadline(view: RunView) -> datetime | None:
    """When the open attempt's flow must have begun."""
    if view.attempt is None:
        return None
    return instant(view.attempt.start_time) + timedelta(seconds=seconds(view.spec.deadlines.start))


def active_deadline(view: RunView) -> datetime | None:
    """When the whole run must have ended; time suspended, or in quiet hours, does not count."""
    if view.spec.deadlines.active is None or view.status.start_time is None:
        return None
    allowed = seconds(view.spec.deadlines.active) + (view.status.suspended_seconds or 0)
    return instant(view.status.start_time) + timedelta(seconds=allowed) + waited(view)


def waited(view: RunView) -> timedelta:
    """Since `suspendTime`; none if that is yet to come, since the clock was ahead when it was written."""
    since = view.status.suspend_time
    return max(view.now - instant(since), timedelta()) if since else timedelta()


def seconds_until(deadline: datetime, start: datetime) -> int:
    """A pod's `activeDeadlineSeconds` if it starts then, never 1, by which we end pods; see SLACK.

    Two seconds more, since both times were cut to whole seconds: the operator is to be the first.
    """
    return min(max(3, math.ceil((deadline - start).total_seconds()) + 2), 2**31 - 1)


def remaining(view: RunView) -> int | None:
    """`activeDeadlineSeconds` of a pod that is made now; None without a deadline."""
    deadline = active_deadline(view)
    return None if deadline is None else seconds_until(deadline, view.now)


def pod_deadline(view: RunView) -> Plan | None:
    """Lowers the runner pod's own deadline when the run's comes before it, so that it holds without us."""
    runner, deadline = view.runner, active_deadline(view)
    started = runner.status.get("startTime") if runner else None
    if runner is None or deadline is None or started is None or runner.over or runner.deleting:
        return None
    wanted = seconds_until(deadline, instant(started))
    present = runner.raw["spec"].get("activeDeadlineSeconds")
    if present is not None and present <= wanted + SLACK:
        return None
    return Plan(patches=(Patch(runner.key, runner.uid, {"spec": {"activeDeadlineSeconds": wanted}}),))


def wake_up(view: RunView) -> Plan:
    """An otherwise empty plan that is made again when the next deadline passes."""
    upcoming = [active_deadline(view), None if view.begun else start_deadline(view)]
    return Plan(requeue_at=min((at for at in upcoming if at and at > view.now), default=None))
