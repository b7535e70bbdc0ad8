"""What must hold of clusters that wait for runs: each serves one attempt, ever, and then is nobody else's."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from daskflow.api.names import ANNOTATION_POOL_HASH, CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, LABEL_POOL
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Object

if TYPE_CHECKING:
    from tests.simulation.world import World


class ClaimWatcher:
    """Looks at each change of DaskClusters that pools make, at the moment when it happens."""

    def __init__(self, world: "World") -> None:
        self.of: dict[str, set[tuple[str, str]]] = defaultdict(set)
        """By the cluster's uid: the runs (uid and attempt) that controlled it."""
        self.most_idle = 0
        self._world = world
        world.server.changed.append(self._hear)

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        if now["kind"] != DASK_CLUSTER or LABEL_POOL not in (now["metadata"].get("labels") or {}):
            return
        name, owner = now["metadata"]["name"], controller_of(now) or {}
        was = controller_of(before or now) or {}
        if was.get("kind") == FLOW_RUN and owner.get("uid") != was.get("uid"):
            self._fault(f"{name} was a run's and is {owner.get('kind')} {owner.get('name')}'s")
        if owner.get("kind") == FLOW_RUN:
            attempt = now["metadata"]["labels"].get("daskflow.dev/attempt", "")
            self.of[now["metadata"]["uid"]].add((owner["uid"], attempt))
            if (before is None or was.get("kind") == CLUSTER_POOL) and not self._fresh(now):
                self._fault(f"{name} of another template was claimed")
        gone = type_ == "DELETED" or "deletionTimestamp" in now["metadata"]
        if gone and owner.get("kind") == CLUSTER_POOL and self._claims(now):
            self._fault(f"{name} was told of a run and is deleted as the pool's")

    def _fresh(self, unit: Object) -> bool:
        """Whether its pool had this template lately: its status says which, and may be late by a moment."""
        pool = unit["metadata"]["labels"][LABEL_POOL]
        found = next(
            (
                body
                for key, body in self._world.server.objects.items()
                if key.kind == CLUSTER_POOL and key.name == pool
            ),
            None,
        )
        if found is None or self._world.case.storm or self._world.case.drop or self._world.case.stale:
            return True  # who hears late cannot know
        hash_ = (found.get("status") or {}).get("hash")
        current = (found.get("status") or {}).get("observedGeneration") == found["metadata"]["generation"]
        return not current or unit["metadata"]["annotations"][ANNOTATION_POOL_HASH] == hash_

    def _claims(self, unit: Object) -> bool:
        lives = self._world.nodes.lives.values()
        scalers = (life.role.scaler for life in lives if life.owner == unit["metadata"]["uid"])
        return any(each is not None and each.claim is not None for each in scalers)

    def _fault(self, sentence: str) -> None:
        self._world.watcher.faults.append(sentence)


def claim_faults(world: "World") -> Iterator[str]:
    """At the end: no cluster was two attempts', and what its scheduler took is what its owner was."""
    for uid, runs in world.claims.of.items():
        if len({run for run, _ in runs}) > 1:
            yield f"the cluster {uid} was of {len(runs)} runs"
    for life in world.nodes.lives.values():
        scaler = life.role.scaler
        if scaler is None or scaler.claim is None:
            continue
        said = scaler.claim["run"], str(scaler.claim["attempt"])
        if said not in world.claims.of[life.owner]:
            yield f"{life.key.name} took {said}, and was none of theirs"
    if world.scenario.claimed is not None and world.case.plain:
        found = sum(
            (each.get("claim") or {}).get("reason") == "Claimed"
            for key in world.subjects
            if key in world.server.objects
            for each in (world.server.objects[key].get("status") or {}).get("attempts", ())
        )
        if found != world.scenario.claimed:
            yield f"{found} attempts had a cluster that waited, {world.scenario.claimed} were to"
