"""One pod as its kubelet has it: placed, pulled, started, told to end, reported; `runtime` is its process."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from daskflow.api.names import LABEL_ATTEMPT, LABEL_CLUSTER, LABEL_COMPONENT, LABEL_GROUP
from daskflow.controller.kubernetes.verbs import key_of
from daskflow.plan.model import Key, Object

from tests.simulation.dask import runtime
from tests.simulation.kubernetes.containers import INITIALIZING, Others
from tests.simulation.kubernetes.objects import instant, stamp

if TYPE_CHECKING:
    from tests.simulation.kubernetes.nodes import Nodes

KILLED = 137
TERMINATED = 143
UNSET = "ContainerCreating"
UNSCHEDULABLE = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/1 nodes are available: 1 Insufficient cpu.",
}


class Life:
    """One pod, from its creation until its processes are gone. Each one is on a node of its own."""

    def __init__(self, nodes: "Nodes", pod: Object, run: str, owner: str, number: int) -> None:
        meta = pod["metadata"]
        labels = meta.get("labels") or {}
        self.nodes = nodes
        self.key, self.uid, self.run = key_of(pod), meta["uid"], run
        """`run` is the uid of the FlowRun that all of this is for."""
        self.owner = owner
        """The uid of what controls the pod."""
        self.ip = f"10.1.{number // 250}.{number % 250 + 1}"
        self.group = labels.get(LABEL_GROUP, "")
        self.component = labels.get(LABEL_COMPONENT, "")
        self.attempt = int(labels.get(LABEL_ATTEMPT, "0"))
        self.cluster = labels.get(LABEL_CLUSTER, "")
        ours = next(each for each in pod["spec"]["containers"] if each["name"] == self.component)
        self.env = {each["name"]: each.get("value", "") for each in ours["env"]}
        self.others = Others(pod, self.component)
        self.rest: asyncio.Task[None] | None = None
        """What goes on in the pod when our container is over."""
        self.alive = False
        """Whether its process runs, whatever the API server says."""
        self.cut = False
        """Its node is cut off from everybody: nothing that it says is heard, and it hears nothing."""
        self.gated = bool(pod["spec"].get("schedulingGates"))
        """Whether it was made behind a gate: no scheduler of its run's own has a copy of its word."""
        self.made_at, self.role = asyncio.get_running_loop().time(), runtime.Role(self)
        self.started_at: datetime | None = None
        self.told_to_go = asyncio.Event()
        self.changed = asyncio.Event()
        """Something was patched in its spec."""
        self._why = ""
        self._unsaid: Mapping[str, Any] | None = None
        self._ending: asyncio.TimerHandle | None = None
        self.task = asyncio.create_task(self._live())

    def reaches(self, other: "Life") -> bool:
        """Whether a connection to the other's process works."""
        return other.alive and not other.cut and not self.cut

    # --- what the outside does to it

    def terminate(self, why: str = "") -> None:
        """SIGTERM; `why` becomes the pod's status reason (DeadlineExceeded, Evicted)."""
        self._why = self._why or why
        self.told_to_go.set()

    def kill(self, reason: str = "Error") -> None:
        """SIGKILL, or (OOMKilled) by the kernel at the container's limit."""
        if self.alive:
            self.lose()
            self._ended(KILLED, self.role.left_behind(), reason)

    def stop(self, code: int) -> None:
        """Its process exits by itself, now."""
        self.lose()
        self._ended(code, self.role.report)

    def lose(self) -> None:
        """The node is gone, and nothing tells the API server."""
        self.task.cancel()
        if rest := self.rest:
            rest.cancel()
        self.alive = self.role.listening = False

    @property
    def outlived(self) -> bool:
        """Whether other containers go on in its pod though ours is over."""
        return self.rest is not None and not self.rest.done()

    def heal(self) -> None:
        """The node is back: its kubelet says what is so, and hears what is wanted."""
        self.cut = False
        pod = self.pod()
        if pod is None:
            if self.alive:
                self.lose()
            return
        deleted = "deletionTimestamp" in (self.pod() or {}).get("metadata", {})
        if not (
            deleted and self.role.alone
        ):  # else its word goes with it, and who is deaf then has no other copy
            self.nodes.unheard.discard(self.uid)
        if self._unsaid is not None:
            self.nodes.server.update(self.key, status=self._unsaid)
        if "deletionTimestamp" in pod["metadata"]:
            if self.alive:
                self.terminate()
            else:
                self.nodes.server.remove(self.key)
        elif self.alive or self.outlived:
            self.deadline(pod["spec"].get("activeDeadlineSeconds"))

    def deadline(self, seconds: float | None) -> None:
        """`activeDeadlineSeconds` as it is now."""
        if self._ending is not None:
            self._ending.cancel()
        if seconds is not None and self.started_at is not None and (not self.task.done() or self.outlived):
            left = (self.started_at + timedelta(seconds=seconds) - instant()).total_seconds()
            loop = asyncio.get_running_loop()
            self._ending = loop.call_later(max(0.0, left) + 0.2, self.terminate, "DeadlineExceeded")

    # --- its life

    async def _live(self) -> None:
        chance = self.nodes.chance
        await asyncio.sleep(chance.uniform(0.02, 0.5))
        if not await self._placed():
            return
        await asyncio.sleep(chance.uniform(0.2, 3.0))
        if not await self._mounted() or not await self._initialized() or not await self._pulled():
            return
        self.started_at = self.started_at or instant()
        self.alive = True
        self.others.start()
        self.nodes.process_started(self)
        self.say({"running": {"startedAt": stamp(self.started_at)}})
        self.deadline((self.pod() or {"spec": {}})["spec"].get("activeDeadlineSeconds"))
        role = asyncio.create_task(self.role.run())
        term = asyncio.create_task(self.told_to_go.wait())
        try:
            await asyncio.wait((role, term), return_when=asyncio.FIRST_COMPLETED)
            if role.done():
                code = role.result()
            else:
                if chance.random() < 0.5:
                    # A kubelet that ends a pod stops its startup probe first, and may then call it started.
                    self.ready()
                await asyncio.sleep(chance.uniform(0.1, 2.0))
                code = role.result() if role.done() else self.role.terminated()
        finally:
            role.cancel()
            term.cancel()
        self.alive = self.role.listening = False
        self._ended(code, self.role.report)

    async def _placed(self) -> bool:
        """Waits for its gates to be removed, then for room; False if the pod went meanwhile."""
        while (pod := self.pod()) is not None and pod["spec"].get("schedulingGates"):
            await self.changed.wait()
            self.changed.clear()
        if pod is not None and not self.nodes.schedulable(pod):
            condition = {**UNSCHEDULABLE, "lastTransitionTime": stamp()}
            self.nodes.server.update(self.key, status={**pod["status"], "conditions": [condition]})
        while (pod := self.pod()) is not None and not self.nodes.schedulable(pod):  # noqa: ASYNC110
            await asyncio.sleep(5)
        if pod is not None:
            self.nodes.server.update(self.key, spec={**pod["spec"], "nodeName": "node"})
        return pod is not None

    async def _mounted(self) -> bool:
        """Waits for the Secrets it mounts, deaf to its deadline; False if the pod was deleted meanwhile."""
        while (pod := self.pod()) is not None and "deletionTimestamp" not in pod["metadata"]:
            volumes = pod["spec"]["volumes"]
            names = [each["secret"]["secretName"] for each in volumes if "secret" in each]
            names += [
                source["secret"]["name"]
                for each in volumes
                for source in each.get("projected", {}).get("sources", ())
                if "secret" in source
            ]
            if all(Key("Secret", self.key.namespace, name) in self.nodes.server.objects for name in names):
                return True
            if self.started_at is None:
                self.started_at = instant()
                self.say({"waiting": {"reason": UNSET}}, phase="Pending")
            await asyncio.sleep(2)
        if pod is not None and not self.cut:
            self.nodes.server.remove(self.key)
        return False

    async def _initialized(self) -> bool:
        """Its init containers have done their work; False if one failed or the pod went: then it is over."""
        if self.others.first:
            self.started_at = self.started_at or instant()
            self.deadline((self.pod() or {"spec": {}})["spec"].get("activeDeadlineSeconds"))
            say = partial(self.say, INITIALIZING, phase="Pending")
            if not await self.others.initialize(say, self.told_to_go):
                self._over(INITIALIZING, "Failed")
                return False
        return self.pod() is not None

    async def _pulled(self) -> bool:
        """Waits for the image, for as long as the registry does not give it; False if the pod went."""
        reason = "ErrImagePull"
        while (pod := self.pod()) is not None and (said := self.nodes.pull(pod)):
            self.started_at = self.started_at or instant()
            self.say({"waiting": {"reason": reason, "message": said}}, phase="Pending")
            reason = "ImagePullBackOff" if reason == "ErrImagePull" else "ErrImagePull"
            try:
                async with asyncio.timeout(10):
                    await self.told_to_go.wait()
            except TimeoutError:
                continue
            self._over({"waiting": {"reason": reason, "message": said}}, "Failed")
            return False
        return pod is not None

    # --- what the API server is told

    def pod(self) -> Object | None:
        """The pod as the API server has it, unless it has another by now."""
        pod = self.nodes.server.objects.get(self.key)
        return pod if pod is not None and pod["metadata"]["uid"] == self.uid else None

    def ready(self) -> None:
        """The startup probe succeeds."""
        self.say({"running": {"startedAt": stamp(self.started_at)}}, started=True)

    def _ended(self, code: int, report: Mapping[str, Any] | None, reason: str = "") -> None:
        ended = {
            "exitCode": code,
            "reason": reason or ("Completed" if code == 0 else "Error"),
            "startedAt": stamp(self.started_at),
            "finishedAt": stamp(),
            "message": json.dumps(report) if report is not None else "",
        }
        state = {"terminated": ended}
        phase = "Succeeded" if code == 0 and not self._why else "Failed"
        if not self.others.beside or self.told_to_go.is_set():
            self._over(state, phase)
            return
        self.say(state)
        self.rest = asyncio.create_task(self._outlive(state, phase))

    async def _outlive(self, state: Mapping[str, Any], phase: str) -> None:
        """The others go on until the whole pod is told to go."""
        await self.told_to_go.wait()
        await asyncio.sleep(self.nodes.chance.uniform(0.1, 2.0))
        self._over(state, "Failed" if self._why else phase)

    def _over(self, state: Mapping[str, Any], phase: str) -> None:
        self.others.end()
        self.say(state, phase=phase)
        pod = self.pod()
        if pod is not None and "deletionTimestamp" in pod["metadata"] and not self.cut:
            self.nodes.server.remove(self.key)

    def say(self, state: Mapping[str, Any], *, started: bool = False, phase: str = "Running") -> None:
        """Reports the container's state, at once or when the node is back."""
        container = {
            "name": self.component,
            "state": state,
            "started": started,
            "ready": started,
            "image": "registry.example/flows:1",
        }
        conditions = [{"type": "Ready", "status": str(started), "lastTransitionTime": stamp()}]
        if (state.get("waiting") or {}).get("reason") == UNSET:
            placed = {"type": "PodScheduled", "status": "True", "lastTransitionTime": stamp(self.started_at)}
            conditions += [placed, {"type": "PodReadyToStartContainers", "status": "False"}]
        if self._why == "Evicted":
            conditions.append({"type": "DisruptionTarget", "status": "True", "message": "taken away"})
        others = self.others.statuses()
        status: dict[str, Any] = {
            "phase": phase,
            "podIP": self.ip,
            "startTime": stamp(self.started_at),
            **others,
            "containerStatuses": [*others["containerStatuses"], container],
            "conditions": conditions,
        }
        if self._why:
            status["reason"] = self._why
        if self.cut:
            self._unsaid = status
        elif self.pod() is not None:
            self.nodes.server.update(self.key, status=status)
