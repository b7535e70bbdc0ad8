"""A DaskCluster's status that somebody edited by hand: nothing is made of it any more."""

from daskflow.api.daskcluster import TERMINAL_PHASES, DaskClusterStatus
from daskflow.api.legible import legible
from daskflow.api.names import DASK_CLUSTER
from daskflow.api.reasons import Reason
from daskflow.plan.cluster.status import report
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.hand_edits import UNKNOWN, by_an_operator
from daskflow.plan.model import Object, Plan


def readable(resource: Object) -> bool:
    """Whether the status can be read at all."""
    return legible(DaskClusterStatus, resource.get("status"))


def hand_edits(view: ClusterView) -> Plan | None:
    """Speaks when somebody wrote into the status that the cluster has ended."""
    phase, status = view.status.phase, view.resource.get("status") or {}
    if phase not in TERMINAL_PHASES or by_an_operator(DASK_CLUSTER, status):
        return None
    return report(view, "Failed", Reason.STATUS_INVALID, UNKNOWN)
