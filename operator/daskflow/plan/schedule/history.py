"""History: of the runs that have ended, the newest stay, so many of each outcome."""

from collections.abc import Iterable
from datetime import datetime

from daskflow.plan.model import Delete, Plan
from daskflow.plan.schedule.view import Run, ScheduleView


def history(view: ScheduleView, settled: datetime) -> Plan:
    """Deletes what is beyond the limits. A run whose tick is not settled yet proves that it was made."""
    keep = view.spec.history
    ended = [run for run in view.runs if not run.live]
    succeeded = [run for run in ended if run.phase == "Succeeded"]
    others = [run for run in ended if run.phase != "Succeeded"]
    surplus = (*_oldest(succeeded, keep.succeeded), *_oldest(others, keep.failed))
    return Plan(
        deletes=tuple(
            Delete(view.key(run.name), run.uid) for run in surplus if run.tick <= settled and not run.deleting
        )
    )


def _oldest(runs: list[Run], kept: int) -> Iterable[Run]:
    return runs[: max(0, len(runs) - kept)]
