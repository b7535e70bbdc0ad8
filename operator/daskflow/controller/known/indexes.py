"""Which objects belong together: what an owner controls, what is of a run, who uses which cluster."""

from collections.abc import Collection

from daskflow.api.dask_kubernetes.names import AUTOSCALER, CLUSTER, WORKER_GROUP
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, LABEL_RUN, kind_of
from daskflow.controller.known.index import Index
from daskflow.controller.known.pools import Pools
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Key, Object


def run_of(body: Object) -> Key | None:
    """The run that the label of a pod, or of a cluster that nothing controls, names."""
    name = (body["metadata"].get("labels") or {}).get(LABEL_RUN)
    free = body["kind"] == "Pod" or (kind_of(body) == DASK_CLUSTER and controller_of(body) is None)
    return Key(FLOW_RUN, body["metadata"]["namespace"], name) if name and free else None


def cluster_ref(body: Object) -> Key | None:
    """The DaskCluster that a run which has not ended uses without owning it.

    Of a worker group or autoscaler of dask-kubernetes: the cluster that it is of.
    """
    if body["kind"] in (WORKER_GROUP, AUTOSCALER):
        named = (body.get("spec") or {}).get("cluster")
        return Key(CLUSTER, body["metadata"]["namespace"], named) if isinstance(named, str) else None
    if body["kind"] != FLOW_RUN or (body.get("status") or {}).get("completionTime"):
        return None
    name = ((body.get("spec") or {}).get("clusterRef") or {}).get("name")
    return Key(DASK_CLUSTER, body["metadata"]["namespace"], name) if name else None


class Indexes:
    """Keys only; the Store has the objects, and tells of each that it takes or forgets."""

    def __init__(self) -> None:
        self._owned = Index[tuple[str, str]]()
        self._named = Index[Key]()
        self._of_run = Index[Key]()
        self._users = Index[Key]()
        self.pools = Pools()

    def put(self, key: Key, body: Object, before: Object | None) -> None:
        """`before` is the same object as it was, if it was known."""
        if before is not None:
            # Owners go (`--cascade=orphan`), labels change, a run that has ended uses nothing.
            self.remove(key, before)
        self._owned.add(_controller(body), key)
        self._named.add(_controller_name(body), key)
        self._of_run.add(run_of(body), key)
        self._users.add(cluster_ref(body), key)
        self.pools.put(key, body)

    def remove(self, key: Key, body: Object) -> None:
        """It is not in here any more; `body` is what was put last."""
        self._owned.remove(_controller(body), key)
        self._named.remove(_controller_name(body), key)
        self._of_run.remove(run_of(body), key)
        self._users.remove(cluster_ref(body), key)
        self.pools.remove(key, body)

    def owned_by(self, owner: Object) -> Collection[Key]:
        """What this object controls. In other namespaces nobody's word makes anything its child."""
        return self._owned.at((owner["metadata"]["namespace"], owner["metadata"]["uid"]))

    def of_namesakes(self, owner: Key) -> Collection[Key]:
        """What this object controls, or another one that had its name."""
        return self._named.at(owner)

    def of_run(self, run: Key) -> Collection[Key]:
        """By the run that their label names: pods, whose cluster can be gone before they are, and clusters
        that its flow has made, which it owns and does not control."""
        return self._of_run.at(run)

    def users(self, cluster: Key) -> Collection[Key]:
        """The runs that use this DaskCluster, which need not exist, without owning it and have not ended.

        Of one of dask-kubernetes: all its worker groups and autoscalers.
        """
        return self._users.at(cluster)


def _controller(body: Object) -> tuple[str, str] | None:
    """Namespace and uid: an owner is of its children's namespace."""
    owner = controller_of(body)
    return None if owner is None else (body["metadata"]["namespace"], str(owner["uid"]))


def _controller_name(body: Object) -> Key | None:
    """None of what was let go, though it still says whose it was."""
    owner = controller_of(body) if body["metadata"].get("ownerReferences") else None
    return None if owner is None else Key(owner["kind"], body["metadata"]["namespace"], owner["name"])
