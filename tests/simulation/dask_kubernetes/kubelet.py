"""Pods of users: started when nothing holds them back, restarted as their policy says, ended when told so."""

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any

from daskflow.api.dask_kubernetes.names import JOB_RUNNER, LABEL_COMPONENT
from daskflow.controller.kubernetes.verbs import controller_of, key_of
from daskflow.plan.model import Object

from tests.simulation.kubernetes.api_server import Server
from tests.simulation.kubernetes.objects import stamp

GONE_SECONDS = 45.0
"""From a node's loss until its pods are marked and removed."""


class Kubelet:
    """Of all nodes, one a pod. `codes`: how a runner's program ends, start by start; the last for more."""

    def __init__(self, server: Server, chance: Random, codes: tuple[int, ...], seconds: float) -> None:
        self.server, self.chance = server, chance
        self.codes, self.seconds = codes, seconds
        self.pods: dict[str, UserPod] = {}
        self.started: dict[str, list[str]] = {}
        """By a job's uid: the pods in which its program was started."""
        server.changed.append(self._hear)

    @property
    def runners(self) -> list["UserPod"]:
        """Those that run now."""
        return [pod for pod in self.pods.values() if pod.runner and pod.alive]

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        if now["kind"] != "Pod":
            return
        uid = now["metadata"]["uid"]
        if type_ == "ADDED":
            self.pods[uid] = UserPod(self, now)
        pod = self.pods[uid]
        if type_ == "DELETED":
            pod.lose()
        pod.changed.set()


class UserPod:
    """One of them, from its creation on."""

    def __init__(self, kubelet: Kubelet, body: Object) -> None:
        self._kubelet, self._server = kubelet, kubelet.server
        self.key, self.uid = key_of(body), body["metadata"]["uid"]
        self._owner = (controller_of(body) or {}).get("uid", "")
        self.runner = (body["metadata"].get("labels") or {}).get(LABEL_COMPONENT) == JOB_RUNNER
        self.alive = False
        self.changed = asyncio.Event()
        self._began = ""
        self._task = asyncio.create_task(self._live())

    def body(self) -> Object | None:
        """As the API server has it, unless it has another by now."""
        found = self._server.objects.get(self.key)
        return found if found is not None and found["metadata"]["uid"] == self.uid else None

    def lose(self) -> None:
        """It is no more, and nothing tells of it."""
        self._task.cancel()
        self.alive = False

    def lose_node(self) -> None:
        """Its machine is gone; in the end the control plane marks the pod as failed, and removes it."""
        self.lose()
        asyncio.get_running_loop().call_later(GONE_SECONDS, self._collect)

    def evict(self) -> None:
        """Its node is short of memory."""
        self.lose()
        self._say("Failed", self._ended(137), reason="Evicted", message="The node was low on memory.")
        self._task = asyncio.create_task(self._removed())

    def _collect(self) -> None:
        if self.body() is not None:
            self._say("Failed", self._ended(137), reason="NodeLost")
            self._server.remove(self.key)

    async def _live(self) -> None:
        while (body := self.body()) is not None and body["spec"].get("schedulingGates"):
            await self._news()
        await self._pause(0.1, 2.0)
        if (body := self.body()) is None:
            return
        self._server.update(self.key, spec={**body["spec"], "nodeName": "node"})
        self._began = stamp()
        self._say("Pending", {"waiting": {"reason": "ContainerCreating"}})
        await self._pause(0.1, 3.0)
        await self._run()

    async def _run(self) -> None:
        codes = self._kubelet.codes
        start = 0
        while True:
            self._start()
            code = codes[min(start, len(codes) - 1)] if self.runner else None
            reason = await self._until(code)
            self.alive = False
            if reason is not None:
                self._say("Failed", self._ended(143), reason=reason)
                break
            assert code is not None
            policy = ((self.body() or {}).get("spec") or {}).get("restartPolicy", "Always")
            if policy == "Never" or (policy == "OnFailure" and code == 0):
                self._say("Failed" if code else "Succeeded", self._ended(code))
                break
            self._say("Running", {"waiting": {"reason": "CrashLoopBackOff"}}, last=self._ended(code))
            await self._pause(5.0, 10.0)
            start += 1
        await self._removed()

    def _start(self) -> None:
        self.alive = True
        if self.runner:
            pods = self._kubelet.started.setdefault(self._owner, [])
            if self.uid not in pods:
                pods.append(self.uid)
        self._say("Running", {"running": {"startedAt": stamp()}})

    async def _until(self, code: int | None) -> str | None:
        """Until the program ends by itself (None), or is ended: the reason."""
        loop = asyncio.get_running_loop()
        end = float("inf") if code is None else loop.time() + self._kubelet.seconds
        began = loop.time()
        while (body := self.body()) is not None:
            if "deletionTimestamp" in body["metadata"]:
                return "Deleted"
            deadline = body["spec"].get("activeDeadlineSeconds")
            over = float("inf") if deadline is None else began + deadline
            if loop.time() >= min(end, over):
                return None if end <= over else "DeadlineExceeded"
            await self._news(min(end, over) - loop.time())
        return "Deleted"

    async def _removed(self) -> None:
        """A pod that has ended stays until somebody deletes it."""
        while (body := self.body()) is not None:
            if "deletionTimestamp" in body["metadata"]:
                await self._pause(0.1, 1.0)
                if self.body() is not None:
                    self._server.remove(self.key)
                return
            await self._news()

    async def _news(self, seconds: float = float("inf")) -> None:
        self.changed.clear()
        try:
            async with asyncio.timeout(None if seconds == float("inf") else seconds):
                await self.changed.wait()
        except TimeoutError:
            pass

    async def _pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self._kubelet.chance.uniform(least, most))

    def _ended(self, code: int) -> Mapping[str, Any]:
        return {
            "terminated": {
                "exitCode": code,
                "reason": "Error" if code else "Completed",
                "startedAt": self._began,
                "finishedAt": stamp(),
            }
        }

    def _say(
        self, phase: str, state: Mapping[str, Any], *, last: Mapping[str, Any] | None = None, **more: str
    ) -> None:
        body = self.body()
        if body is None:
            return
        containers = body["spec"].get("containers") or ({"name": "x"},)
        status = {"name": containers[0]["name"], "image": "dask:1", "state": state, "lastState": last or {}}
        ready = "running" in state
        said = {
            "phase": phase,
            "podIP": "10.1.0.1",
            "startTime": self._began,
            "conditions": [{"type": "Ready", "status": str(ready), "lastTransitionTime": stamp()}],
            "containerStatuses": [{**status, "ready": ready, "started": ready}],
            **more,
        }
        self._server.update(self.key, status=said)
