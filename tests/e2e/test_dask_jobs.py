"""DaskJobs of dask-kubernetes on a real kubelet: each end, with the operator there or not."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.operator import Operator
from tests.kube import Kube, namespace

IMAGE = "docker.io/local/daskflow-flows:dev"
FIELDS = {"jobStatus", "clusterName", "jobRunnerPodName", "startTime", "endTime"}
CLUSTER = "DaskCluster.kubernetes.dask.org"
SUM = "from dask.distributed import Client; print(Client().submit(sum, [1, 2]).result())"


def job(name: str, program: str, policy: str = "Never", workers: int = 1) -> dict[str, Any]:
    """With the commands that clients of before 2026.6 generate."""

    def pod(container: str, *args: str, **more: Any) -> dict[str, Any]:
        return {"containers": [{"name": container, "image": IMAGE, "args": list(args), **more}]}

    ports = [{"name": "tcp-comm", "port": 8786, "targetPort": 8786}]
    labels = {"dask.org/cluster-name": name, "dask.org/component": "scheduler"}
    return {
        "apiVersion": "kubernetes.dask.org/v1",
        "kind": "DaskJob",
        "metadata": {"name": name},
        "spec": {
            "job": {"spec": {"restartPolicy": policy, **pod("job", "python3", "-c", program)}},
            "cluster": {
                "spec": {
                    "worker": {
                        "replicas": workers,
                        "spec": pod("worker", "dask-worker", "--name", "$(DASK_WORKER_NAME)"),
                    },
                    "scheduler": {
                        "spec": pod("scheduler", "dask-scheduler"),
                        "service": {"type": "ClusterIP", "selector": labels, "ports": ports},
                    },
                }
            },
        },
    }


@pytest.fixture
def open_kube(installed: None) -> Iterator[Kube]:
    """A namespace that takes the pods of published clients."""
    with namespace(restricted=False) as made:
        yield made


def word(kube: Kube, name: str) -> str:
    return str(kube.status("DaskJob", name).get("jobStatus", ""))


def over(kube: Kube, name: str, seconds: float = 90) -> dict[str, Any]:
    """Its last status; its cluster has been told to go by then."""
    kube.wait(f"{name} to end", lambda: word(kube, name) in ("Successful", "Failed"), seconds)
    assert kube.get(CLUSTER, name) is None
    return dict(kube.status("DaskJob", name))


def test_success(open_kube: Kube) -> None:
    kube = open_kube
    kube.create(job("sums", SUM))
    status = over(kube, "sums")
    assert status["jobStatus"] == "Successful", kube.logs_if_any("sums-runner")
    assert set(status) == FIELDS
    selector = "dask.org/cluster-name=sums,dask.org/component!=job-runner"
    kube.wait("its cluster's pods to go", lambda: not kube.items("Pod", selector), 60)
    assert kube.logs("sums-runner").splitlines()[-1] == "3"
    told = kube.events("sums")
    assert ("Normal", "Accepted") in told
    assert ("Normal", "Succeeded") in told


def test_failure_and_endless_tries(open_kube: Kube) -> None:
    kube = open_kube
    kube.create(job("fails", "raise SystemExit(3)"))
    kube.create(job("loops", "raise SystemExit(4)", policy="OnFailure"))
    status = over(kube, "fails")
    assert (status["jobStatus"], set(status)) == ("Failed", FIELDS)
    made = kube.get("DaskJob", "fails") or {}
    assert "exit code 3" in made["metadata"]["annotations"]["daskflow.dev/message"]
    kube.wait("it to be told", lambda: ("Warning", "Retrying") in kube.events("loops"), 60)
    assert word(kube, "loops") == "Running"


def test_whoever_takes_the_runner_ends_the_job(open_kube: Kube) -> None:
    kube = open_kube
    kube.create(job("lost", "import time; time.sleep(600)"))
    kube.wait("it to run", lambda: word(kube, "lost") == "Running", 60)
    kube.delete("Pod", "lost-runner", 0)
    assert over(kube, "lost")["jobStatus"] == "Failed"


def test_a_program_may_take_its_cluster_away_at_its_end(open_kube: Kube) -> None:
    kube = open_kube
    kube.create(job("closes", "import time; time.sleep(8)"))
    kube.wait("it to run", lambda: word(kube, "closes") == "Running", 60)
    kube.delete(CLUSTER, "closes")
    assert over(kube, "closes")["jobStatus"] == "Successful"
    assert ("Warning", "ClusterDeleted") in kube.events("closes")


def test_an_end_without_an_operator_is_told_later(open_kube: Kube, operator: Operator) -> None:
    kube = open_kube
    kube.create(job("sums", SUM))
    kube.create(job("fails", "import time; time.sleep(5); exit(1)"))
    for name in ("sums", "fails"):
        kube.wait("it to be made", lambda name=name: word(kube, name) not in ("", "JobCreated"), 60)
    operator.stop()

    def phases() -> list[str]:
        return [str(kube.status("Pod", f"{name}-runner").get("phase")) for name in ("sums", "fails")]

    kube.wait("both to end", lambda: phases() == ["Succeeded", "Failed"], 90)
    operator.start()
    assert over(kube, "sums")["jobStatus"] == "Successful"
    assert over(kube, "fails")["jobStatus"] == "Failed"
