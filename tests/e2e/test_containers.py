"""Pods with more than one container, and pods that nobody starts, as a kubelet and a scheduler treat them."""

from typing import Any

import pytest

from tests.e2e.flows import IMAGE, QUICK, dask_cluster, flow_run
from tests.kube import Kube, kubectl

LOCKED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
SLEEPS = "import signal, time; signal.signal(signal.SIGTERM, lambda *_: exit(0)); time.sleep(10**6)"
AGENT = {"name": "agent", "image": IMAGE, "command": ["python3", "-c", SLEEPS], "securityContext": LOCKED}
BESIDE = {"spec": {"containers": [AGENT]}}
LOSES_A_WORKER = """
import os, time
from distributed import get_client
client = get_client()
before = len(client.nthreads())
async def die():
    os._exit(1)
client.run(die, workers=[sorted(client.nthreads())[0]], wait=False)
time.sleep(5)
end = time.time() + 90
while len(client.nthreads()) < before and time.time() < end:
    time.sleep(1)
result = [before, len(client.nthreads())]
"""


def before(name: str, image: str, *command: str) -> dict[str, Any]:
    """A template with this init container."""
    container = {"name": name, "image": image, "command": list(command), "securityContext": LOCKED}
    return {"spec": {"initContainers": [container]}}


def test_a_worker_that_dies_beside_a_sidecar_is_replaced(kube: Kube) -> None:
    cluster = {"workers": {"replicas": 2, "template": BESIDE}}
    retention = {"pods": {"onSuccess": "10m"}}
    run = flow_run("run", LOSES_A_WORKER, cluster=cluster, deadlines={"active": "5m"}, retention=retention)
    kube.create(run)
    status = kube.ended("run", 200)
    assert status.get("result") == [2, 2], status["message"]
    kube.wait("all sidecars to end", lambda: not _alive(kube), 60)
    workers = [pod for pod in kube.items("Pod") if "-worker-" in pod["metadata"]["name"]]
    assert len(workers) == 3


@pytest.mark.parametrize(("phase", "reason"), [("Stopped", "IdleTimeout"), ("Failed", "SchedulerLost")])
def test_a_cluster_ends_with_its_scheduler_beside_sidecars(kube: Kube, phase: str, reason: str) -> None:
    idle = {"idleTimeout": "20s"} if phase == "Stopped" else {}
    kube.create(dask_cluster("shared", template=BESIDE, **idle))
    kube.reached("DaskCluster", "shared", "Ready", seconds=90)
    if phase == "Failed":
        scheduler = _status(kube)["scheduler"]["pod"]
        ends = "import os, signal; os.kill(1, signal.SIGTERM)"
        done = kube_exec(kube, scheduler, "scheduler", ends)
        assert done == 0
    assert kube.reached("DaskCluster", "shared", phase, seconds=90)["reason"] == reason
    kube.wait("its sidecars to end", lambda: not _alive(kube), 45)


@pytest.mark.parametrize(
    ("template", "reason", "says", "start"),
    [
        (
            before("fetch", "docker.io/local/absent:1", "true"),
            "ImagePullFailed",
            "docker.io/local/absent:1",
            "20s",
        ),
        (
            before("migrate", IMAGE, "python3", "-c", "raise SystemExit('no database')"),
            "InitContainerFailed",
            "Init container migrate",
            "90s",
        ),
    ],
    ids=["image", "failure"],
)
def test_init_containers_are_named(
    kube: Kube, template: dict[str, Any], reason: str, says: str, start: str
) -> None:
    kube.create(flow_run("run", QUICK, template=template, deadlines={"start": start}))
    kube.wait("the reason to show", lambda: kube.run_status("run").get("reason") == reason, 60)
    status = kube.ended("run", 120)
    assert says in status["message"]
    if reason == "InitContainerFailed":
        assert "exit code 1: no database" in status["message"]
        assert len(status["attempts"]) == 1


def test_a_slow_init_container_is_named_within_a_minute(kube: Kube) -> None:
    slow = before("slow", IMAGE, "python3", "-c", SLEEPS)
    runs: dict[str, dict[str, Any]] = {
        "alone": {"template": slow, "cluster": {"workers": {"replicas": 0}}},
        "worker": {"cluster": {"workers": {"replicas": 1, "template": slow}}},
    }
    for name, spec in runs.items():
        kube.create(flow_run(name, QUICK, deadlines={"start": "3m"}, **spec))
    reasons = ["WaitingForInitContainer"] * len(runs)
    kube.wait("both", lambda: [kube.run_status(name).get("reason") for name in runs] == reasons, 60)
    for name in runs:
        assert "init container slow" in kube.run_status(name)["message"]
        kube.delete("FlowRun", name)


def test_a_pod_that_gets_no_node_is_explained(kube: Kube) -> None:
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    homeless: dict[str, tuple[dict[str, Any], list[str]]] = {
        "claim": ({"volumes": [claim]}, ['"data" not found', "Create the PersistentVolumeClaim"]),
        "selector": ({"nodeSelector": {"disk": "made-of-cheese"}}, ["nodeSelector"]),
        "gate": ({"schedulingGates": [{"name": "example.com/wait"}]}, ["example.com/wait"]),
        "scheduler": ({"schedulerName": "volcano"}, ["volcano"]),
    }
    for name, (spec, _) in homeless.items():
        template = {"template": {"spec": spec}}
        kube.create(flow_run(name, QUICK, runner=template, deadlines={"start": "2m"}))

    def unexplained() -> list[str]:
        said = {name: kube.run_status(name).get("message", "") for name in homeless}
        return [
            f"{name}: {said[name]}"
            for name, (_, words) in homeless.items()
            if "Ask for less" in said[name] or not all(word in said[name] for word in words)
        ]

    kube.wait("the sentences", lambda: not unexplained(), 70)
    for name in homeless:
        kube.delete("FlowRun", name)


def _alive(kube: Kube) -> list[str]:
    """Containers that run in pods of the namespace."""
    return [
        f"{pod['metadata']['name']}/{status['name']}"
        for pod in kube.items("Pod")
        for status in pod.get("status", {}).get("containerStatuses", ())
        if "running" in status["state"] and "runner" not in pod["metadata"]["name"]
    ]


def _status(kube: Kube) -> dict[str, Any]:
    cluster: dict[str, Any] = dict(kube.get("DaskCluster", "shared") or {})
    return cluster.get("status") or {}


def kube_exec(kube: Kube, pod: str, container: str, code: str) -> int:
    """Runs Python in a container; its exit code."""
    done = kubectl("exec", "-n", kube.namespace, pod, "-c", container, "--", "python3", "-c", code)
    return done.returncode
