"""How many of the flow's tasks are done, and what keeps them from it, as its scheduler says."""

from daskflow.api.flowrun_status import Progress
from daskflow.api.reasons import Reason
from daskflow.plan.model import Counts
from daskflow.plan.run.view import RunView

_TROUBLES = frozenset(
    {Reason.RESOURCES_MISSING, Reason.WORKERS_MISSING, Reason.WORKERS_PAUSED, Reason.WORKER_SILENT}
)
"""What a scheduler may say of a run; it may be anybody's code."""


def known(view: RunView) -> Progress | None:
    """The newest counts of the open attempt; what status says already if nobody knows newer ones.

    A run's last counts stay when it has ended. They ride along with every write of status.
    """
    counts = _heard(view)
    if counts is None or counts.total == 0:
        return view.status.progress
    summary = f"{counts.done}/{counts.total}"
    return Progress(done=counts.done, total=counts.total, summary=summary)


def trouble(view: RunView) -> tuple[Reason, str] | None:
    """What keeps the open attempt's tasks from running; what was said of it until its scheduler is heard."""
    counts = _heard(view)
    said = (view.status.reason, view.status.message) if counts is None else counts.trouble
    reason = Reason.of(said[0]) if said else None
    return (reason, said[1]) if said and reason in _TROUBLES else None


def _heard(view: RunView) -> Counts | None:
    counts, scheduler = view.seen.counts, view.cluster_status.scheduler
    return counts if counts and scheduler and counts.scheduler == scheduler.uid else None
