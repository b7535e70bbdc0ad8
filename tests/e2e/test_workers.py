"""Workers on the real kubelet: memory limits, nannies, preemption, crash loops, actors, forwarded logs."""

import itertools
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.e2e.clusters import Cluster
from tests.e2e.flows import dask_cluster, flow_run
from tests.kube import Kube, kubectl, namespace

LONGEST = "n" * 50
DEFAULT_LIMIT = 448
"""MiB, of containers that name none."""
OWN_LIMIT = 640

LOOK = """
import json
from distributed import Client

def look(dask_worker):
    return [dask_worker.memory_manager.memory_limit, dask_worker.local_directory]

with Client() as client:
    print(json.dumps(list(client.run(look).values())))
"""
RESTARTED = """
import os
from distributed import Client, get_worker
with Client() as client:
    (before,) = client.run(os.getpid).values()
    client.restart()
    (after,) = client.run(os.getpid).values()
    try:
        client.submit(os._exit, 1, retries=0).result()
    except Exception as error:
        print(type(error).__name__)
    print(before != after, client.submit(sum, range(10)).result())
"""
PREEMPTED = """
import time
from distributed import Client, get_worker, wait

def work(number, seconds):
    get_worker().log_event("starts", [number, get_worker().name])
    time.sleep(seconds)
    return bytes(1000 * number)

with Client() as client:
    client.wait_for_workers(3)
    held = client.map(work, range(12), seconds=0, pure=False)
    wait(held)
    running = client.map(work, range(12, 18), seconds=6, pure=False)
    while len(client.get_events("starts")) < 15:
        time.sleep(0.1)
    print("busy", flush=True)
    size = sum(map(len, client.gather(held + running)))
    starts = [told[0] for _, told in client.get_events("starts")]
    print(len(starts), len(set(starts)), size)
"""
ACTOR = """
import time
from distributed import Client

class Counter:
    def up(self):
        return 1

with Client() as client:
    counter = client.submit(Counter, actor=True).result()
    print("actor", counter.up().result(), flush=True)
    time.sleep(600)
"""
RENEWED = """
from distributed import Client
with Client() as client:
    client.restart()
    print(len(client.scheduler_info()["workers"]))
"""


@pytest.fixture(scope="module")
def place(installed: None) -> Iterator[Kube]:
    """A namespace that gives every container a memory limit."""
    limit = {"type": "Container", "default": {"memory": f"{DEFAULT_LIMIT}Mi"}}
    with namespace() as kube:
        about = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "limits"}}
        kube.create({**about, "spec": {"limits": [limit]}})
        yield kube


@pytest.fixture(scope="module")
def nannied(place: Kube) -> Cluster:
    """One worker under a nanny, of a cluster with the longest name there can be."""
    limits = {"limits": {"memory": f"{OWN_LIMIT}Mi"}}
    place.create(dask_cluster(LONGEST, workers={"replicas": 1, "nanny": True, "resources": limits}))
    return Cluster(place, LONGEST)


@pytest.fixture(scope="module")
def three(place: Kube) -> Cluster:
    """Three workers."""
    place.create(dask_cluster("three", workers={"replicas": 3}))
    return Cluster(place, "three")


def test_workers_know_their_memory_limit_wherever_it_comes_from(three: Cluster, nannied: Cluster) -> None:
    for cluster, limit, count in ((three, DEFAULT_LIMIT, 3), (nannied, OWN_LIMIT, 1)):
        cluster.reaches("Ready", desired=count, ready=count)
        cluster.client(f"look-{count}", LOOK)
        seen = json.loads(cluster.said(f"look-{count}"))
        assert [known for known, _ in seen] == [limit << 20] * count
        assert all(folder.startswith("/tmp/") for _, folder in seen)  # the volume `scratch`


def test_a_nannys_worker_restarts_in_its_pod(nannied: Cluster) -> None:
    nannied.reaches("Ready", ready=1)
    before = nannied.pods()
    nannied.client("restarts", RESTARTED)
    assert nannied.said("restarts").splitlines() == ["KilledWorker", "True 45"]
    after = nannied.pods()
    assert [pod["metadata"]["uid"] for pod in after] == [pod["metadata"]["uid"] for pod in before]
    assert [pod["status"]["containerStatuses"][0]["restartCount"] for pod in after] == [0]


def test_a_preempted_worker_hands_over_what_it_holds_and_runs(three: Cluster) -> None:
    three.reaches("Ready", ready=3)
    three.client("computes", PREEMPTED)
    three.kube.wait("tasks to run", lambda: "busy" in three.kube.logs_if_any("computes"), 60)
    lost = three.workers()[0]
    three.kube.delete("Pod", lost)
    size = 1000 * sum(range(18))
    assert three.said("computes").splitlines()[-1] == f"18 18 {size}"
    assert lost not in three.workers()
    three.reaches("Ready", desired=3, ready=3)


def test_a_client_that_restarts_workers_without_nannies_gets_new_ones(three: Cluster) -> None:
    three.reaches("Ready", ready=3)
    before = three.workers()
    three.client("renews", RENEWED)
    assert three.said("renews").splitlines()[-1] == "3"
    assert not set(before) & set(three.workers())
    # Status may still be of before: it has told of three ready workers all the time.
    three.kube.wait("the reason to be told", lambda: "as client.restart() does" in _told(three), 30)
    three.reaches("Ready", ready=3)


def test_a_worker_that_holds_an_actor_stays_and_is_named(three: Cluster) -> None:
    three.reaches("Ready", ready=3)
    three.client("acts", ACTOR)
    three.kube.wait("the actor", lambda: "actor 1" in three.kube.logs_if_any("acts"), 60)
    assert kubectl("scale", "dkc", "three", "-n", three.kube.namespace, "--replicas", "0").returncode == 0
    three.kube.wait("the others to go", lambda: len(three.workers()) == 1, 30)
    three.kube.wait("the reason", lambda: three.status["reason"] == "HoldingActors", 10)
    assert three.workers()[0] in three.status["message"]
    three.kube.delete("Pod", "acts", grace=0)
    three.reaches("Ready", desired=0, ready=0)
    three.kube.wait("the last to go", lambda: not three.workers(), 30)


def test_workers_that_cannot_live_are_made_later_and_later_and_explained(place: Kube) -> None:
    place.create(dask_cluster("crashing", workers={"replicas": 1, "args": ["--no-such-option"]}))
    cluster = Cluster(place, "crashing")
    place.wait("the reason", lambda: cluster.status.get("reason") == "WorkersFailing", 60)
    assert "dask worker has no option --no-such-option" in cluster.status["message"]
    pods = sorted(cluster.pods(), key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
    waits = [
        (_created(later) - _ended(earlier)).total_seconds() for earlier, later in itertools.pairwise(pods)
    ]
    assert len(waits) >= 2
    assert waits == sorted(waits)


def _told(cluster: Cluster) -> str:
    """What status says of the default group; nothing where it is unremarkable."""
    groups = cluster.status["workers"].get("groups") or [{}]
    return str(groups[0].get("message", ""))


def _created(pod: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(pod["metadata"]["creationTimestamp"])


def _ended(pod: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(pod["status"]["containerStatuses"][0]["state"]["terminated"]["finishedAt"])


def test_what_tasks_print_is_in_the_runners_log(place: Kube) -> None:
    script = """
from distributed import get_client

def speak(number):
    print("task", number, "speaks")

get_client().gather(get_client().map(speak, range(3)))
"""
    place.create(flow_run("speaks", script, runner={"forwardLogs": True}))
    assert place.ended("speaks")["phase"] == "Succeeded"
    (runner,) = place.items("Pod", "daskflow.dev/component=runner")
    lines = place.logs(runner["metadata"]["name"]).splitlines()
    spoken = sorted(line for line in lines if line.endswith("speaks"))
    name = runner["metadata"]["name"].replace("-runner", "-worker-0")
    assert spoken == [f"[{name}] task {number} speaks" for number in range(3)]


def test_a_cluster_can_be_deleted_at_any_moment(place: Kube) -> None:
    phases: dict[str, dict[str, Any]] = {"new": {}, "ready": {}, "suspended": {"suspend": True}}
    for name, spec in phases.items():
        place.create(dask_cluster(name, **spec))
    place.delete("DaskCluster", "new")
    Cluster(place, "suspended").reaches("Suspended")
    place.delete("DaskCluster", "suspended")
    Cluster(place, "ready").reaches("Ready", ready=1)
    place.delete("DaskCluster", "ready")

    def left() -> list[str]:
        kinds = ("DaskCluster", "Pod", "Service", "Secret", "NetworkPolicy")
        names = [item["metadata"]["name"] for kind in kinds for item in place.items(kind)]
        return [name for name in names if name.startswith(tuple(phases))]

    place.wait("everything to go", lambda: not left(), 45)
