"""Skew: the pods of an attempt do not run the same software, though they name the same image.

A tag was moved between two pulls. Dask pickles functions and data from pod to pod, so that what follows
from it looks like anything but its cause. Once found it stays said until the next attempt: what was computed
in the other image has been computed. The condition is there only when there is something to say.
"""

from collections import defaultdict
from collections.abc import Sequence

from daskflow.api.conditions import IMAGE_SKEW, Condition
from daskflow.api.flowrun_status import FlowRunStatus
from daskflow.api.reasons import Reason
from daskflow.plan.model import Event
from daskflow.plan.pod.pod import Pod
from daskflow.plan.run.view import RunView

_NAMED = 3
"""Pods of one build that are named; there may be hundreds."""
_REMEDY = "Name the image by its digest, or set spec.imagePullPolicy to Always"


def skew(view: RunView, attempt: int) -> tuple[Condition, ...]:
    """The condition of this attempt, if there is one; what was said already stays as it is."""
    if attempt != view.status.attempt:
        return ()
    said = tuple(each for each in view.status.conditions if each.type == IMAGE_SKEW)
    if said or view.attempt is None:
        return said
    for reason, message in ((Reason.IMAGE_SKEW, _images(view)), (Reason.VERSION_SKEW, _versions(view))):
        if message:
            return (
                Condition(
                    type=IMAGE_SKEW,
                    status="True",
                    reason=reason.value,
                    message=message,
                    observed_generation=view.resource["metadata"].get("generation", 0),
                ),
            )
    return ()


def unsaid(view: RunView) -> bool:
    """Whether there is skew that status does not tell of."""
    return skew(view, view.status.attempt) != tuple(
        each for each in view.status.conditions if each.type == IMAGE_SKEW
    )


def warning(old: FlowRunStatus, new: FlowRunStatus) -> tuple[Event, ...]:
    """The Event that goes with a condition which is new."""
    before = any(each.type == IMAGE_SKEW for each in old.conditions)
    found = (each for each in new.conditions if each.type == IMAGE_SKEW and not before)
    return tuple(Event("Warning", each.reason, each.message) for each in found)


def _images(view: RunView) -> str:
    """Only pods that name the same image are compared: a template may name another on purpose.

    Nodes report `registry/name@digest` for what they pulled and a bare ID for what was loaded into them;
    the two say nothing of each other, and the name before the digest may be a mirror's.
    """
    builds: dict[tuple[str, bool], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for pod in (view.scheduler, *view.workers, view.runner):
        reported = str(pod.container.get("imageID") or "") if pod else ""
        if pod and reported:
            digest = reported.rpartition("@")[2]
            builds[_image(pod), "@" in reported][digest].append(pod.name)
    for (image, _), pods in builds.items():
        if len(pods) > 1:
            who = "; ".join(f"{digest[:19]} in {_list(names)}" for digest, names in list(pods.items())[:3])
            return f'The pods run different builds of "{image}": {who}. {_REMEDY}.'
    return ""


def _versions(view: RunView) -> str:
    counts, scheduler = view.seen.counts, view.cluster_status.scheduler
    if counts is None or scheduler is None or counts.scheduler != scheduler.uid:
        return ""
    if len(counts.distributed) < 2:
        return ""
    versions = ", ".join(counts.distributed)
    return (
        f"Scheduler, workers and clients have different versions of distributed ({versions}). "
        f"Let all of them use one image. {_REMEDY}."
    )


def _image(pod: Pod) -> str:
    containers = pod.raw["spec"].get("containers") or ()
    return str(next((each["image"] for each in containers if each["name"] == pod.component), ""))


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
