"""Init containers: what comes before ours in a pod, ends with a failure, or keeps it waiting.

Those that restart (`restartPolicy: Always`) are sidecars: ours waits until they have started.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.wording import one_line
from daskflow.plan.pod.pod import Pod, state_of

LONG = timedelta(seconds=30)
"""After which an init container that runs is told of: most take a few seconds."""
_WORDS = 300


def statuses(pod: Pod) -> Iterator[Mapping[str, Any]]:
    """Of those that ours has to wait for, in their order; none once it was started."""
    if not (pod.ran or pod.over):
        yield from pod.status.get("initContainerStatuses") or ()


def failure(pod: Pod) -> tuple[str, int] | None:
    """What ended a pod before our container could start, in a sentence, and the exit code."""
    if not pod.ended or pod.ran or pod.terminated or pod.told_to_end:
        return None
    for status in pod.status.get("initContainerStatuses") or ():
        ended = state_of(status, "terminated")
        if ended.get("exitCode"):
            return _sentence(pod, status["name"], ended), ended["exitCode"]
    return None


def _sentence(pod: Pod, name: str, ended: Mapping[str, Any]) -> str:
    what = f"Init container {name} of pod {pod.name}"
    if ended.get("reason") == "OOMKilled":
        return f"{what} needed more memory than its limit; raise its resources.limits.memory in the template."
    return f"{what} {how(ended)}."


def how(ended: Mapping[str, Any]) -> str:
    """How a container ended: its exit code, and the last line that it wrote."""
    code = f"ended with exit code {ended.get('exitCode')}"
    words = str(ended.get("message") or "").strip()
    return f"{code}: {one_line(words.splitlines()[-1])[:_WORDS].rstrip('.')}" if words else code


def running_since(pod: Pod) -> tuple[str, datetime] | None:
    """The init container that ours waits for now, and since when it has run.

    A kubelet calls each that runs without a startup probe `started`; only of a sidecar is that what ours
    waits for.
    """
    inits = pod.raw["spec"].get("initContainers") or ()
    sidecars = {each["name"] for each in inits if each.get("restartPolicy") == "Always"}
    for status in statuses(pod):
        if running := state_of(status, "running"):
            if status.get("started") and status["name"] in sidecars:
                continue
            return status["name"], instant(running["startedAt"])
        if not state_of(status, "terminated"):
            return None
    return None
