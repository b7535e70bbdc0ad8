"""What was found around an object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daskflow.cli.installed import Operator

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """All of it; empty where the user may not look."""

    object: Object
    """The FlowRun, DaskCluster, FlowSchedule or ClusterPool."""
    pods: Sequence[Object] = ()
    events: Sequence[Object] = ()
    """Of the namespace."""
    quotas: Sequence[Object] = ()
    nodes: Sequence[Object] = ()
    log: Sequence[str] = ()
    """The runner's last lines."""
    hidden: Sequence[str] = ()
    """What the user may not look at."""
    operators: Sequence[Operator] | None = None
    """None: it could not be seen."""
    runs: Sequence[Object] = ()
    """Those of a schedule, or that wait for a pool."""
    clusters: Sequence[Object] = ()
    """Those of a pool, or that a schedule has made ahead, which no run has."""
    pools: Sequence[Object] = ()
    """The one that a run waits for."""

    @property
    def name(self) -> str:
        """The object's."""
        return str(self.object["metadata"]["name"])

    @property
    def status(self) -> Object:
        """The object's, empty where there is none."""
        status = self.object.get("status")
        return status if isinstance(status, Mapping) else {}
