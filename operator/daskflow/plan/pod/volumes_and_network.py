"""Pods that are on a node but lack what has to be there before any container: their volumes, or a network.

The kubelet says why only in Events, which the operator does not read. A Secret, ConfigMap or claim that a
volume names and that is not there is what it mostly is.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.conditions import instant
from daskflow.manifests.common_pod import OWN_VOLUMES
from daskflow.manifests.files import VOLUMES
from daskflow.plan.pod.pod import Pod

LONG = timedelta(seconds=20)
"""Volumes of Secrets are there within a second or two; attaching a disk may take minutes."""
_NAMED = 5
_ALWAYS_THERE = "kube-root-ca.crt"
"""A ConfigMap that Kubernetes makes in each namespace, and mounts with each token."""
_KINDS = {
    "configMap": ("ConfigMap", "name"),
    "secret": ("Secret", "secretName"),
    "persistentVolumeClaim": ("PersistentVolumeClaim", "claimName"),
}


def unset_since(pod: Pod) -> datetime | None:
    """Since when it has been on its node without volumes or network; None if it is not so."""
    if pod.deleting or not pod.unset:
        return None
    at = pod.condition("PodScheduled").get("lastTransitionTime")
    return instant(at) if at else None


def sentence(pod: Pod, now: datetime) -> str:
    """What to say of a pod that has waited for long; else empty."""
    since = unset_since(pod)
    if since is None or now < since + LONG:
        return ""
    named = sorted(set(_sources(pod.raw["spec"].get("volumes") or ())))
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    unset = f"Pod {pod.name} is on its node, but its volumes or network are not set up"
    if not named:
        return f"{unset}; the node may be busy. `kubectl describe pod {pod.name}` says what it waits for."
    return (
        f"{unset}; check that all it mounts is there, with the keys it names: "
        f"{', '.join(named[:_NAMED])}{more}. `kubectl describe pod {pod.name}` says which is not."
    )


def _sources(volumes: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """What the volumes need that somebody else has to provide, in words."""
    for volume in volumes:
        sources = (volume.get("projected") or {}).get("sources") or ()
        if volume["name"] in VOLUMES:
            field = "sources" if sources else "configMapRef"
            for needed in (volume, *sources):
                yield from (f"{name} (spec.flow.files.{field})" for name in _named_by(needed))
            continue
        own = volume["name"] in OWN_VOLUMES
        if not own:
            yield from _named_by(volume)
        for source in sources:
            # Of ours only certificates that the user brings are picked item by item.
            if not own or "items" in (source.get("secret") or {}):
                yield from _named_by(source)


def _named_by(source: Mapping[str, Any]) -> Iterable[str]:
    for kind, (word, field) in _KINDS.items():
        reference = source.get(kind) or {}
        name = reference.get(field) or reference.get("name")
        if reference and not reference.get("optional") and name != _ALWAYS_THERE:
            yield f'{word} "{name}"'
