"""What must hold of DaskClusters at every step, and at the end."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from daskflow.api.names import DASK_CLUSTER, LABEL_COMPONENT, SCHEDULER, WORKER
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Object

if TYPE_CHECKING:
    from tests.simulation.kubernetes.pods import Life
    from tests.simulation.world import World

TERMINAL = ("Stopped", "Failed")
RETIRED = {"v": 1, "role": "worker", "reason": "Retired"}
SEEN_SECONDS = 3.0
"""After which an undisturbed operator knows that a worker has registered."""
UNHEARD_SECONDS = 3.0
"""For so long an operator may not have heard of a pod, whose create was under way for long."""
REACHED_SECONDS = 100.0
"""A listener that was out of reach for less, at some time, is one that was to be waited for."""


class ClusterWatcher:
    """Looks at each change of clusters and their pods at the moment when it happens."""

    def __init__(self, world: "World") -> None:
        self.pods_made: Counter[str] = Counter()
        """Workers created, by cluster's uid."""
        self._world = world
        world.server.changed.append(self._hear)
        self._written: dict[str, Mapping[str, Any]] = {}
        """By uid: the last status that an operator wrote."""

    def _fault(self, sentence: str) -> None:
        self._world.watcher.faults.append(sentence)

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        if now["kind"] == DASK_CLUSTER and type_ == "MODIFIED" and before is not None:
            self._said(now, before.get("status") or {}, now.get("status") or {})
        if now["kind"] != "Pod" or LABEL_COMPONENT not in now["metadata"].get("labels", {}):
            return
        if type_ == "ADDED":
            self._created(now)
        gone = type_ == "DELETED" or "deletionTimestamp" in now["metadata"]
        known = before is not None and "deletionTimestamp" in before["metadata"]
        if gone and not known and self._world.server.by_operator:
            self._deleted(now)

    def _said(self, cluster: Object, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        name = cluster["metadata"]["name"]
        if not self._world.server.by_operator:
            return  # somebody edits it by hand
        uid = cluster["metadata"]["uid"]
        if self._world.watcher.edited:
            old = self._written.get(uid, old)
        self._written[uid] = new
        if old.get("phase") in TERMINAL and new.get("phase") != old.get("phase"):
            self._fault(f"DaskCluster {name} went from {old['phase']} to {new.get('phase')}")
        was, now = (((status.get("scheduler") or {}).get("uid")) for status in (old, new))
        if not was or was == now:
            return
        if now:
            self._fault(f"DaskCluster {name} was given another scheduler")
        elif controller_of(cluster):
            self._fault(f"a run's DaskCluster {name} forgot its scheduler")
        elif self._world.watcher.edited and not new.get("phase"):
            return  # put back to what was before anything was known of it; it is taken up from there
        elif any(self._heard_of(life) for life in self._live(cluster)):
            self._fault(f"DaskCluster {name} forgot its scheduler while pods of it live")

    def _live(self, cluster: Object) -> Iterator["Life"]:
        uid = cluster["metadata"]["uid"]
        return (life for life in self._world.nodes.living() if life.owner == uid)

    def _heard_of(self, life: "Life") -> bool:
        return asyncio.get_running_loop().time() - life.made_at > UNHEARD_SECONDS

    def _created(self, pod: Object) -> None:
        owner = controller_of(pod) or {}
        component = pod["metadata"]["labels"][LABEL_COMPONENT]
        if component == WORKER:
            self.pods_made[owner.get("uid", "")] += 1
        others = [life for life in self._world.nodes.living() if life.owner == owner.get("uid")]
        old = [life for life in others if life.uid != pod["metadata"]["uid"] and life.component == SCHEDULER]
        if component == SCHEDULER and old:
            self._fault(f"{pod['metadata']['name']} was created beside {old[0].key.name}")

    def _deleted(self, pod: Object) -> None:
        """No worker that holds tasks goes without retirement, as long as the scheduler can be told."""
        case, life = self._world.case, self._world.nodes.lives[pod["metadata"]["uid"]]
        late = case.storm or case.drop or case.stale or case.twins
        registered = life.role.registered_at
        if late or life.component != WORKER or not life.alive or registered is None:
            return
        now = asyncio.get_running_loop().time()
        reachable = now - self._world.nodes.deaf_at > REACHED_SECONDS and not self._world.nodes.deaf
        schedulers = self._world.nodes.of(life.cluster, SCHEDULER)
        working = any(each.role.listening and not each.told_to_go.is_set() for each in schedulers)
        if reachable and working and now - registered > SEEN_SECONDS:
            self._fault(f"{life.key.name} was deleted while it held tasks")


def faults_of_clusters(world: "World") -> Iterator[str]:
    """Eventually as many workers of each group live as are desired, and no more were made than needed."""
    for body in world.server.objects.values():
        if body["kind"] != DASK_CLUSTER:
            continue
        status, uid = body.get("status") or {}, body["metadata"]["uid"]
        living = Counter(
            life.group
            for life in world.nodes.living(WORKER)
            if life.owner == uid and life.key.name not in world.nodes.actors
        )
        if status.get("phase") in ("Ready", "Degraded"):
            yield from _numbers(world, status, living)
        for life in world.nodes.lives.values():
            if life.owner == uid and life.role.report == RETIRED and life.pod() is not None:
                yield f"{life.key.name} has retired and is still there"
        most = world.scenario.most_workers
        if most and world.case.plain and world.clusters.pods_made[uid] > most:
            yield f"{world.clusters.pods_made[uid]} workers were made, {most} at most were due"


def _numbers(world: "World", status: Mapping[str, Any], living: Mapping[str, int]) -> Iterator[str]:
    workers = status.get("workers") or {}
    groups = {each["name"]: each["desired"] for each in workers.get("groups", ())}
    desired = groups or {"default": workers.get("desired", 0)}
    held = len(world.nodes.actors)
    for name, count in desired.items():
        if not count - held <= living.get(name, 0) <= count:
            yield f"{living.get(name, 0)} workers of {name} live, status desires {count}"
    for name, count in world.scenario.groups.items():
        if desired.get(name) != count:
            yield f"status desires {desired.get(name)} workers of {name}, the world {count}"
