"""What keeps a pod from running, in one sentence with the remedy: by what scheduler and kubelet say of it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.conditions import instant, timestamp
from daskflow.api.names import WORKER
from daskflow.api.reasons import Reason
from daskflow.plan.cause import Cause
from daskflow.plan.pod import init_containers, placing, volumes_and_network
from daskflow.plan.pod.init_containers import statuses
from daskflow.plan.pod.pod import Pod, state_of

PATIENCE = timedelta(minutes=1)
"""What a pod needs may come after it: `kubectl apply -f folder/` works in any order."""
_MISSING = re.compile(r"not found|couldn't find key", re.I)
_HOPELESS_SETUP = re.compile(r"runAsNonRoot|non-numeric|no command|executable", re.I)
"""What a kubelet says of a container that it can never make; not time-outs and clashes of names."""
_CLOSED = re.compile(r"denied|unauthorized|authentication required", re.I)
"""What registries answer without the right secret, and those that tell strangers nothing."""
_HOPELESS_PULL = re.compile(r"not found|does not exist|invalid reference", re.I)
"""The same when no later try will succeed without somebody's help."""

Status = Mapping[str, Any]


def causes_of(pod: Pod, now: datetime) -> Iterator[Cause]:
    """All there is to say of this pod; what is merely waited for comes last."""
    if pod.over:
        return
    if (cause := placing.cause(pod, now)) is not None:
        yield cause
    for status in statuses(pod):
        yield from _of_container(pod, status, now)
    yield from _of_container(pod, pod.container, now)
    for status in pod.status.get("containerStatuses") or ():
        if status is not pod.container:
            # Ours runs without it.
            yield from (each.but(certain=False) for each in _of_container(pod, status, now))
    if message := volumes_and_network.sentence(pod, now):
        yield Cause(Reason.CONFIG_INVALID, message, certain=False)
    waits = init_containers.running_since(pod)
    if waits is not None and now >= waits[1] + init_containers.LONG:
        name, since = waits[0], timestamp(waits[1])
        message = f"Pod {pod.name} waits for its init container {name}, which has run since {since}."
        yield Cause(Reason.WAITING_FOR_INIT, message, certain=False)


def next_look(pods: Iterable[Pod], now: datetime) -> datetime | None:
    """When there will be something to say of one of these pods, or more than now."""
    times = [at for pod in pods if not pod.over for at in _times(pod)]
    return min((at for at in times if at > now), default=None)


def _times(pod: Pod) -> Iterator[datetime]:
    yield from placing.times(pod)
    if since := volumes_and_network.unset_since(pod):
        yield since + volumes_and_network.LONG
    if waits := init_containers.running_since(pod):
        yield waits[1] + init_containers.LONG
    if any(state_of(each, "waiting").get("reason") in _WAITING for each in (*statuses(pod), pod.container)):
        yield _patient_until(pod)


def _patient_until(pod: Pod) -> datetime:
    at = pod.status.get("startTime")
    return (instant(at) if at else pod.created_at) + PATIENCE


def _of_container(pod: Pod, status: Status, now: datetime) -> Iterator[Cause]:
    waiting = state_of(status, "waiting")
    explain = _WAITING.get(str(waiting.get("reason")))
    if explain:
        yield explain(pod, status, str(waiting.get("message") or "").rstrip("."), now)


def _name(pod: Pod, status: Status) -> str:
    """Which container it is, where it is not ours."""
    if status is pod.container:
        return ""
    inits = pod.status.get("initContainerStatuses") or ()
    kind = "init container" if any(status is each for each in inits) else "container"
    return f"{kind} {status['name']}"


def _image(pod: Pod, status: Status) -> str:
    name = _name(pod, status)
    return f'"{status.get("image", "")}"' + (f" of {name}" if name else "")


def _invalid_image(pod: Pod, status: Status, said: str, now: datetime) -> Cause:
    where = "its template" if _name(pod, status) else "spec.image"
    message = f"The image name {_image(pod, status)} is not valid; write registry/name:tag in {where}."
    return Cause(Reason.IMAGE_INVALID, message, certain=True)


def _pull(pod: Pod, status: Status, said: str, now: datetime) -> Cause:
    why, late = state_of(status, "waiting").get("reason"), now >= _patient_until(pod)
    shut = bool(_CLOSED.search(said))
    hopeless = late if shut else bool(_HOPELESS_PULL.search(said))
    certain = why == "ErrImageNeverPull" or (why == "ImagePullBackOff" and hopeless)
    message = (
        f"The image {_image(pod, status)} cannot be pulled; check its name, tag and spec.imagePullSecrets: "
        f"{said}."
    )
    return Cause(Reason.IMAGE_PULL_FAILED, message, certain)


def _config(pod: Pod, status: Status, said: str, now: datetime) -> Cause:
    name = _name(pod, status)
    what = f"{name[0].upper()}{name[1:]} of pod {pod.name}" if name else f"Pod {pod.name}"
    message = f"{what} cannot be set up: {said}. Create what is missing or correct the reference."
    missing = now >= _patient_until(pod) and bool(_MISSING.search(said))
    return Cause(Reason.CONFIG_INVALID, message, missing or bool(_HOPELESS_SETUP.search(said)))


def _cannot_run(pod: Pod, status: Status, said: str, now: datetime) -> Cause:
    hopeless = bool(_HOPELESS_SETUP.search(said) or _MISSING.search(said))
    if name := _name(pod, status):
        message = f"{name[0].upper()}{name[1:]} of pod {pod.name} cannot run: {said}."
    else:
        message = f"The container of pod {pod.name} cannot run: {said}. {remedy(said)}"
    return Cause(Reason.CONTAINER_CANNOT_RUN, message, hopeless)


_LACKING = re.compile(
    r"executable file not found|no such file or directory|No module named|ImportError|SyntaxError", re.I
)


def remedy(words: str) -> str:
    """What to do about a container that could not be started, by what the container runtime said."""
    if "argument list too long" in words.lower():
        return (
            "Its variables take more than a program can be started with (128 KiB each, about 2 MiB in all):"
            " mount long texts from a ConfigMap or Secret."
        )
    if "exec format error" in words.lower():
        return (
            "The image is for another kind of processor than the node has; name one for it, or choose nodes."
        )
    if _LACKING.search(words):
        return "The image needs python3 and distributed."
    return "If the image has python3 and distributed, `kubectl describe pod` has what else the node says."


def _keeps_ending(pod: Pod, status: Status, said: str, now: datetime) -> Cause:
    ended = (status.get("lastState") or {}).get("terminated") or {}
    how = f"keeps ending: it {init_containers.how(ended)}."
    if any(status is each for each in pod.status.get("initContainerStatuses") or ()):
        message = f"Init container {status['name']} of pod {pod.name} {how} What comes after it waits."
        return Cause(Reason.INIT_CONTAINER_FAILED, message, certain=False)
    if ended.get("reason") == "OOMKilled":
        message = f"Container {status['name']} of pod {pod.name} needs more memory than its limit; raise it."
        return Cause(Reason.OUT_OF_MEMORY, message, certain=False)
    message = f"Container {status['name']} of pod {pod.name} {how}"
    return Cause(Reason.WORKERS_FAILING if pod.component == WORKER else Reason.SCHEDULER_LOST, message, False)


_WAITING: dict[str, Callable[[Pod, Status, str, datetime], Cause]] = {
    "InvalidImageName": _invalid_image,
    "ErrImageNeverPull": _pull,
    "ErrImagePull": _pull,
    "ImagePullBackOff": _pull,
    "CreateContainerConfigError": _config,
    "CreateContainerError": _cannot_run,
    "RunContainerError": _cannot_run,
    "CrashLoopBackOff": _keeps_ending,
}
"""The kubelet's words for a container that waits, and what they mean for the run."""
