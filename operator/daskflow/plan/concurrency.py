"""Concurrency: what a tick does while a run of its schedule has not ended."""

from datetime import datetime

from daskflow.api.conditions import timestamp
from daskflow.api.names import ANNOTATION_REPLACED_BY
from daskflow.plan.catch_up import Settlement
from daskflow.plan.model import Patch, Plan
from daskflow.plan.schedule_sight import ScheduleSight


def startable(sight: ScheduleSight, due: tuple[datetime, ...]) -> tuple[datetime, ...]:
    """The ticks that may be given their runs at this moment."""
    if sight.spec.suspend:
        return ()
    missing = tuple(tick for tick in due if not sight.made(tick))
    if sight.spec.concurrency_policy == "Allow":
        return missing
    return () if sight.live else missing[:1]


def replacement(sight: ScheduleSight, chosen: Settlement) -> Plan | None:
    """Replace: asks live runs to end for the tick that is due, and says on them which one it is."""
    missing = [tick for tick in chosen.due if not sight.made(tick)]
    if sight.spec.suspend or sight.spec.concurrency_policy != "Replace" or not missing:
        return None
    tick = timestamp(missing[-1])
    body = {"metadata": {"annotations": {ANNOTATION_REPLACED_BY: tick}}, "spec": {"cancel": True}}
    patches = tuple(
        Patch(sight.key(run.name), run.uid, body)
        for run in sight.live
        if not run.deleting and (not run.cancelled or run.makes_way_for != tick)
    )
    return Plan(patches=patches) if patches else None
