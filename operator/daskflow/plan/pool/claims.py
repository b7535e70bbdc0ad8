"""What runs have claimed is counted, for people and for the time of the next refill.

A claim makes the run the controller of a cluster: from then on it is none of the pool's, which never deletes
it and never has it again. One that is over before anybody has counted it is not counted.
"""

from daskflow.api.conditions import timestamp
from daskflow.plan.model import Plan
from daskflow.plan.pool.state import cause
from daskflow.plan.pool.status import report
from daskflow.plan.pool.view import PoolView


def claims(view: PoolView) -> Plan | None:
    """Speaks when there are claimed clusters that status does not count."""
    new = set(view.claimed) - set(view.status.counted)
    if not new:
        return None
    return report(
        view,
        cause(view),
        claimed=view.status.claimed + len(new),
        counted=view.claimed,
        last_claim_time=timestamp(view.now),
    )
