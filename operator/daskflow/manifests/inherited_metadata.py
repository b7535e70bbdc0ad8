"""Labels and annotations of a FlowRun or DaskCluster that its pods carry, too (cost centres, teams)."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from daskflow.api.names import GROUP
from daskflow.api.shared import Shared
from daskflow.manifests.merge import merged
from daskflow.manifests.objects import Object

_NOT_INHERITED = (f"{GROUP}/", "kubectl.kubernetes.io/last-applied-configuration")

Spec = TypeVar("Spec", bound=Shared)


def with_inherited(spec: Spec, resource: Object, prefixes: Sequence[str]) -> Spec:
    """The spec with what the installation lets pods inherit in its template, below what stands there.

    The template goes to all pods, and to the clusters that a flow makes.
    """
    metadata = {
        field: chosen
        for field in ("labels", "annotations")
        if (chosen := _chosen(resource["metadata"].get(field) or {}, prefixes))
    }
    if not metadata:
        return spec
    return spec.model_copy(update={"template": merged({"metadata": metadata}, spec.template)})


def _chosen(given: Mapping[str, str], prefixes: Sequence[str]) -> dict[str, str]:
    return {
        name: value
        for name, value in given.items()
        if name.startswith(tuple(prefixes)) and not name.startswith(_NOT_INHERITED)
    }
