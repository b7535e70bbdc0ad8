"""How many of the flow's tasks are done, from whoever knows best. Rides along with every write of status."""

from daskflow.api.flowrun_status import Progress
from daskflow.plan.sight import Sight


def known(sight: Sight) -> Progress | None:
    """The newest counts of the open attempt; what status says already if nobody knows newer ones.

    A run's last counts stay when it has ended.
    """
    counts, scheduler = sight.seen.counts, sight.cluster_status.scheduler
    if counts is None or scheduler is None or counts.scheduler != scheduler.uid or counts.total == 0:
        return sight.status.progress
    summary = f"{counts.done}/{counts.total}"
    return Progress(done=counts.done, total=counts.total, summary=summary)
