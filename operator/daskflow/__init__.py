"""Runs packaged flows on ephemeral Dask clusters in Kubernetes.

The SDK (docs/sdk.md) is imported when it is first asked for: in pods there is only `daskflow.runtime`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daskflow.client import models as models
    from daskflow.client.cluster.dask_cluster import Cluster
    from daskflow.client.connection import Connection
    from daskflow.client.errors import Cancelled, DaskflowError, FlowFailed, NotFinished
    from daskflow.client.models import FlowRun
    from daskflow.client.run import AsyncRun
    from daskflow.client.sync import Run, submit

__version__ = "0.1.0"

__all__ = [
    "AsyncRun",
    "Cancelled",
    "Cluster",
    "Connection",
    "DaskflowError",
    "FlowFailed",
    "FlowRun",
    "NotFinished",
    "Run",
    "__version__",
    "models",
    "submit",
]

_MODULES = {
    "AsyncRun": "run",
    "Cancelled": "errors",
    "Cluster": "cluster.dask_cluster",
    "Connection": "connection",
    "DaskflowError": "errors",
    "FlowFailed": "errors",
    "FlowRun": "models",
    "NotFinished": "errors",
    "Run": "sync",
    "submit": "sync",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "models":
        return import_module("daskflow.client.models")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"daskflow.client.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
