"""Makes the definitions of dask-kubernetes' kinds: `python -m daskflow.api.dask_kubernetes.crd DIRECTORY`.

Names, columns and scale are those of the published ones. What they accept is accepted: pods' specs are kept
whole, where theirs drop what Kubernetes 1.21 did not know, and statuses hold what people are told beside the
words that clients read. All have the status subresource, so that a status is no new generation; published
clients only read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from daskflow.api.crd import main, structural
from daskflow.api.dask_kubernetes import autoscaler, cluster, job, worker_group
from daskflow.api.dask_kubernetes.names import AUTOSCALER, CLUSTER, GROUP, JOB, VERSION, WORKER_GROUP
from daskflow.api.model import Model
from daskflow.api.names import word_of

_SCALE = {
    "specReplicasPath": ".spec.worker.replicas",
    "statusReplicasPath": ".status.replicas",
}
_WORKER = {"worker.replicas": 1}
_CLUSTER = {"idleTimeout": 0, **_WORKER}


@dataclass(frozen=True)
class Kind:
    """One of their kinds as the API server needs to know it."""

    name: str
    """Within the operator."""
    plural: str
    short: tuple[str, ...]
    spec: type[Model]
    status: type[Model]
    columns: tuple[tuple[str, str, str], ...]
    """Name, type and JSONPath of each column of `kubectl get`, but for the age."""
    scale: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Dotted path within the spec to what the API server fills in."""

    @property
    def definition(self) -> dict[str, Any]:
        """The CustomResourceDefinition."""
        word = word_of(self.name)
        columns = (*self.columns, ("Age", "date", ".metadata.creationTimestamp"))
        names = {
            "kind": word,
            "listKind": f"{word}List",
            "plural": self.plural,
            "singular": word.lower(),
            **({"shortNames": list(self.short)} if self.short else {}),
        }
        version = {
            "name": VERSION,
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": self._schema()},
            "subresources": {"status": {}, **({"scale": dict(self.scale)} if self.scale else {})},
            "additionalPrinterColumns": [
                {"name": name, "type": type_, "jsonPath": path} for name, type_, path in columns
            ],
        }
        return {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{self.plural}.{GROUP}"},
            "spec": {"group": GROUP, "names": names, "scope": "Namespaced", "versions": [version]},
        }

    def _schema(self) -> dict[str, Any]:
        spec = structural(self.spec)
        for path, value in self.defaults.items():
            node = spec
            for step in path.split("."):
                node = node["properties"][step]
            node["default"] = value
        # What another writer has left there stays; nothing of it is required.
        status = {**structural(self.status), "x-kubernetes-preserve-unknown-fields": True}
        return {
            "type": "object",
            "description": (self.spec.__doc__ or "").strip(),
            "required": ["spec"],
            "properties": {
                "apiVersion": {"type": "string"},
                "kind": {"type": "string"},
                "metadata": {"type": "object"},
                "spec": spec,
                "status": status,
            },
        }


KINDS = (
    Kind(
        CLUSTER,
        "daskclusters",
        ("daskcluster", "dsk"),
        cluster.DaskClusterSpec,
        cluster.DaskClusterStatus,
        (("Workers", "integer", ".spec.worker.replicas"), ("Status", "string", ".status.phase")),
        _SCALE,
        _CLUSTER,
    ),
    Kind(
        WORKER_GROUP,
        "daskworkergroups",
        ("daskworkers",),
        worker_group.DaskWorkerGroupSpec,
        worker_group.DaskWorkerGroupStatus,
        (("Workers", "integer", ".spec.worker.replicas"),),
        {**_SCALE, "labelSelectorPath": ".status.selector"},
        _WORKER,
    ),
    Kind(
        JOB,
        "daskjobs",
        ("djb",),
        job.DaskJobSpec,
        job.DaskJobStatus,
        (
            ("Status", "string", ".status.jobStatus"),
            ("Number Of Workers", "integer", ".spec.cluster.spec.worker.replicas"),
        ),
        defaults={f"cluster.spec.{path}": value for path, value in _CLUSTER.items()},
    ),
    Kind(
        AUTOSCALER,
        "daskautoscalers",
        (),
        autoscaler.DaskAutoscalerSpec,
        autoscaler.DaskAutoscalerStatus,
        (
            ("Cluster", "string", ".spec.cluster"),
            ("Minimum", "integer", ".spec.minimum"),
            ("Maximum", "integer", ".spec.maximum"),
        ),
    ),
)


if __name__ == "__main__":
    main(KINDS)
