"""DaskClusters of dask-kubernetes as its clients send them, old command names and nulls included."""

from typing import Any

from tests.e2e.flows import IMAGE

CLUSTER = "DaskCluster.kubernetes.dask.org"
GROUP = "DaskWorkerGroup"
Object = dict[str, Any]


def worker(replicas: int | None, image: str = IMAGE, **more: Any) -> Object:
    """`spec.worker`."""
    args = ["dask-worker", "--name", "$(DASK_WORKER_NAME)", "--nthreads", "1", "--no-dashboard"]
    container = {"name": "worker", "image": image, "args": args, "env": None, "resources": None}
    return {"replicas": replicas, "spec": {"containers": [{**container, **more}]}}


def cluster(name: str, replicas: int | None = 1, image: str = IMAGE, **spec: Any) -> Object:
    """A cluster as `make_cluster_spec` makes it."""
    ports = [
        {"name": "tcp-comm", "containerPort": 8786, "protocol": "TCP"},
        {"name": "http-dashboard", "containerPort": 8787, "protocol": "TCP"},
    ]
    container = {
        "name": "scheduler",
        "image": image,
        "args": ["dask-scheduler", "--host", "0.0.0.0"],
        "env": None,
        "resources": None,
        "ports": ports,
        "readinessProbe": {"httpGet": {"port": "http-dashboard", "path": "/health"}, "periodSeconds": 1},
    }
    service = {
        "type": "ClusterIP",
        "selector": {"dask.org/cluster-name": name, "dask.org/component": "scheduler"},
        "ports": [
            {"name": name, "port": port, "targetPort": name}
            for name, port in (("tcp-comm", 8786), ("http-dashboard", 8787))
        ],
    }
    return {
        "apiVersion": "kubernetes.dask.org/v1",
        "kind": "DaskCluster",
        "metadata": {"name": name},
        "spec": {
            "idleTimeout": None,
            "worker": worker(replicas, image),
            "scheduler": {"spec": {"containers": [container]}, "service": service},
            **spec,
        },
    }


def group(name: str, of: str, replicas: int) -> Object:
    """A worker group that a client adds: without labels or owner."""
    return {
        "apiVersion": "kubernetes.dask.org/v1",
        "kind": GROUP,
        "metadata": {"name": name},
        "spec": {"cluster": of, "worker": worker(replicas)},
    }
