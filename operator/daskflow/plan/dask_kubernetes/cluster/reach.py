"""Whether clients and workers reach the scheduler by its Service, which is its user's in all that it says."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.reasons import Reason
from daskflow.plan.dask_kubernetes.pod import LeftBehind, TheirPod
from daskflow.plan.dask_kubernetes.words import Words
from daskflow.plan.model import Object

LONG = timedelta(seconds=30)
"""Until a load balancer has its address, clouds take from some seconds to a minute or two."""


def unaddressed(service: Object | None) -> bool:
    """Whether its clients still wait for the address of a load balancer."""
    if service is None or service["spec"].get("type") != "LoadBalancer":
        return False
    return not ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress")


def look_at(service: Object | None, now: datetime) -> datetime | None:
    """When there may be something to say of it; None: not by the clock."""
    created = (service or {}).get("metadata", {}).get("creationTimestamp")
    if not created or not unaddressed(service):
        return None
    at = instant(created) + LONG
    return at if at > now else None


def out_of_reach(service: Object | None, pod: TheirPod | None, now: datetime) -> Iterator[Words]:
    """What keeps the Service from leading to the scheduler's pod, as its user has written it."""
    if service is None:
        return
    name = service["metadata"]["name"]
    if pod is not None and not isinstance(pod, LeftBehind):
        for fault in _astray(service["spec"], pod.raw):
            yield Words(
                Reason.SCHEDULER_UNREACHABLE, f"Service {name} does not lead to the scheduler: {fault}"
            )
    created = service["metadata"].get("creationTimestamp")
    if unaddressed(service) and created and now >= instant(created) + LONG:
        message = (
            f"Service {name} of type LoadBalancer has no address, for which clients wait; `kubectl describe "
            f"service {name}` may say why. Without load balancers use ClusterIP or NodePort in a new cluster."
        )
        yield Words(Reason.SCHEDULER_UNREACHABLE, message)


def _astray(spec: Mapping[str, Any], pod: Object) -> Iterator[str]:
    selector, labels = spec.get("selector") or {}, pod["metadata"].get("labels") or {}
    wrong = sorted(f"{key}={value}" for key, value in selector.items() if labels.get(key) != value)
    if not selector:
        yield "it has no selector; write spec.scheduler.service.selector, and make the cluster anew."
    elif wrong:
        yield (
            f"pod {pod['metadata']['name']} has no label {', '.join(wrong)}; correct "
            "spec.scheduler.service.selector, and make the cluster anew."
        )
    containers = (*(pod["spec"].get("containers") or ()), *(pod["spec"].get("initContainers") or ()))
    named = {port.get("name") for each in containers for port in each.get("ports") or ()}
    for port in spec.get("ports") or ():
        target = port.get("targetPort")
        if isinstance(target, str) and not target.isdecimal() and target not in named:
            yield (
                f"its port {port.get('port')} is for one named {target}, which no container of its pod has: "
                "correct spec.scheduler.service.ports or the containers' ports, and make the cluster anew."
            )
