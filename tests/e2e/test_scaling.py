"""Standalone clusters on the real kubelet: groups, scaling without loss, demand, dying workers, suspension.

One cluster lives through most of it, since each scheduler and worker costs seconds.
"""

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.e2e.clusters import Cluster
from tests.e2e.flows import dask_cluster, flow_run
from tests.e2e.operator import Operator
from tests.kube import Kube, kubectl, namespace

GROUPS = [{"name": "gpu", "total": {"cores": 1}, "daskResources": {"GPU": 1}}]
AUTO = {"autoscale": {"minimum": 0, "maximum": 2, "scaleDownDelay": "2s"}, "drainTimeout": "10s"}

ON_A_GPU = """
import os
from distributed import Client
with Client() as client:
    print(client.submit(lambda: os.environ["DASKFLOW_POD"], resources={"GPU": 1}).result())
"""
HELD = """
import time
from distributed import Client, get_worker, wait

def work(number):
    get_worker().log_event("starts", number)
    time.sleep(2 if number % 4 == 0 else 0)
    return bytes(1000 * number)

with Client() as client:
    client.wait_for_workers(4)
    futures = client.map(work, range(16), pure=False)
    print("submitted", flush=True)
    while len(client.scheduler_info()["workers"]) > 2:
        time.sleep(0.1)
    wait(futures)
    starts = [told[1] for told in client.get_events("starts")]
    print(len(starts), len(set(starts)), sum(map(len, client.gather(futures))))
"""
ONE_TASK = """
import time
from distributed import Client
with Client() as client:
    print(time.time(), client.submit(time.time).result())
"""


@pytest.fixture(scope="module")
def place(installed: None) -> Iterator[Kube]:
    """A namespace for all of it."""
    with namespace() as kube:
        yield kube


@pytest.fixture(scope="module")
def shared(place: Kube) -> Cluster:
    """Two workers, and one with a GPU, as Dask counts them."""
    place.create(dask_cluster("shared", workers={"replicas": 2}, workerGroups=GROUPS, dashboard=True))
    cluster = Cluster(place, "shared")
    cluster.reaches("Ready", desired=3, ready=3)
    return cluster


def test_groups_offer_what_they_say(shared: Cluster) -> None:
    groups = {
        group["name"]: (group["desired"], group["ready"]) for group in shared.status["workers"]["groups"]
    }
    assert groups == {"default": (2, 2), "gpu": (1, 1)}
    (scheduler,) = shared.kube.items("Pod", "daskflow.dev/component=scheduler")
    name = scheduler["metadata"]["name"]
    command = f"kubectl port-forward --namespace {shared.kube.namespace} pod/{name} 8787"
    assert shared.status["dashboard"] == command
    shared.client("gpu", ON_A_GPU)
    assert shared.said("gpu").endswith("-worker-gpu-0")


def test_kubectl_scale_keeps_what_is_held_and_starts_each_task_once(shared: Cluster) -> None:
    scale = ("scale", "dkc", "shared", "-n", shared.kube.namespace, "--replicas")
    assert kubectl(*scale, "3").returncode == 0
    shared.reaches("Ready", desired=4, ready=4, replicas=3)
    shared.client("holder", HELD)
    shared.kube.wait("tasks to run", lambda: "submitted" in shared.kube.logs_if_any("holder"), 30)
    assert kubectl(*scale, "1").returncode == 0
    assert shared.said("holder").splitlines()[-1] == f"16 16 {1000 * sum(range(16))}"
    shared.reaches("Ready", desired=2, ready=2, replicas=1)
    shared.kube.wait("retired pods to go", lambda: len(shared.workers(over=True)) == 2, 10)


def test_a_worker_that_is_lost_is_replaced(shared: Cluster) -> None:
    (lost,) = [name for name in shared.workers() if "-gpu-" not in name]
    shared.kube.delete("Pod", lost, grace=0)
    shared.kube.wait(
        "another worker", lambda: lost not in shared.workers() and len(shared.workers()) == 2, 20
    )
    shared.reaches("Ready", desired=2, ready=2)


def test_a_suspended_cluster_runs_nothing_and_comes_back_fresh(shared: Cluster) -> None:
    scheduler = shared.status["scheduler"]["uid"]
    shared.kube.patch("DaskCluster", "shared", {"spec": {"suspend": True}})
    shared.reaches("Suspended")
    assert shared.kube.items("Pod", "daskflow.dev/component in (scheduler,worker)") == []
    shared.kube.patch("DaskCluster", "shared", {"spec": {"suspend": False}})
    shared.reaches("Ready", desired=2, ready=2)
    assert shared.status["scheduler"]["uid"] != scheduler
    shared.client("again", "from distributed import Client; print(Client().submit(sum, range(10)).result())")
    assert shared.said("again") == "45"


def test_demand_brings_workers_within_two_seconds_and_lets_them_go(place: Kube) -> None:
    place.create(dask_cluster("auto", workers=AUTO))
    cluster = Cluster(place, "auto")
    cluster.reaches("Ready", desired=0, ready=0)
    cluster.client("demand", ONE_TASK)
    place.wait("a worker's pod", lambda: cluster.workers(over=True), 60)
    (worker,) = place.items("Pod", "daskflow.dev/component=worker,daskflow.dev/cluster=" + _base(cluster))
    asked = float(cluster.said("demand").split()[0])
    created = datetime.fromisoformat(worker["metadata"]["creationTimestamp"]).timestamp()
    assert created - asked <= 2.0
    cluster.reaches("Ready", desired=0, ready=0)
    place.wait("the worker to go", lambda: not cluster.workers(over=True), 20)


def _base(cluster: Cluster) -> str:
    return str(cluster.status["selector"]).split(",")[0].split("=")[1]


def test_a_run_grows_with_its_tasks(place: Kube) -> None:
    script = """
import time
from distributed import get_client
client = get_client()
futures = client.map(lambda n: time.sleep(1), range(12), pure=False)
client.gather(futures)
result = len({name for workers in client.who_has(futures).values() for name in workers})
"""
    auto = {"autoscale": {"minimum": 0, "maximum": 2, "targetDuration": "1s"}}
    place.create(flow_run("growing", script, cluster={"workers": auto}))
    assert place.result("growing") == 2


def test_an_unused_cluster_stops_without_the_operator(place: Kube, operator: Operator) -> None:
    place.create(dask_cluster("idle", idleTimeout="5s"))
    cluster = Cluster(place, "idle")
    cluster.reaches("Ready", ready=1)
    operator.stop()
    place.wait("its pods to end", lambda: not cluster.workers(), 40)
    operator.start()
    status = cluster.reaches("Stopped")
    assert status["reason"] == "IdleTimeout"
    place.wait("the Event", lambda: ("Normal", "IdleTimeout") in place.events("idle"), 5)
