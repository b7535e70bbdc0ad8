"""Deadlines: `start` for an attempt's way to the flow's first line, `active` for the whole run.

The active one is also in the runner pod's `activeDeadlineSeconds`, so that it holds without the operator.
"""

import math
from datetime import datetime

from daskflow.api.conditions import instant
from daskflow.plan.model import Patch, Plan
from daskflow.plan.run.ending import end_attempt
from daskflow.plan.run.status import report
from daskflow.plan.run.stop_reason import stop
from daskflow.plan.run.view import RunView

SLACK = 30
"""Seconds by which the pod's own deadline may be late: it counts from the pod's start, which comes later than
the plan, and a patch for each run would cost more than that."""


def deadlines(view: RunView) -> Plan | None:
    """Ends the attempt, or the run between attempts, whose deadline has passed."""
    wanted = stop(view)
    if wanted is None or wanted.outcome != "Failed":
        return None
    if view.attempt is not None:
        return end_attempt(view)
    return report(view, "Failed", wanted.reason, wanted.message)


def seconds_until(deadline: datetime, start: datetime) -> int:
    """A pod's `activeDeadlineSeconds` if it starts then, never 1, by which we end pods; see SLACK.

    Two seconds more, since both times were cut to whole seconds: the operator is to be the first.
    """
    return min(max(3, math.ceil((deadline - start).total_seconds()) + 2), 2**31 - 1)


def remaining(view: RunView) -> int | None:
    """`activeDeadlineSeconds` of a pod that is made now; None without a deadline."""
    deadline = view.deadline_active
    return None if deadline is None else seconds_until(deadline, view.now)


def backing(view: RunView) -> Plan | None:
    """Lowers the runner pod's own deadline when the run's comes before it, so that it holds without us."""
    runner, deadline = view.runner, view.deadline_active
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
    upcoming = [view.deadline_active, None if view.begun else view.deadline_start]
    return Plan(requeue_at=min((at for at in upcoming if at and at > view.now), default=None))
