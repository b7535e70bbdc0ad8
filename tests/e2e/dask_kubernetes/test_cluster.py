"""Clusters of dask-kubernetes on a real kubelet, with a Dask that has lost the commands that they name."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.dask_kubernetes.manifests import CLUSTER, GROUP, cluster, group
from tests.e2e.operator import Operator
from tests.e2e.pods import python_pod
from tests.kube import Kube, kubectl, namespace

_COUNT = """
from distributed import Client
with Client("tcp://{host}:8786", timeout="60s") as client:
    client.wait_for_workers({workers}, timeout=60)
    futures = client.map(lambda x: x * 2, range(100), pure=False)
    print("sum", sum(client.gather(futures)), flush=True)
"""
_HOLD = """
import time
from distributed import Client
client = Client("tcp://{host}:8786", timeout="60s")
client.wait_for_workers(3, timeout=60)
kept = client.map(lambda x: (time.sleep(0.05), bytes(100_000))[1], range(60), pure=False)
slow = [client.submit(time.sleep, 5, pure=False, key=f"slow-{{n}}") for n in range(2)]
print("begun", flush=True)
while len(client.scheduler_info(n_workers=-1)["workers"]) > 1:
    time.sleep(0.1)
print("one left", flush=True)
client.gather(slow)
print("held", sum(map(len, client.gather(kept))), flush=True)
"""


@pytest.fixture
def open_kube(installed: None) -> Iterator[Kube]:
    """Images' own users run in these pods: a namespace that lets them."""
    with namespace(restricted=False) as kube:
        yield kube


def names(kube: Kube, component: str) -> list[str]:
    pods = kube.items("Pod", f"dask.org/cluster-name=lab,dask.org/component={component}")
    return [
        pod["metadata"]["name"]
        for pod in pods
        if pod["status"].get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]
    ]


def scheduler(kube: Kube) -> dict[str, Any]:
    """Its one pod, once it is ready."""

    def ready() -> dict[str, Any] | None:
        pod = kube.get("Pod", "lab-scheduler") or {}
        found = {each["type"]: each["status"] for each in (pod.get("status") or {}).get("conditions") or ()}
        return pod if found.get("Ready") == "True" and "deletionTimestamp" not in pod["metadata"] else None

    pod: dict[str, Any] = kube.wait("the scheduler to be ready", ready)
    return pod


def test_a_cluster_that_shrinks_loses_no_work_and_goes_without_an_operator(
    open_kube: Kube, operator: Operator
) -> None:
    kube = open_kube
    kube.create(cluster("lab", 2))
    kube.reached(CLUSTER, "lab", "Running", seconds=10)
    host = scheduler(kube)["status"]["podIP"]
    kube.create(group("lab-more", "lab", 1))
    kube.create(python_pod("holds", _HOLD.format(host=host), {}))
    kube.wait("the tasks to begin", lambda: "begun" in kube.logs_if_any("holds"))
    owner = (kube.get(GROUP, "lab-more") or {})["metadata"]
    assert owner["ownerReferences"][0]["name"] == "lab"
    assert "labels" not in owner
    kube.patch(CLUSTER, "lab", {"spec": {"worker": {"replicas": 0}}})
    kube.wait(
        "the number to be copied", lambda: kube.get(GROUP, "lab-default")["spec"]["worker"]["replicas"] == 0
    )
    log = kube.printed("holds", 60)
    assert "held 6000000" in log, log
    (last,) = kube.wait("one worker to stay", lambda: len(found := names(kube, "worker")) == 1 and found)
    assert last.startswith("lab-more-worker-")
    operator.stop()
    kube.delete(CLUSTER, "lab")
    kube.wait("all to be gone", lambda: not kube.items("Pod", "dask.org/cluster-name=lab"))
    assert kube.items(GROUP) == []


def test_a_scheduler_that_dies_is_made_again_and_its_workers_find_it(open_kube: Kube) -> None:
    kube = open_kube
    kube.create(cluster("lab", 1))
    first = scheduler(kube)
    kube.wait("a worker", lambda: names(kube, "worker"))
    kube.delete("Pod", "lab-scheduler", grace=0)
    kube.wait("another scheduler", lambda: scheduler(kube)["metadata"]["uid"] != first["metadata"]["uid"])
    assert ("Warning", "SchedulerLost") in kube.events("lab")
    kube.create(python_pod("counts", _COUNT.format(host=scheduler(kube)["status"]["podIP"], workers=1), {}))
    assert "sum 9900" in kube.printed("counts", 90)


@pytest.mark.parametrize(
    ("image", "restricted", "reason"),
    [("docker.io/local/no-such-image:1", False, "ImagePullFailed"), (None, True, "Refused")],
)
def test_what_keeps_its_pods_from_running_is_told(image: str | None, restricted: bool, reason: str) -> None:
    with namespace(restricted=restricted) as kube:
        body = cluster("lab", 0) if image is None else cluster("lab", 0, image)
        kube.create(body)
        kube.wait("its phase", lambda: kube.status(CLUSTER, "lab").get("reason") == reason, 30)
        status = kube.status(CLUSTER, "lab")
        assert status["phase"] == "Running", "clients would give up"
        assert ("Warning", reason) in kube.wait("the Event", lambda: kube.events("lab"))
        assert kubectl("get", "dsk", "lab", "-n", kube.namespace).stdout.split()[3:6] == ["AGE", "lab", "0"]


def test_a_name_that_is_too_long_is_an_error(open_kube: Kube) -> None:
    open_kube.create(cluster("a" * 54))
    open_kube.reached(CLUSTER, "a" * 54, "Error", seconds=10)
