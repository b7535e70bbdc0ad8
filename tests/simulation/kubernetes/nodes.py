"""All pods that live, what becomes of their nodes, and what is remembered of them for the invariants."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from random import Random
from typing import Any

from daskflow.api.names import (
    API_VERSION,
    FLOW_RUN,
    LABEL_ATTEMPT,
    LABEL_COMPONENT,
    LABEL_RUN,
    SCHEDULER,
    WORKER,
)
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Key, Object

from tests.simulation.dask.runtime import Script
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.kubernetes.objects import instant, stamp
from tests.simulation.kubernetes.pods import Life

UNREACHABLE_SECONDS = 40
"""Until the control plane notices that a node does not answer."""
TOLERATED_SECONDS = 300
"""Until it then deletes the pods on it: they stay, marked, since no kubelet confirms it."""


class Nodes:
    """One node a pod. It starts what the API server has, as soon as it is there."""

    def __init__(self, server: Server, chance: Random, script: Script) -> None:
        self.server = server
        self.chance = chance
        self.script = script
        self.schedulable: Callable[[Object], bool] = lambda pod: True
        self.pull: Callable[[Object], str] = lambda pod: ""
        """What the registry says when it does not give the image; empty: it does."""
        self.crashing = False
        """Whether workers die as soon as they have registered."""
        self.client = False
        """Whether somebody is connected to the standalone clusters."""
        self.loads: dict[str, list[tuple[float, int]]] = {}
        """By group of workers: from when on there was work for how many of them."""
        self.actors: set[str] = set()
        """Workers that hold an actor."""
        self.deaf_at = float("-inf")
        """When control listeners were last out of reach."""
        self.lives: dict[str, Life] = {}
        self._of_cluster: defaultdict[str, list[Life]] = defaultdict(list)
        self._of_owner: defaultdict[str, list[Life]] = defaultdict(list)
        self._of_run: defaultdict[str, list[Life]] = defaultdict(list)
        """By a label, and by uids; one that a run has claimed is its former run's as well."""
        self.probe_seconds = 0.0
        """How often a kubelet looks whether a pod has started; 0: it hears of it."""
        self.begun: dict[tuple[str, int], list[str]] = {}
        """Pods in which the flow of an attempt began: (run's uid, attempt) to runner pods' uids."""
        self._said: list[tuple[Life, str]] = []
        self.unheard: set[str] = set()
        """Pods that were cut off when their flow spoke, and have not come back: no copy is to be had."""
        self.lost: list[Life] = []
        """On nodes that are gone: no kubelet confirms that they ended."""
        self.faults: list[str] = []
        """Invariants that were broken inside the pods."""
        self._runs: dict[str, str] = {}
        self._attempts: dict[str, int] = {}
        self._deaf = False
        server.changed.append(self._hear)

    @property
    def deaf(self) -> bool:
        """Whether control listeners are out of reach."""
        if self._deaf:
            self.deaf_at = asyncio.get_running_loop().time()
        return self._deaf

    @deaf.setter
    def deaf(self, yes: bool) -> None:
        self.deaf_at = asyncio.get_running_loop().time()
        self._deaf = yes

    def of(self, cluster: str, component: str) -> list[Life]:
        """The lives of this cluster's pods of a kind, the oldest first."""
        return [life for life in self._of_cluster.get(cluster, ()) if life.component == component]

    def living(self, component: str = "") -> list[Life]:
        """All processes that run now."""
        return [life for life in self.lives.values() if life.alive and component in ("", life.component)]

    def started(self, life: Life) -> None:
        """Its kubelet sees so, when it looks next."""
        if not self.probe_seconds or life.started_at is None:
            life.ready()
            return
        since = (instant() - life.started_at).total_seconds()
        rest = self.probe_seconds - since % self.probe_seconds
        asyncio.get_running_loop().call_later(rest, lambda: life.ready() if life.alive else None)

    def process_started(self, life: Life) -> None:
        """Invariant 5: an attempt starts only when the one before it is gone."""
        for other in self._of_run.get(life.run, ()):
            apart = other.alive and other.run == life.run and other.attempt != life.attempt
            if apart and not self._stray(life) and not self._stray(other):
                self.faults.append(f"{life.key.name} started while {other.key.name} was still running")

    def _stray(self, life: Life) -> bool:
        """A worker that never had a scheduler, and runs nobody's code: its create landed when its attempt was
        over, and a collector of garbage that is late has yet to find it."""
        if life.component != WORKER or life.role.registered_at is not None:
            return False
        return not any(
            each.alive and each.component == SCHEDULER and each.attempt == life.attempt
            for each in self._of_run.get(life.run, ())
        )

    def flow_begins(self, life: Life) -> None:
        """Invariant 6: the flow of one attempt begins at most once, and never beside another's."""
        pods = self.begun.setdefault((life.run, life.attempt), [])
        pods.append(life.uid)
        if len(pods) > 1:
            self.faults.append(f"the flow of attempt {life.attempt} began twice")
        for other in self.living():
            if other.run == life.run and other is not life and other.component == life.component:
                self.faults.append(f"{life.key.name} began beside {other.key.name}")

    def flow_ended(self, life: Life, outcome: str) -> None:
        """The flow has spoken; its word is in the scheduler if that lived, and will be in its own message."""
        self._said.append((life, outcome))
        if life.cut:
            self.unheard.add(life.uid)

    def said(self, run: str) -> list[str]:
        """What the flows of a run said at their end."""
        return [word for life, word in self._said if life.run == run and life.uid not in self.unheard]

    def succeeded(self, run: str) -> bool:
        """Whether a flow of this run has succeeded, heard or unheard."""
        return any(life.run == run and word == "Succeeded" for life, word in self._said)

    def make_cluster(self, life: Life) -> Key:
        """What `daskflow.runtime.Cluster` does: a DaskCluster that the run owns and does not control."""
        pod = life.pod()
        owner = dict(controller_of(pod or {}) or {}, controller=False)
        key = Key("DaskCluster", life.key.namespace, f"made-{life.uid[:8]}")
        labels = {LABEL_RUN: owner["name"], LABEL_ATTEMPT: str(life.attempt)}
        self.server.create(
            {
                "apiVersion": API_VERSION,
                "kind": key.kind,
                "metadata": {
                    "name": key.name,
                    "namespace": key.namespace,
                    "labels": labels,
                    "ownerReferences": [owner],
                },
                "spec": {"image": "registry.example/flows:1", "workers": {"replicas": 1}},
            }
        )
        return key

    def claimed(self, cluster: str, run: str, attempt: int) -> None:
        """From now on the pods of this DaskCluster (uid) are there for this attempt."""
        self._runs[cluster], self._attempts[cluster] = run, attempt
        lives = self._of_owner.get(cluster, ())
        for life in lives:
            life.run, life.attempt = run, attempt
            self._of_run[run].append(life)
        for life in lives:
            if life.alive:
                self.process_started(life)

    # --- what becomes of nodes

    def lose_node_of(self, life: Life) -> None:
        """The machine is gone; after a while its Node and its pods are removed from the API."""
        if life.role.alone:
            self.unheard.add(life.uid)
        life.lose()
        self.lost.append(life)
        asyncio.get_running_loop().call_later(UNREACHABLE_SECONDS + 5, self.remove_node_of, life)

    def cut_node_of(self, life: Life) -> None:
        """The machine runs, and nobody reaches it: the API goes on saying Running, then Ready: False."""
        life.cut = True
        loop = asyncio.get_running_loop()
        loop.call_later(UNREACHABLE_SECONDS, self._mark, life, "Ready", "False")
        loop.call_later(UNREACHABLE_SECONDS + TOLERATED_SECONDS, self._taint, life)

    def remove_node_of(self, life: Life) -> None:
        """Somebody deletes the Node: the control plane marks its pods as failed and removes them."""
        if self._mark(life, "DisruptionTarget", "True", phase="Failed"):
            self.server.remove(life.key)

    def _taint(self, life: Life) -> None:
        if tolerates_all(life.pod()):
            return  # the control plane leaves it where it is, for ever
        if life.cut and self._mark(life, "DisruptionTarget", "True"):
            self.server.delete(life.key)

    def _mark(self, life: Life, condition: str, word: str, **more: Any) -> bool:
        pod = life.pod()
        if pod is None or not (life.cut or life in self.lost):
            return False
        said = {"type": condition, "status": word, "message": "node lost", "lastTransitionTime": stamp()}
        others = [each for each in pod["status"].get("conditions", ()) if each["type"] != condition]
        if pod["status"].get("phase") in ("Succeeded", "Failed"):
            more = {}
        self.server.update(life.key, status={**pod["status"], **more, "conditions": [*others, said]})
        return True

    # --- what the API server tells them

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        uid = now["metadata"]["uid"]
        if now["kind"] == "DaskCluster" and type_ == "ADDED":
            owner = next(iter(now["metadata"].get("ownerReferences") or ()), {})
            self._runs[uid] = owner["uid"] if owner.get("kind") == FLOW_RUN else uid
        if now["kind"] != "Pod" or LABEL_COMPONENT not in now["metadata"].get("labels", {}):
            return
        if type_ == "ADDED":
            above = (controller_of(now) or {}).get("uid", "")
            made = Life(self, now, self._runs.get(above, above), above, len(self.lives))
            self.lives[uid] = made
            self._of_cluster[made.cluster].append(made)
            self._of_owner[made.owner].append(made)
            self._of_run[made.run].append(made)
            if self._runs.get(above) == above or above in self._attempts:
                # Pods of a cluster that waits are told by the claim, whatever label one of them came with.
                made.attempt = self._attempts.get(above, 0)
        life = self.lives[uid]
        if life.cut:
            return
        if type_ == "DELETED":
            self._removed(life)
        elif (
            "deletionTimestamp" in now["metadata"] and "deletionTimestamp" not in (before or now)["metadata"]
        ):
            life.terminate()
            begun = life.started_at is not None and life.task.done()
            if begun and not life.alive and not life.outlived and life not in self.lost:
                asyncio.get_running_loop().call_later(0.3, self._confirm, life)
        elif before is not None and _deadline(before) != _deadline(now):
            life.deadline(_deadline(now))
        life.changed.set()

    def _removed(self, life: Life) -> None:
        """With force, or before it was on a node: what ran there is killed."""
        life.lose()

    def _confirm(self, life: Life) -> None:
        """The kubelet has nothing more to end: the pod goes."""
        if life.pod() is not None:
            self.server.remove(life.key)


def tolerates_all(pod: Object | None) -> bool:
    """Whether it stays on a node that does not answer."""
    tolerations = (pod or {"spec": {}})["spec"].get("tolerations") or ()
    return any(each.get("operator") == "Exists" and "key" not in each for each in tolerations)


def _deadline(pod: Object) -> float | None:
    value: float | None = pod["spec"].get("activeDeadlineSeconds")
    return value
