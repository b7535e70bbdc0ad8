"""The containers of a pod besides ours: what comes before it, and what lives beside it.

How one goes is in its `command`: ("sleep", "40") takes 40 s, ("exit", "1", "words") ends with that code and
these words, and an image that ends in `absent` cannot be pulled.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from daskflow.plan.model import Object

from tests.simulation.kubernetes.objects import stamp

INITIALIZING = {"waiting": {"reason": "PodInitializing"}}
_PULL_SAYS = "failed to pull and unpack image: not found"
AGENT = {"name": "agent", "image": "agent:1"}
NATIVE = {"name": "native", "image": "agent:1", "restartPolicy": "Always"}


class Others:
    """Their states, as the kubelet reports them, and their lives."""

    def __init__(self, pod: Object, component: str) -> None:
        spec = pod["spec"]
        self._inits = [dict(each) for each in spec.get("initContainers") or ()]
        self._beside = [dict(each) for each in spec["containers"] if each["name"] != component]
        self._states: dict[str, Mapping[str, Any]] = {
            each["name"]: INITIALIZING for each in (*self._inits, *self._beside)
        }

    @property
    def first(self) -> bool:
        """Whether anything comes before ours."""
        return bool(self._inits)

    @property
    def beside(self) -> bool:
        """Whether containers live beside ours for which the kubelet waits when ours is over."""
        return bool(self._beside)

    def statuses(self) -> dict[str, Any]:
        """Their part of the pod's status; those beside ours are listed before it."""
        return {
            "initContainerStatuses": [self._status(each) for each in self._inits],
            "containerStatuses": [self._status(each) for each in self._beside],
        }

    def _status(self, container: Mapping[str, Any]) -> dict[str, Any]:
        """`started` is what a kubelet calls all that runs without a startup probe, also before ours."""
        name = container["name"]
        return {
            "name": name,
            "image": container["image"],
            "state": self._states[name],
            "started": "running" in self._states[name],
        }

    def start(self) -> None:
        """Those beside ours start with it."""
        for each in self._beside:
            self._states[each["name"]] = {"running": {"startedAt": stamp()}}

    def end(self) -> None:
        """All that runs is ended."""
        for name, state in self._states.items():
            if "running" in state:
                self._states[name] = _terminated(143)

    async def initialize(self, say: Callable[[], None], told_to_go: asyncio.Event) -> bool:
        """One after the other; False if one failed, or the pod was told to go meanwhile."""
        for container in self._inits:
            if not await self._initialize(container, say, told_to_go):
                return False
        return True

    async def _initialize(
        self, container: Mapping[str, Any], say: Callable[[], None], told_to_go: asyncio.Event
    ) -> bool:
        name, (how, *rest) = container["name"], container.get("command") or ("sleep", "0.5")
        if container["image"].endswith("absent"):
            for reason in ("ErrImagePull", "ImagePullBackOff"):
                self._states[name] = {"waiting": {"reason": reason, "message": _PULL_SAYS}}
                say()
                if await _told(told_to_go, 10):
                    return False
            await told_to_go.wait()
            return False
        self._states[name] = {"running": {"startedAt": stamp()}}
        say()
        if container.get("restartPolicy") == "Always":
            return not told_to_go.is_set()
        if await _told(told_to_go, float(rest[0]) if how == "sleep" else 1.0):
            self._states[name] = _terminated(143)
            return False
        code = int(rest[0]) if how == "exit" else 0
        self._states[name] = _terminated(code, rest[1] if how == "exit" else "")
        return code == 0


async def _told(told_to_go: asyncio.Event, seconds: float) -> bool:
    """Whether it is told to go within so long."""
    try:
        async with asyncio.timeout(seconds):
            await told_to_go.wait()
    except TimeoutError:
        return False
    return True


def _terminated(code: int, message: str = "") -> Mapping[str, Any]:
    reason = "Completed" if code == 0 else "Error"
    return {
        "terminated": {
            "exitCode": code,
            "reason": reason,
            "message": message,
            "startedAt": stamp(),
            "finishedAt": stamp(),
        }
    }
