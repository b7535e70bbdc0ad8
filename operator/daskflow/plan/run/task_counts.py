"""`status.progress`: how many of the flow's tasks are done; and what keeps them from it, by its scheduler."""

from daskflow.api.flowrun_status import Progress
from daskflow.api.reason_columns import Section
from daskflow.api.reasons import Reason
from daskflow.plan.model import Counts
from daskflow.plan.run.view import RunView


def newest(view: RunView) -> Progress | None:
    """`status.progress`: the newest counts of the open attempt, or what is written already.

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
    # A scheduler may be anybody's code: it is heard only where it speaks of tasks.
    return (reason, said[1]) if said and reason and reason.section is Section.TASKS else None


def _heard(view: RunView) -> Counts | None:
    counts, scheduler = view.seen.counts, view.cluster_status.scheduler
    return counts if counts and scheduler and counts.scheduler == scheduler.uid else None
