"""What all children have in common: names, labels and the owner that takes them along."""

from collections.abc import Mapping
from typing import Any

from daskflow.api.names import API_VERSION, LABEL_MANAGED_BY, MANAGED_BY

_API_VERSIONS = {"Pod": "v1"}
"""Of owners that are not of our own kinds."""

Object = Mapping[str, Any]


def owner_reference(owner: Object) -> dict[str, Any]:
    """The reference that makes the garbage collector remove a child after its owner.

    `blockOwnerDeletion` stays off: it would need a right on the owner's finalizers.
    """
    return {
        "apiVersion": _API_VERSIONS.get(owner["kind"], API_VERSION),
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }


def child_metadata(owner: Object, name: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """Metadata of a child of `owner`, labelled so that the operator's watches see it."""
    return {
        "name": name,
        "namespace": owner["metadata"]["namespace"],
        "labels": {LABEL_MANAGED_BY: MANAGED_BY, **labels},
        "ownerReferences": [owner_reference(owner)],
    }
