"""Why a pod has no node, by the words of its scheduler, or by their absence.

kube-scheduler writes `0/5 nodes are available: 3 Insufficient cpu, 2 node(s) had untolerated taint {a: b}.
preemption: …`; the words are those of its plugins (pkg/scheduler/framework/plugins in Kubernetes). What is
not known is repeated without advice.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from daskflow.api.exceeded_quota import exceeded
from daskflow.api.quantities import quantity
from daskflow.api.reasons import Reason
from daskflow.plan.cause import Cause
from daskflow.plan.pod.pod import Pod

GATED = timedelta(seconds=20)
"""Before a scheduling gate is told of: controllers that set one mostly take it away within seconds."""
SILENCE = timedelta(seconds=40)
"""The same of a scheduler, or a kubelet, that has not looked at a pod."""

_CLAIM = r"[Pp]ersistent[Vv]olume[Cc]laim"
_ADVICE: tuple[tuple[str, str], ...] = (
    (rf'{_CLAIM} "?[^" ]+"? not found', "Create the PersistentVolumeClaim, or correct claimName."),
    (rf"{_CLAIM} .* bound to non-existent|bound to non-existent pv", "Make the PersistentVolumeClaim again."),
    (rf"{_CLAIM} .* is being deleted", "Make the PersistentVolumeClaim again when it is gone."),
    (
        r"unbound immediate PersistentVolumeClaims|find available persistent volumes to bind",
        "Its PersistentVolumeClaim has no volume: see `kubectl describe pvc`.",
    ),
    (r"storageclass.* not found", "Create the StorageClass, or name another in the PersistentVolumeClaim."),
    (
        r"volume node affinity conflict|didn't match PersistentVolume's node affinity|available volume zone",
        "Its volume can only be reached from other nodes: let the pod run where the volume is.",
    ),
    (
        r"ReadWriteOncePod|PersistentVolumeClaim with the same name",
        "Another pod has the PersistentVolumeClaim for itself: use one that several pods may mount.",
    ),
    (
        r"node affinity/selector|node selector|node affinity",
        "Correct nodeSelector or affinity in the template, or label a node.",
    ),
    (r"taint", "Add a toleration to the template, or remove the taint."),
    (r"topology spread", "Correct topologySpreadConstraints in the template, or add nodes."),
    (r"pod (anti-)?affinity|anti-affinity rules", "Correct podAffinity or podAntiAffinity in the template."),
    (r"free ports", "Leave hostPort out of the template, or add nodes."),
    (r"[Rr]esource ?[Cc]laim", "Check the resource claims in the template."),
    (r"were unschedulable", "Nodes are cordoned: uncordon one, or add nodes."),
    (
        r"Insufficient |Too many pods|max volume count|enough free storage|no nodes available",
        "Ask for less or add nodes.",
    ),
)
"""By what is said, the most particular first: what to do."""
_TWICE = re.compile(r"(not found)(?:\. not found)+")
"""What kube-scheduler says of a claim that is missing, and once more of having looked for what to preempt."""


def cause(pod: Pod, now: datetime) -> Cause | None:
    """What keeps the pod from getting a node, or its node from looking at it."""
    scheduled = pod.condition("PodScheduled")
    if scheduled.get("reason") == "Unschedulable":
        return Cause(Reason.UNSCHEDULABLE, _unschedulable(pod, str(scheduled.get("message", ""))), False)
    waiting = _waits_for(pod)
    if waiting is None or now < waiting[0]:
        return None
    return Cause(Reason.UNSCHEDULABLE, waiting[1], certain=False)


_NO_HELP = re.compile(r"preemption: 0/(\d+) nodes are available: \1 Preemption is not helpful for scheduling")


def room_would_help(message: str) -> bool:
    """Whether a pod of which this is said might come to be if others went.

    kube-scheduler knows where not, and nobody helps one that asks for more than its whole quota.
    """
    if _NO_HELP.search(message) is not None:
        return False
    return not any(
        _more(amount, quota.hard.get(name, amount))
        for quota in exceeded(message)
        for name, amount in quota.asked.items()
    )


def _more(asked: str, hard: str) -> bool:
    """Whether it is, as far as both are numbers."""
    try:
        return quantity(asked) > quantity(hard)
    except ValueError:
        return False


def times(pod: Pod) -> Iterator[datetime]:
    """When there is something to say of it, if it stays as it is."""
    if waiting := _waits_for(pod):
        yield waiting[0]


def _waits_for(pod: Pod) -> tuple[datetime, str] | None:
    """What it has waited for too long, and from when on that is to be told."""
    if pod.deleting or "startTime" in pod.status:
        return None
    if gates := [str(gate["name"]) for gate in pod.other_gates]:
        what = "gate" if len(gates) == 1 else "gates"
        return pod.created_at + GATED, (
            f"Pod {pod.name} has no node yet: it waits until its scheduling {what} {', '.join(gates)} "
            "is removed by whoever set it; check that this controller runs, or leave the gate out."
        )
    spec = pod.raw["spec"]
    if pod.gated or pod.condition("PodScheduled").get("status") == "False":
        return None
    if node := spec.get("nodeName"):
        # Without the pod's name: of hundreds it would be another one at each look, and each a write.
        message = f"Node {node} has not begun with a pod that it was given; check that the node answers."
        return pod.created_at + SILENCE, message
    scheduler = spec.get("schedulerName", "default-scheduler")
    return pod.created_at + SILENCE, (
        f'No scheduler has looked at pod {pod.name}: its schedulerName is "{scheduler}"; check that a '
        "scheduler of that name runs, or correct schedulerName in the template."
    )


def _unschedulable(pod: Pod, message: str) -> str:
    said = _TWICE.sub(r"\1", message.rstrip(". "))
    why = re.split(r"\.? ?preemption:", said)[0]
    advice = dict.fromkeys(what for words, what in _ADVICE if re.search(words, why))
    short = list(advice) == ["Ask for less or add nodes."]
    head = f"No node {'has room for' if short else 'takes'} pod {pod.name}"
    return f"{head}: {said}." + (f" {' '.join(advice)}" if advice else "")
