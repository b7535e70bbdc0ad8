"""A pool under fire: runs claim its clusters, each serves one, and after it nothing of them is left."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daskflow.api.names import API_VERSION, CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Key, Object

from tests.simulation.actions.pools import POOL, TEMPLATE

if TYPE_CHECKING:
    from tests.fire.ground import Ground

READY = 2


class Pool:
    """`begin` it, `cease` when no run needs it any more."""

    def __init__(self, ground: "Ground") -> None:
        self.runs: dict[str, set[str]] = {}
        """Uids of runs that have controlled a cluster of the pool, by its uid."""
        self._server = ground.server
        self._server.changed.append(self._hear)

    def begin(self) -> None:
        """From now on clusters wait."""
        metadata = {"name": POOL.name, "namespace": POOL.namespace}
        spec = {"ready": READY, "template": TEMPLATE}
        self._server.create(
            {"apiVersion": API_VERSION, "kind": CLUSTER_POOL, "metadata": metadata, "spec": spec}
        )

    def cease(self) -> None:
        """What waits goes with it."""
        self._server.delete(POOL)

    @property
    def claimed(self) -> int:
        """How many clusters runs have had."""
        return sum(bool(runs) for runs in self.runs.values())

    def left(self) -> list[str]:
        """Clusters that still wait."""
        found = self._server.objects.items()
        return [f"DaskCluster {key.name}" for key, body in found if _waits(key, body)]

    def wrong(self) -> Iterator[str]:
        """Clusters that two runs have had; and a pool of which nobody has had one."""
        if not self.claimed:
            yield "no run has claimed a cluster of the pool"
        yield from (
            f"the cluster {uid} was of {len(runs)} runs" for uid, runs in self.runs.items() if len(runs) > 1
        )

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        uid, owner = now["metadata"]["uid"], controller_of(now) or {}
        if now["kind"] == DASK_CLUSTER and owner.get("kind") == CLUSTER_POOL:
            self.runs.setdefault(uid, set())
        elif uid in self.runs and owner.get("kind") == FLOW_RUN:
            self.runs[uid].add(owner["uid"])


def _waits(key: Key, body: Object) -> bool:
    return key.kind == DASK_CLUSTER and (controller_of(body) or {}).get("kind") == CLUSTER_POOL
