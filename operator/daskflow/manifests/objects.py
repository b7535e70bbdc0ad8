"""What all children have in common: names, labels and the owner that takes them along."""

from collections.abc import Mapping
from typing import Any

from daskflow.api.names import ANNOTATION_OWNER, API_VERSION, LABEL_MANAGED_BY, MANAGED_BY, kind_of

Object = Mapping[str, Any]

MANAGED = {LABEL_MANAGED_BY: MANAGED_BY}
"""On all children: the operator's watches select by it."""


def owner_reference(owner: Object) -> dict[str, Any]:
    """The reference that makes the garbage collector remove a child after its owner.

    `blockOwnerDeletion` stays off: it would need a right on the owner's finalizers.
    """
    return {
        "apiVersion": owner.get("apiVersion", API_VERSION),
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }


def child_metadata(owner: Object, name: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """Metadata of a child of `owner`, labelled so that the operator's watches see it."""
    meta = owner["metadata"]
    return {
        "name": name,
        "namespace": meta["namespace"],
        "labels": {**MANAGED, **labels},
        "annotations": {ANNOTATION_OWNER: "/".join((kind_of(owner), meta["name"], meta["uid"], name))},
        "ownerReferences": [owner_reference(owner)],
    }


def owner_of(child: Object) -> Mapping[str, Any] | None:
    """Who controls this object: `kind` (as `kind_of` has it), `name` and `uid`.

    What was written on it when it was made wins over an owner reference that somebody has changed since. A
    copy under another name is nobody's.
    """
    meta = child["metadata"]
    said = str((meta.get("annotations") or {}).get(ANNOTATION_OWNER, "")).split("/")
    if len(said) == 4 and said[3] == meta["name"]:
        return dict(zip(("kind", "name", "uid"), said, strict=False))
    for reference in meta.get("ownerReferences") or ():
        if reference.get("controller"):
            return {**reference, "kind": kind_of(reference)}
    return None
