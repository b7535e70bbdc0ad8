"""What a notebook does with KubeCluster in its first hour; `make test` runs this file, too."""

import os
import urllib.request
from collections.abc import Callable

import pytest
from dask_kubernetes.operator import KubeCluster
from distributed import Client

from integrations.dask_kubernetes.tests.cluster.conftest import CURRENT, OLD, workers
from integrations.kubectl import Namespace, until

Make = Callable[..., KubeCluster]


@pytest.mark.parametrize("image", [OLD, CURRENT])
def test_from_arguments_to_close(home: Namespace, make: Make, image: str) -> None:
    with make(image=image, env={"GREETING": "hello"}) as cluster, Client(cluster) as client:
        assert client.submit(lambda x: x + 1, 10).result(timeout=60) == 11
        assert client.submit(os.getenv, "GREETING").result() == "hello"
        with urllib.request.urlopen(cluster.dashboard_link.replace("/status", "/health"), timeout=10) as page:
            assert page.read() == b"ok"

        cluster.scale(2)
        client.wait_for_workers(2, timeout=60)
        logs = cluster.get_logs()
        assert sum("Registered to:" in str(log) for log in logs.values()) == 2
        assert any("Scheduler at:" in str(log) for log in logs.values())

        cluster.add_worker_group(name="more", n_workers=1)
        client.wait_for_workers(3, timeout=60)
        assert sum(name.startswith("lab-more-worker-") for name in workers(client)) == 1
        cluster.delete_worker_group(name="more")
        until("the group's worker to leave", lambda: len(workers(client)) == 2)
        cluster.scale(0)
        until("all workers to leave", lambda: not workers(client))
    assert not home.items("daskclusters.kubernetes.dask.org")
    until("its pods to go", lambda: not home.items("pods"))
