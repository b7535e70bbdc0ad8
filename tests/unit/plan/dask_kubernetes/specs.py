"""Specs as published clients send them, nulls included."""

from typing import Any

Spec = dict[str, Any]

WORKER_POD: Spec = {
    "containers": [
        {
            "name": "worker",
            "image": "ghcr.io/dask/dask:latest",
            "args": ["dask-worker", "--name", "$(DASK_WORKER_NAME)", "--dashboard"],
            "env": None,
            "resources": None,
        }
    ]
}
WORKER: Spec = {"replicas": 2, "spec": WORKER_POD}
SCHEDULER: Spec = {
    "spec": {
        "containers": [
            {
                "name": "scheduler",
                "image": "ghcr.io/dask/dask:latest",
                "args": ["dask-scheduler", "--host", "0.0.0.0"],
                "env": None,
                "resources": None,
                "ports": [{"name": "tcp-comm", "containerPort": 8786, "protocol": "TCP"}],
                "readinessProbe": {"httpGet": {"port": "http-dashboard", "path": "/health"}},
            }
        ]
    },
    "service": {
        "type": "ClusterIP",
        "selector": {"dask.org/cluster-name": "lab", "dask.org/component": "scheduler"},
        "ports": [{"name": "tcp-comm", "port": 8786, "protocol": "TCP", "targetPort": "tcp-comm"}],
    },
}
CLUSTER: Spec = {"idleTimeout": 0, "worker": WORKER, "scheduler": SCHEDULER}
WORKER_GROUP: Spec = {"cluster": "lab", "worker": WORKER}
JOB: Spec = {
    "job": {"spec": {"containers": [{"name": "job", "image": "x", "args": ["python", "-c", "1"]}]}},
    "cluster": {"spec": CLUSTER},
}
AUTOSCALER: Spec = {"cluster": "lab", "minimum": 1, "maximum": 10}
