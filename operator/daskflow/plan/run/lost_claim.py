"""A claimed cluster that went before the flow began is as one that did not take the run.

Whoever deletes a waiting cluster's pod, or drains its node, cannot know that a run is about to claim it. A
cluster that is started for the run comes next, so that this cannot go on for ever.
"""

from dataclasses import replace

from daskflow.api.reasons import Reason
from daskflow.api.wording import full_stop
from daskflow.plan.run.end import End
from daskflow.plan.run.view import RunView

_WENT = frozenset(
    {
        *(Reason.RUNNER_LOST, Reason.SCHEDULER_LOST, Reason.SCHEDULER_UNREACHABLE, Reason.CLUSTER_DELETED),
        *(Reason.EVICTED, Reason.TERMINATED),
    }
)


def as_refused(view: RunView, end: End) -> End:
    """The end of the open attempt, or ClaimRefused in its place. Called by `attempts.closed`."""
    attempt = view.attempt
    if attempt is None or not attempt.claimed or attempt.flow_start_time or end.begun:
        return end
    # Charged to another budget, something may have begun.
    if end.outcome != "Failed" or end.budget != "start" or end.reason not in _WENT:
        return end
    message = f"DaskCluster {attempt.cluster} was lost before the flow began: {full_stop(end.message)}"
    return replace(end, reason=Reason.CLAIM_REFUSED, message=message)
