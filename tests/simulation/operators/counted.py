"""Nobody is busy for nothing: planners that look on as they are asked, and count."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

from daskflow.controller.kubernetes.verbs import key_of
from daskflow.controller.reconcile import Planner
from daskflow.plan.model import Key, Object, Observed, Plan

AT_ONCE = 5
"""Plans of one object that do nothing, at one instant of virtual time: news come one by one."""
A_SECOND = 60
A_CHILD = 6
"""The same in a second, and more for each child: so many events has a pod or the life of a run."""


class Busy(AssertionError):
    """Plans are made for nothing, or want to be made again in the past."""


class Counted:
    """Wraps the planners of one operator."""

    def __init__(self, planners: Mapping[str, Planner]) -> None:
        self.planners: dict[str, Planner] = {kind: self._wrapped(plan) for kind, plan in planners.items()}
        self.faults: list[str] = []
        self.plans = 0
        self.asked: Callable[[Planner, Object, Observed, datetime], None] = lambda *question: None
        """Hears what each plan is made of."""
        self._idle: dict[tuple[Key, float], int] = defaultdict(int)

    def _wrapped(self, planner: Planner) -> Planner:
        def plan(resource: Object, seen: Observed, now: datetime) -> Plan:
            self.plans += 1
            self.asked(planner, resource, seen, now)
            found = planner(resource, seen, now)
            self._look(key_of(resource), found, now, A_SECOND + A_CHILD * len(seen.children))
            return found

        return plan

    def _look(self, key: Key, plan: Plan, now: datetime, a_second: int) -> None:
        if plan.acts:
            return
        at = asyncio.get_running_loop().time()
        for when, most in ((at, AT_ONCE), (float(-1 - int(at)), a_second)):
            self._idle[key, when] += 1
            if self._idle[key, when] > most:
                self._complain(f"{key.name} was planned {most} times for nothing at {at:.3f} s")
        if plan.overdue(now):
            self._complain(f"{key.name} did nothing at {now} and wants to be planned at {plan.requeue_at}")

    def _complain(self, fault: str) -> None:
        self.faults.append(fault)
        raise Busy(fault)
