"""A DaskCluster's manifest, from what a program or a command line says of it."""

from collections.abc import Mapping
from typing import Any

from daskflow.api.names import API_VERSION, DASK_CLUSTER
from daskflow.client.manifest import merge

Object = dict[str, Any]


def cluster_manifest(
    name: str,
    *,
    image: str | None = None,
    workers: int | None = None,
    threads: int | None = None,
    memory: str | None = None,
    idle_timeout: str | None = None,
    no_client_timeout: str | None = None,
    dashboard: bool | None = None,
    spec: Mapping[str, Any] | None = None,
) -> Object:
    """The object; None is not in it. `memory` is request and limit of a worker; `spec` is merged over all."""
    resources = {"requests": {"memory": memory}, "limits": {"memory": memory}} if memory else None
    given = {
        "image": image,
        "workers": _given(replicas=workers, threads=threads, resources=resources) or None,
        "idleTimeout": idle_timeout,
        "noClientTimeout": no_client_timeout,
        "dashboard": dashboard,
    }
    return {
        "apiVersion": API_VERSION,
        "kind": DASK_CLUSTER,
        "metadata": {"name": name},
        "spec": merge(_given(**given), spec or {}),
    }


def scaled(workers: int | None, cores: int | None, memory: str | None) -> Object:
    """The change of `spec.workers` that makes it so many, or as many as cores and memory take."""
    total = _given(cores=cores, memory=memory) or None
    return {"autoscale": None, "replicas": workers, "total": total}


def adapting(
    minimum: int, maximum: int, target_duration: str | None = None, scale_down_delay: str | None = None
) -> Object:
    """The change of `spec.workers` that lets the scheduler's demand say how many."""
    delays = _given(targetDuration=target_duration, scaleDownDelay=scale_down_delay)
    return {"autoscale": {"minimum": minimum, "maximum": maximum, **delays}}


def _given(**fields: Any) -> Object:
    return {name: value for name, value in fields.items() if value is not None}
