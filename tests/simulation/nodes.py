"""Nodes and what runs on them: a model of kubelet and runtime, as far as the operator can see them.

Follows the runtime's contract: the scheduler holds the lease and the fence, the runner begins with its
consent and gives the outcome to it before writing its own, workers go when the scheduler is gone.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from daskflow.api.names import (
    LABEL_ATTEMPT,
    LABEL_CLUSTER,
    LABEL_COMPONENT,
    RUNNER,
    SCHEDULER,
    WORKER,
)
from daskflow.controller.api import controller_of, key_of
from daskflow.plan.model import Object

from tests.simulation.server import Server, instant, stamp

Script = Callable[[int], Mapping[str, Any]]
"""How the flow of an attempt goes: `seconds` it takes, `outcome`, `reason`, `failure` of its report."""

TICK = 0.5
FIRST_SECONDS = 900
CRASHED = 137


class Life:
    """One pod, from its creation until its processes are gone."""

    def __init__(self, nodes: "Nodes", pod: Object, run: str) -> None:
        meta = pod["metadata"]
        labels = meta.get("labels") or {}
        self.nodes = nodes
        self.key, self.uid, self.run = key_of(pod), meta["uid"], run
        """`run` is the uid of the FlowRun that all of this is for."""
        self.component = labels.get(LABEL_COMPONENT, "")
        self.attempt = int(labels.get(LABEL_ATTEMPT, "0"))
        self.cluster = labels.get(LABEL_CLUSTER, "")
        self.env = {each["name"]: each.get("value", "") for each in pod["spec"]["containers"][0]["env"]}
        self.alive = False
        """Whether its process runs, whatever the API server says."""
        self.listening = False
        self.begun: str | None = None
        self.holder: str | None = None
        """Scheduler only: the uid of the runner whose flow has begun."""
        self.leased_at: float | None = None
        self.outcome: Mapping[str, Any] | None = None
        self.report: Mapping[str, Any] | None = None
        self.started_at: datetime | None = None
        self.told_to_go = asyncio.Event()
        self.ending: asyncio.TimerHandle | None = None
        self.task = asyncio.create_task(self._live())

    # --- what the outside does to it

    def terminate(self, why: str = "") -> None:
        """SIGTERM; `why` becomes the pod's status reason (DeadlineExceeded, Evicted)."""
        self.why = self.why or why
        self.told_to_go.set()

    def kill(self) -> None:
        """SIGKILL, or an out-of-memory kill of the node's: no report."""
        if self.alive:
            self.task.cancel()
            self.alive = self.listening = False
            self._ended(CRASHED, None)

    def lose(self) -> None:
        """The node is gone, and nothing tells the API server."""
        self.task.cancel()
        self.alive = self.listening = False

    def deadline(self, seconds: float | None) -> None:
        """`activeDeadlineSeconds` as it is now."""
        if self.ending is not None:
            self.ending.cancel()
        if seconds is not None and self.started_at is not None and self.alive:
            left = (self.started_at + timedelta(seconds=seconds) - instant()).total_seconds()
            loop = asyncio.get_running_loop()
            self.ending = loop.call_later(max(0.0, left) + 0.2, self.terminate, "DeadlineExceeded")

    # --- its life

    why = ""

    async def _live(self) -> None:
        chance = self.nodes.chance
        await asyncio.sleep(chance.uniform(0.02, 0.5))
        pod = self._pod()
        if pod is None:
            return
        if not self.nodes.schedulable(pod):
            await self._unschedulable()
            pod = self._pod()
            if pod is None:
                return
        self.nodes.server.update(self.key, spec={**pod["spec"], "nodeName": "node"})
        await asyncio.sleep(chance.uniform(0.2, 3.0))
        if self._pod() is None:
            return
        self.started_at = instant()
        self.alive = True
        self.nodes.process_started(self)
        self._status({"running": {"startedAt": stamp()}}, started=False)
        self.deadline((self._pod() or {"spec": {}})["spec"].get("activeDeadlineSeconds"))
        role = asyncio.create_task(
            {SCHEDULER: self._scheduler, WORKER: self._worker, RUNNER: self._runner}[self.component]()
        )
        term = asyncio.create_task(self.told_to_go.wait())
        try:
            await asyncio.wait((role, term), return_when=asyncio.FIRST_COMPLETED)
            if role.done():
                code = role.result()
            else:
                await asyncio.sleep(chance.uniform(0.1, 2.0))
                code = role.result() if role.done() else self._terminated()
        finally:
            role.cancel()
            term.cancel()
        self.alive = self.listening = False
        self._ended(code, self.report)

    async def _unschedulable(self) -> None:
        pod = self._pod()
        condition = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": "0/1 nodes are available: 1 Insufficient cpu.",
            "lastTransitionTime": stamp(),
        }
        if pod is not None:
            self.nodes.server.update(self.key, status={**pod["status"], "conditions": [condition]})
        while (pod := self._pod()) is not None and not self.nodes.schedulable(pod):  # noqa: ASYNC110
            await asyncio.sleep(5)

    async def _scheduler(self) -> int:
        await asyncio.sleep(self.nodes.chance.uniform(0.2, 2.0))
        self.listening = True
        self._ready()
        loop = asyncio.get_running_loop()
        since = loop.time()
        while True:
            await asyncio.sleep(TICK)
            if self.outcome is not None:
                return self._scheduler_ends("OutcomeReceived")
            if self.leased_at is not None and loop.time() - self.leased_at > 20:
                return self._scheduler_ends("LeaseLost")
            if self.leased_at is None and loop.time() - since > FIRST_SECONDS:
                return self._scheduler_ends("LeaseNeverTaken")

    def _scheduler_ends(self, reason: str) -> int:
        self.report = {
            "v": 1,
            "role": "scheduler",
            "outcome": self.outcome,
            "begun": self.begun,
            "runner": self.holder,
            "reason": reason,
        }
        return 0

    async def _worker(self) -> int:
        scheduler = await self._find_scheduler()
        if scheduler is None:
            return 1
        await asyncio.sleep(self.nodes.chance.uniform(0.1, 2.0))
        self.listening = True
        self._ready()
        while scheduler.alive:  # noqa: ASYNC110 - as in the real world, a worker finds out by itself
            await asyncio.sleep(TICK)
        return 0

    async def _runner(self) -> int:
        scheduler = await self._find_scheduler()
        if scheduler is None:
            return self._runner_ends("Failed", "SchedulerUnreachable")
        wish = json.loads(self.env["DASKFLOW_WORKERS"])
        loop = asyncio.get_running_loop()
        since = loop.time()
        while True:
            if not scheduler.alive:
                return self._runner_ends("Failed", "SchedulerLost")
            if scheduler.holder is not None:
                return self._runner_ends("Failed", "RunnerSuperseded")
            scheduler.leased_at = loop.time()
            count = sum(each.listening and each.alive for each in self.nodes.of(self.cluster, WORKER))
            enough = count >= wish["required"] and loop.time() - since >= wish["patience"]
            if count >= wish["wanted"] or enough:
                break
            await asyncio.sleep(TICK)
        scheduler.holder = self.uid
        scheduler.begun = self.begun = stamp()
        self.nodes.flow_begins(self)
        self._ready()
        script = self.nodes.script(self.attempt)
        until = loop.time() + script.get("seconds", 5)
        while loop.time() < until:
            await asyncio.sleep(TICK)
            if scheduler.alive:
                scheduler.leased_at = loop.time()
            elif loop.time() - (scheduler.leased_at or 0) > 20:
                return self._runner_ends("Failed", "SchedulerLost")
        code = self._runner_ends(script.get("outcome", "Succeeded"), script.get("reason", ""), script)
        if scheduler.alive:
            scheduler.outcome = self.report
        self.nodes.flow_ended(self, script.get("outcome", "Succeeded"))
        await asyncio.sleep(self.nodes.chance.uniform(0.0, 1.0))
        return code

    def _runner_ends(self, outcome: str, reason: str, script: Mapping[str, Any] | None = None) -> int:
        self.report = {
            "v": 1,
            "role": "runner",
            "outcome": outcome,
            "reason": reason,
            "message": f"The flow says {outcome}.",
            "begun": self.begun,
            "ended": stamp(),
            "exitCode": 0 if outcome == "Succeeded" else 1,
            "result": {"attempt": self.attempt} if outcome == "Succeeded" else None,
            "failure": (script or {}).get("failure"),
        }
        return 0 if outcome == "Succeeded" else 1

    def _terminated(self) -> int:
        """SIGTERM came first."""
        if self.component == RUNNER and self.report is None:
            self._runner_ends("Failed", "Terminated")
            for scheduler in self.nodes.of(self.cluster, SCHEDULER):
                if scheduler.alive:
                    scheduler.outcome = self.report
        if self.component == SCHEDULER:
            self._scheduler_ends("Terminated")
        return 143

    async def _find_scheduler(self) -> "Life | None":
        loop = asyncio.get_running_loop()
        until = loop.time() + FIRST_SECONDS
        while loop.time() < until:
            for life in self.nodes.of(self.cluster, SCHEDULER):
                if life.listening:
                    return life
            await asyncio.sleep(TICK)
        return None

    # --- what the API server is told

    def _pod(self) -> Object | None:
        pod = self.nodes.server.objects.get(self.key)
        return pod if pod is not None and pod["metadata"]["uid"] == self.uid else None

    def _ready(self) -> None:
        state = {"running": {"startedAt": stamp(self.started_at)}}
        self._status(state, started=True)

    def _ended(self, code: int, report: Mapping[str, Any] | None) -> None:
        state = {
            "terminated": {
                "exitCode": code,
                "reason": "Completed" if code == 0 else "Error",
                "startedAt": stamp(self.started_at),
                "finishedAt": stamp(),
                "message": json.dumps(report) if report is not None else "",
            }
        }
        self._status(state, started=False, phase="Succeeded" if code == 0 and not self.why else "Failed")
        pod = self._pod()
        if pod is not None and "deletionTimestamp" in pod["metadata"]:
            self.nodes.server.remove(self.key)

    def _status(self, state: Mapping[str, Any], *, started: bool, phase: str = "Running") -> None:
        pod = self._pod()
        if pod is None:
            return
        container = {"name": self.component, "state": state, "started": started, "ready": started}
        conditions = [
            {"type": "Ready", "status": "True" if started else "False", "lastTransitionTime": stamp()}
        ]
        if self.why == "Evicted":
            conditions.append({"type": "DisruptionTarget", "status": "True", "message": "taken away"})
        status = {
            "phase": phase,
            "startTime": stamp(self.started_at),
            "containerStatuses": [container],
            "conditions": conditions,
        }
        if self.why:
            status["reason"] = self.why
        self.nodes.server.update(self.key, status=status)


class Nodes:
    """All lives, and what is remembered of them for the invariants."""

    def __init__(self, server: Server, chance: Random, script: Script) -> None:
        self.server = server
        self.chance = chance
        self.script = script
        self.schedulable: Callable[[Object], bool] = lambda pod: True
        self.lives: dict[str, Life] = {}
        self.begun: dict[tuple[str, int], list[str]] = {}
        """Pods in which the flow of an attempt began: (run's uid, attempt) to runner pods' uids."""
        self.said: dict[str, list[str]] = {}
        """What flows said at their end, by run's uid."""
        self.lost: list[Life] = []
        """On nodes that are gone: no kubelet confirms that they ended."""
        self.faults: list[str] = []
        """Invariants that were broken inside the pods."""
        self._runs: dict[str, str] = {}
        server.changed.append(self._hear)

    def of(self, cluster: str, component: str) -> list[Life]:
        """The lives of this cluster's pods of a kind, the oldest first."""
        return [
            life for life in self.lives.values() if life.cluster == cluster and life.component == component
        ]

    def living(self, component: str = "") -> list[Life]:
        """All processes that run now."""
        return [life for life in self.lives.values() if life.alive and component in ("", life.component)]

    def process_started(self, life: Life) -> None:
        """Invariant 5: an attempt starts only when the one before it is gone."""
        for other in self.lives.values():
            if other.alive and other.run == life.run and other.attempt != life.attempt:
                self.faults.append(f"{life.key.name} started while {other.key.name} was still running")

    def flow_begins(self, life: Life) -> None:
        """Invariant 6: the flow of one attempt begins at most once."""
        pods = self.begun.setdefault((life.run, life.attempt), [])
        pods.append(life.uid)
        if len(pods) > 1:
            self.faults.append(f"the flow of attempt {life.attempt} began twice")

    def flow_ended(self, life: Life, outcome: str) -> None:
        """The flow has spoken; its word is in the scheduler if that lived, and will be in its own message."""
        self.said.setdefault(life.run, []).append(outcome)

    def lose_node_of(self, life: Life) -> None:
        """The machine is gone; after a while its Node and its pods are removed from the API."""
        life.lose()
        self.lost.append(life)
        asyncio.get_running_loop().call_later(45, self._forget, life)

    def _forget(self, life: Life) -> None:
        pod = self.server.objects.get(life.key)
        if pod is not None and pod["metadata"]["uid"] == life.uid:
            self.server.remove(life.key)

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        uid = now["metadata"]["uid"]
        if now["kind"] == "DaskCluster" and type_ == "ADDED":
            self._runs[uid] = (controller_of(now) or {}).get("uid", uid)
        if now["kind"] != "Pod":
            return
        if type_ == "ADDED":
            owner = (controller_of(now) or {}).get("uid", "")
            self.lives[uid] = Life(self, now, self._runs.get(owner, owner))
        life = self.lives[uid]
        if type_ == "DELETED":
            # With force, or before it was on a node: what ran there is killed.
            if life.alive:
                life.lose()
            else:
                life.task.cancel()
        elif (
            "deletionTimestamp" in now["metadata"] and "deletionTimestamp" not in (before or now)["metadata"]
        ):
            life.terminate()
            if life.started_at is not None and not life.alive and life not in self.lost:
                asyncio.get_running_loop().call_later(0.3, self._forget, life)
        elif before is not None and _deadline(before) != _deadline(now):
            life.deadline(_deadline(now))


def _deadline(pod: Object) -> float | None:
    value: float | None = pod["spec"].get("activeDeadlineSeconds")
    return value
