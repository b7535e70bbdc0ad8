"""The Secret that pods of a DaskCluster of dask-kubernetes mount, where anything is injected into them."""

import base64
from datetime import datetime
from typing import Any

from daskflow.api.dask_kubernetes.model import Metadata
from daskflow.api.dask_kubernetes.names import LABEL_CLUSTER
from daskflow.manifests.dask_kubernetes.injection import files
from daskflow.manifests.dask_kubernetes.metadata import child
from daskflow.manifests.naming import secret_name
from daskflow.manifests.objects import Object
from daskflow.manifests.settings import Injection, Settings


def secret(cluster: Object, injection: Injection, settings: Settings) -> dict[str, Any]:
    """Preloads, the runtime that they are of, and certificates where connections are encrypted."""
    meta = cluster["metadata"]
    created = datetime.fromisoformat(meta["creationTimestamp"])
    labels = {LABEL_CLUSTER: meta["name"]}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": child(cluster, mounted(cluster, settings), Metadata(), labels),
        "immutable": True,
        "type": "Opaque",
        "stringData": files(injection, settings.root_key, meta["uid"], created),
        "data": {"runtime.pyz": base64.b64encode(settings.runtime).decode()},
    }


def mounted(cluster: Object, settings: Settings) -> str:
    """Its name."""
    meta = cluster["metadata"]
    return secret_name(meta["name"], settings.root_key, meta["uid"])
