"""Concurrency: what a tick does while a run of its schedule has not ended."""

from datetime import datetime

from daskflow.api.conditions import timestamp
from daskflow.api.names import ANNOTATION_REPLACED_BY
from daskflow.plan.model import Patch, Plan
from daskflow.plan.schedule.catch_up import Settlement
from daskflow.plan.schedule.view import ScheduleView


def startable(view: ScheduleView, due: tuple[datetime, ...]) -> tuple[datetime, ...]:
    """The ticks that may be given their runs at this moment."""
    if view.spec.suspend:
        return ()
    missing = tuple(tick for tick in due if not view.made(tick))
    if view.spec.concurrency_policy == "Allow":
        return missing
    return () if view.live else missing[:1]


def replacement(view: ScheduleView, chosen: Settlement) -> Plan | None:
    """Replace: asks live runs to end for the tick that is due, and says on them which one it is."""
    missing = [tick for tick in chosen.due if not view.made(tick)]
    if view.spec.suspend or view.spec.concurrency_policy != "Replace" or not missing:
        return None
    tick = timestamp(missing[-1])
    body = {"metadata": {"annotations": {ANNOTATION_REPLACED_BY: tick}}, "spec": {"cancel": True}}
    patches = tuple(
        Patch(view.key(run.name), run.uid, body)
        for run in view.live
        if not run.deleting and (not run.cancelled or run.makes_way_for != tick)
    )
    return Plan(patches=patches) if patches else None
