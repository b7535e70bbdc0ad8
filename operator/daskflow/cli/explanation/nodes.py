"""Why no node takes a pod, by the words of the scheduler."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from daskflow.api.quantities import quantity
from daskflow.api.wording import counted
from daskflow.cli.explanation.found import Object

_OF = re.compile(r"^0/(?P<all>\d+) nodes are available: (?P<why>.*)", re.S)
_EACH = re.compile(r"(?P<count>\d+) (?P<what>[^,]*?(?:\{[^}]*\}[^,]*?)*)(?:, (?=\d)|$)", re.S)
_WORDS = (
    (r"Insufficient (?P<what>\S+)", "too little {what} is left"),
    (r"Too many pods", "as many pods as the node takes are there"),
    (
        r"untolerated taint\(?s?\)? \{(?P<what>[^}]*)\}",
        "it has the taint {what}, for which the pod has no toleration",
    ),
    (r"untolerated taint", "it has a taint for which the pod has no toleration"),
    (r"node affinity/selector|node selector", "its labels are not those of nodeSelector or affinity"),
    (r"were unschedulable", "it is cordoned: it takes no new pods"),
    (r"volume node affinity conflict", "the pod's volume cannot be reached from it"),
    (r"volume zone", "the pod's volume is in another zone"),
    (r"max volume count", "it has as many volumes as it can"),
    (r"free ports", "the port that the pod wants is taken"),
    (r"topology spread", "topologySpreadConstraints forbid it"),
    (r"anti-affinity", "pods that are there and this one keep away from each other"),
    (r"pod affinity", "it does not run the pods that this one wants to be near"),
)
"""By the words of kube-scheduler's plugins."""


def unplaced(pods: Iterable[Object], nodes: Sequence[Object]) -> Iterator[str]:
    """For all pods that wait for a node, those of which the same is said together."""
    waiting: dict[tuple[str, str], list[str]] = {}
    for pod in pods:
        said = _scheduler_says(pod)
        if said:
            waiting.setdefault((said, _asked(pod)), []).append(str(pod["metadata"]["name"]))
    for (said, asked), names in waiting.items():
        found = _OF.match(said)
        if not found:
            continue
        what = f"the pod {names[0]}" if len(names) == 1 else f"{len(names)} pods ({names[0]}, …)"
        each = "which asks" if len(names) == 1 else "each of which asks"
        yield f"No node takes {what}" + (f", {each} for {asked}:" if asked else ":")
        yield from (f"  {line}" for line in _reasons(found["why"]))
        if re.search("Insufficient", said) and (largest := _largest(nodes)):
            yield f"  {largest}"


def _scheduler_says(pod: Object) -> str:
    for condition in (pod.get("status") or {}).get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("reason") == "Unschedulable":
            return str(condition.get("message") or "")
    return ""


def _reasons(why: str) -> Iterator[str]:
    why = re.split(r"\.? ?preemption:| no new claims", why)[0].rstrip(". ")
    for each in _EACH.finditer(why):
        yield f"{counted(int(each['count']), 'node')}: {_in_words(each['what'].strip())}"


def _in_words(what: str) -> str:
    for pattern, words in _WORDS:
        if found := re.search(pattern, what):
            return words.format(**found.groupdict())
    return what.removeprefix("node(s) ")


def _asked(pod: Object) -> str:
    """What its containers ask for together."""
    total: dict[str, Any] = {}
    for container in (pod.get("spec") or {}).get("containers") or ():
        for what, amount in ((container.get("resources") or {}).get("requests") or {}).items():
            total.setdefault(what, []).append(str(amount))
    return ", ".join(f"{what} {' + '.join(amounts)}" for what, amounts in sorted(total.items()))


def _largest(nodes: Sequence[Object]) -> str:
    """The most that any node has in all, whatever runs there."""
    best: dict[str, str] = {}
    for node in nodes:
        for what, amount in ((node.get("status") or {}).get("allocatable") or {}).items():
            if what in ("cpu", "memory") and quantity(amount) > quantity(best.get(what, "0")):
                best[what] = str(amount)
    if not best:
        return ""
    words = ", ".join(f"{what} {_short(best[what])}" for what in sorted(best))
    return f"The most that a node has in all: {words}."


def _short(amount: str) -> str:
    """Kubelets tell memory in Ki."""
    gib = quantity(amount) / 2**30
    return f"{float(gib):.1f}Gi" if amount.endswith("Ki") and gib >= 1 else amount
