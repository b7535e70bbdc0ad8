"""Metadata of the children of dask-kubernetes' kinds: what users gave, and what makes them ours."""

from collections.abc import Mapping
from typing import Any

from daskflow.api.dask_kubernetes.model import Metadata
from daskflow.api.dask_kubernetes.names import ANNOTATIONS_KEPT_BACK, LABEL_CLUSTER, LABEL_COMPONENT
from daskflow.api.names import GROUP
from daskflow.manifests.objects import Object, child_metadata

_OURS = f"{GROUP}/"
"""What begins so says something to us, which users cannot say of their clusters' children."""


def child(owner: Object, name: str, given: Metadata, labels: Mapping[str, str]) -> dict[str, Any]:
    """Metadata of a child: the owner's, then what its spec gives, then `labels`."""
    meta = owner["metadata"]
    theirs = {**_passed_on(meta.get("labels")), **_passed_on(given.labels)}
    said = {**_passed_on(meta.get("annotations")), **_passed_on(given.annotations)}
    made = child_metadata(owner, name, {})
    return {
        **made,
        "labels": {**theirs, **labels, **made["labels"]},
        "annotations": {**said, **made["annotations"]},
    }


def labels_of(cluster: str, component: str) -> dict[str, str]:
    """By which published clients find what belongs to a cluster."""
    return {LABEL_CLUSTER: cluster, LABEL_COMPONENT: component}


def _passed_on(given: Mapping[str, str] | None) -> dict[str, str]:
    kept_back = (*ANNOTATIONS_KEPT_BACK, _OURS)
    return {name: text for name, text in (given or {}).items() if not name.startswith(kept_back)}
