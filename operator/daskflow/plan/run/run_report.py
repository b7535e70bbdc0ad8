"""The report of the attempt that closes: which pod's it is, and what the operator adds.

It is the open attempt's own: of its runner's last message, else of its scheduler's. What a pod says of it
decides nothing.
"""

from typing import Any

from daskflow.api.flowrun_report import Report, fitting
from daskflow.api.report_hints import hints
from daskflow.plan.run.cost import cost
from daskflow.plan.run.view import RunView


def reported(view: RunView) -> dict[str, Any]:
    """A field of FlowRunStatus as the open attempt closes; one without a report clears the last one's."""
    return {"report": _completed(view, told) if (told := _told(view)) is not None else None}


def measured(view: RunView) -> dict[str, Any]:
    """What the attempt's own record keeps of it."""
    told = _told(view)
    if told is None:
        return {}
    return {"efficiency": told.efficiency, "peak_memory": told.memory.peak if told.workers.count else None}


def _told(view: RunView) -> Report | None:
    for pod in (view.runner, view.scheduler):
        if pod is not None and pod.over and pod.report:
            told: Report | None = pod.report.get("report")
            if told is not None:
                return told
    return None


def _completed(view: RunView, told: Report) -> Report:
    changes = {"hints": hints(told), "cost": cost(view, told)}
    if not view.spec.report.timeline:
        changes["timeline"] = None
    return fitting(told.model_copy(update=changes))
