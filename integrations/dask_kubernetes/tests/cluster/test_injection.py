"""What an annotation brings into users' pods: certificates, and preloads by which workers hand over."""

import json
from typing import Any

import pytest
from dask_kubernetes.operator import KubeCluster, make_cluster_spec
from distributed import Client

from integrations.dask_kubernetes.tests.cluster.conftest import CURRENT, OLD, workers
from integrations.kubectl import Namespace, until

CLUSTERS = "daskclusters.kubernetes.dask.org"
KNOCK = """
import socket, sys, urllib.error, urllib.request
import distributed
for path in ("health", "status", "json/counts.json"):
    try:
        print(path, urllib.request.urlopen(f"http://lab-scheduler:8787/{path}", timeout=5).status)
    except urllib.error.HTTPError as error:
        print(path, error.code)
try:
    distributed.Client("tcp://lab-scheduler:8786", timeout="5s")
except Exception as error:
    print("refused", type(error).__name__)
"""
"""What another pod of the namespace may do."""


def spec_of(image: str, n_workers: int = 2, **annotations: str) -> dict[str, Any]:
    spec: dict[str, Any] = make_cluster_spec("lab", image=image, n_workers=n_workers)
    spec["metadata"]["annotations"] = {f"daskflow.dev/{name}": text for name, text in annotations.items()}
    return spec


def logs_of_pod(home: Namespace, name: str) -> str:
    """Once it has ended."""

    def ended() -> str:
        phase = ((home.get("pod", name) or {}).get("status") or {}).get("phase", "")
        return phase if phase in ("Succeeded", "Failed") else ""

    phase = until(f"pod {name} to end", ended, 90)
    printed = home.kubectl("logs", name)
    assert phase == "Succeeded", printed
    return printed


@pytest.mark.parametrize("image", [OLD, CURRENT])
def test_tls_among_pods_and_a_client_by_port_forward(home: Namespace, image: str) -> None:
    spec = spec_of(image, tls="Pods")
    with (
        KubeCluster(custom_cluster_spec=spec, namespace=home.name, quiet=True) as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(2, timeout=60)
        assert client.submit(sum, client.map(abs, range(-9, 0))).result(timeout=60) == 45
        addresses = client.sync(client.scheduler.identity, n_workers=-1)["workers"]
        assert {address.partition(":")[0] for address in addresses} == {"tls"}
        cluster.scale(1)  # the operator asks the scheduler which one is to go, over TLS
        until("one to leave", lambda: len(workers(client)) == 1)
        container = {"name": "knock", "image": CURRENT, "args": ["python", "-c", KNOCK]}
        pod = {"restartPolicy": "Never", "containers": [container]}
        home.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "knock"}, "spec": pod})
        told = logs_of_pod(home, "knock").splitlines()
        assert told[:3] == ["health 200", "status 403", "json/counts.json 403"]
        assert told[-1].startswith("refused ")


@pytest.mark.parametrize("image", [OLD, CURRENT])
def test_a_job_all_of_whose_connections_are_encrypted(home: Namespace, image: str) -> None:
    cluster = spec_of(image)["spec"]
    code = "from distributed import Client; c = Client(); print(c.scheduler.address.split(':')[0], "
    code += "c.submit(abs, -3).result(timeout=60))"
    program = {"name": "job", "image": image, "args": ["python", "-c", code]}
    cluster["scheduler"]["service"]["selector"]["dask.org/cluster-name"] = "sums"
    job = {"spec": {"restartPolicy": "Never", "containers": [program]}}
    body = {
        "apiVersion": "kubernetes.dask.org/v1",
        "kind": "DaskJob",
        "metadata": {"name": "sums", "annotations": {"daskflow.dev/tls": "All"}},
        "spec": {"job": job, "cluster": {"spec": cluster}},
    }
    home.apply(json.loads(json.dumps(body)))
    assert logs_of_pod(home, "sums-runner").splitlines()[-1] == "tls 3"

    def word() -> str:
        return str(((home.get("daskjobs", "sums") or {}).get("status") or {}).get("jobStatus", ""))

    until("the job to be Successful", lambda: word() == "Successful")


@pytest.mark.parametrize("image", [OLD, CURRENT])
def test_a_worker_whose_pod_is_deleted_hands_over(home: Namespace, image: str) -> None:
    def computed(dask_scheduler: Any) -> int:
        """How often a task went from being processed to memory."""
        log = dask_scheduler.transition_log
        return sum(story[1] == "processing" and story[2] == "memory" for story in log)

    spec = spec_of(image, preload="true")
    with (
        KubeCluster(custom_cluster_spec=spec, namespace=home.name, quiet=True) as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(2, timeout=60)
        kept = client.map(abs, range(-40, 0))
        assert client.submit(sum, kept).result(timeout=60) == sum(range(41))
        transitions = client.run_on_scheduler(computed)
        first, _ = workers(client)
        home.kubectl("delete", "pod", first)
        assert client.submit(sum, kept, pure=False).result(timeout=60) == sum(range(41))
        # Nothing was computed anew but the last sum.
        assert client.run_on_scheduler(computed) == transitions + 1


def test_an_annotation_that_says_nothing_is_told(home: Namespace) -> None:
    spec = spec_of(CURRENT, tls="sometimes")
    home.apply(json.loads(json.dumps(spec)))

    def phase() -> dict[str, Any]:
        return dict((home.get(CLUSTERS, "lab") or {}).get("status") or {})

    status = until("the phase Error", lambda: phase() if phase().get("phase") == "Error" else {})
    assert status["message"] == "the annotation daskflow.dev/tls is 'sometimes'; write None, Pods or All."
    assert not home.items("pods")
