"""How a DaskCluster's pods are connected: what was written down when it was made, and how to ask them."""

from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.dask_kubernetes.cluster import Injected, status_of
from daskflow.manifests.dask_kubernetes.injection import heeded
from daskflow.manifests.settings import Injection, Settings
from daskflow.plan.dask_kubernetes.pod import TheirPod
from daskflow.plan.model import Object, Question
from daskflow.plan.question import Keys


def injection_of(cluster: Object, settings: Settings) -> Injection:
    """What is injected into its pods. What its status says holds: another word later would part its pods."""
    said = status_of(cluster).injected
    if said is None:
        return heeded(cluster, settings.dask_kubernetes.injection)
    return Injection(said.preload, said.tls)


def recorded(injection: Injection) -> Injected:
    """The same for its status."""
    return Injected(preload=injection.preload, tls=injection.tls)


def asked(pod: TheirPod, service: Object | None, cluster: Object, **what: Any) -> Question | None:
    """A question to its scheduler; None as long as that does not run."""
    said = status_of(cluster).injected or Injected()
    scheme = Injection(said.preload, said.tls).scheme
    address = pod.address(service, scheme)
    if address is None:
        return None
    meta = cluster["metadata"]
    keys = Keys(meta["uid"], instant(meta["creationTimestamp"])) if scheme == "tls" else None
    return Question(pod.uid, address, keys, **what)
