"""A live DaskCluster goes from dask-kubernetes' operator to ours and back, as docs/migrating.md tells it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.peer import environment
from integrations.kubectl import Namespace, kubectl, namespace, until

CLUSTER = "daskclusters.kubernetes.dask.org"
IMAGE = "docker.io/library/dask-kubernetes:dev"
"""With a Dask that still has the commands which the other operator's users write."""
SCHEDULERS = "dask.org/component=scheduler"
OURS = "app.kubernetes.io/managed-by=daskflow"
SECONDS = 120


def cluster(name: str) -> dict[str, Any]:
    def pod(kind: str, *args: str) -> dict[str, Any]:
        return {"spec": {"containers": [{"name": kind, "image": IMAGE, "args": [f"dask-{kind}", *args]}]}}

    service = {
        "type": "ClusterIP",
        "selector": {"dask.org/cluster-name": name, "dask.org/component": "scheduler"},
        "ports": [{"name": "tcp-comm", "port": 8786, "targetPort": 8786}],
    }
    worker = {"replicas": 1, **pod("worker", "--name", "$(DASK_WORKER_NAME)")}
    spec = {"worker": worker, "scheduler": {**pod("scheduler"), "service": service}}
    return {
        "apiVersion": "kubernetes.dask.org/v1",
        "kind": "DaskCluster",
        "metadata": {"name": name},
        "spec": spec,
    }


@contextmanager
def theirs(place: Namespace, log: Path) -> Iterator[None]:
    """dask-kubernetes' operator for one namespace, as a process."""
    command = [environment() / "bin" / "kopf", "run", "-m", "dask_kubernetes.operator.controller"]
    with log.open("a") as output:
        process = subprocess.Popen(
            [*command, "--namespace", place.name], stdout=output, stderr=output, env=dict(os.environ)
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def ours(replicas: int) -> None:
    """So many of our operator."""
    kubectl("--namespace", "daskflow-system", "scale", "deployment/daskflow", f"--replicas={replicas}")
    kubectl("--namespace", "daskflow-system", "rollout", "status", "deployment/daskflow", "--timeout=120s")
    if not replicas:
        kubectl(
            *(
                "--namespace",
                "daskflow-system",
                "wait",
                "pods",
                "--selector",
                "app.kubernetes.io/name=daskflow",
            ),
            *("--for=delete", "--timeout=60s"),
        )


def one_scheduler(place: Namespace) -> Any:
    """The pod, if there is one and it runs."""
    found = [pod for pod in place.items("pods", SCHEDULERS) if not pod["metadata"].get("deletionTimestamp")]
    return found[0] if len(found) == 1 and found[0]["status"].get("phase") == "Running" else None


def test_a_cluster_moves_over_and_back(tmp_path: Path) -> None:
    log = tmp_path / "theirs.log"
    with namespace(restricted=False) as place:
        try:
            ours(0)
            with theirs(place, log):
                place.apply(cluster("lab"))
                until("their scheduler", lambda: one_scheduler(place), SECONDS, log.read_text)
                assert place.items("deployments", SCHEDULERS)
            assert (place.get(CLUSTER, "lab") or {})["metadata"]["finalizers"]

            place.kubectl("delete", "deployments", "--selector", "dask.org/cluster-name")
            until("their pods to be gone", lambda: not place.items("pods"), SECONDS, place.picture)
            ours(1)
            pod = until("our scheduler", lambda: one_scheduler(place), SECONDS, place.picture)
            assert pod["metadata"]["name"] == "lab-scheduler"
            until("our worker", lambda: len(place.items("pods", OURS)) == 2, SECONDS, place.picture)
            moved = until("the marks to be off", lambda: _unmarked(place), SECONDS, place.picture)
            assert moved["status"]["phase"] == "Running"

            ours(0)
            place.kubectl("delete", "pods", "--selector", f"dask.org/cluster-name,{OURS}")
            with theirs(place, log):
                back = until("their scheduler again", lambda: one_scheduler(place), SECONDS, log.read_text)
                assert back["metadata"]["name"].startswith("lab-scheduler-")
                place.kubectl("delete", CLUSTER, "lab", "--timeout=60s")
        finally:
            ours(1)


def _unmarked(place: Namespace) -> Any:
    found = place.get(CLUSTER, "lab") or {}
    meta = found.get("metadata") or {}
    marks = [name for name in meta.get("annotations") or {} if name.startswith("kopf.")]
    return None if marks or meta.get("finalizers") else found
