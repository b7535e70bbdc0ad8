"""Runs that own no cluster: alone in their pod, on a DaskCluster that is there already, on any scheduler."""

from datetime import UTC, datetime
from typing import Any

from daskflow.manifests.certificates import certificate_files

from tests.e2e.flows import IMAGE, OTHER_IMAGE, QUICK, WAITING, dask_cluster, flow_run
from tests.kube import Kube

ALONE = {"workers": {"replicas": 0}}
FILES = {"configMapRef": {"name": "flows"}}
PIPELINE = """
import os
import dask
from distributed import Client, get_client
from sums import square

def flow(n):
    return sum(future.result() for future in get_client().map(square, range(n)))

def alone(n):
    squares = dask.delayed(sum)([dask.delayed(square)(i) for i in range(n)]).compute()
    with Client(n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        local = client.submit(square, n).result()
        address = client.scheduler.address
    return {
        "squares": squares,
        "local": local,
        "loopback": "127.0.0.1" in address,
        "given": os.environ.get("DASK_SCHEDULER_ADDRESS"),
        "told": [bool(os.environ.get(f"DASKFLOW_{name}")) for name in ("SECRET", "POD_IP")],
    }
"""
SUMS = """
def square(number):
    return number * number
"""


def _files(kube: Kube) -> None:
    data = {"pipeline.py": PIPELINE, "sums.py": SUMS}
    kube.create({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "flows"}, "data": data})


def _flow(name: str, **parameters: Any) -> dict[str, Any]:
    return {"entrypoint": f"pipeline.py:{name}", "files": FILES, "parameters": parameters}


def _runner(kube: Kube, run: str) -> dict[str, Any]:
    """The runner's pod of a run's present attempt."""
    (pod,) = kube.runners(run)
    return pod


def test_a_flow_without_workers_runs_alone_in_its_pod(kube: Kube) -> None:
    _files(kube)
    kube.create(flow_run("alone", _flow("alone", n=10), cluster=ALONE))
    kube.create(flow_run("ends", WAITING.format(seconds=120), cluster=ALONE, cancelGracePeriod="2s"))
    kube.create(flow_run("lost", WAITING.format(seconds=120), cluster=ALONE))
    status = kube.ended("alone")
    assert status.get("result") == {
        "squares": 285,
        "local": 100,
        "loopback": True,
        "given": None,
        "told": [True, True],
    }, status
    pod = _runner(kube, "alone")
    assert status["attempts"][0]["runner"] == {"pod": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
    assert not kube.items("DaskCluster")
    assert not kube.items("Service")

    for name in ("ends", "lost"):
        kube.reached("FlowRun", name, "Running")
    kube.patch("FlowRun", "ends", {"spec": {"cancel": True}})
    kube.delete("Pod", _runner(kube, "lost")["metadata"]["name"], grace=0)
    assert kube.ended("ends")["phase"] == "Cancelled"
    lost = kube.ended("lost")
    assert (lost["phase"], lost["reason"], len(lost["attempts"])) == ("Failed", "RunnerLost", 1)
    (mounted,) = (each for each in pod["spec"]["volumes"] if each["name"] == "daskflow")
    secret = mounted["projected"]["sources"][0]["secret"]["name"]
    assert kube.get("Secret", secret)
    kube.delete("Pod", pod["metadata"]["name"])
    kube.wait("the runner's Secret to go with it", lambda: not kube.get("Secret", secret), 30)


def test_the_flows_files_are_on_the_import_path_of_every_pod(kube: Kube) -> None:
    _files(kube)
    kube.create(flow_run("files", _flow("flow", n=10)))
    missing = {"entrypoint": "pipeline.py:flow", "files": {"configMapRef": {"name": "absent"}}}
    kube.create(flow_run("missing", missing, cluster=ALONE))
    status = kube.ended("files")
    assert status.get("result") == 285, status
    kube.wait(
        "the missing ConfigMap to be named",
        lambda: kube.run_status("missing").get("reason") == "ConfigInvalid",
        40,
    )
    assert 'ConfigMap "absent" (spec.flow.files.configMapRef)' in kube.run_status("missing")["message"]


def _on(name: str, flow: Any, **spec: Any) -> dict[str, Any]:
    """A run that owns no cluster and names its own way to one."""
    run = flow_run(name, flow, **spec)
    del run["spec"]["cluster"]
    return run


MEETS = """
import os, time
from distributed import Event, get_client
client = get_client()
Event(os.environ["DASKFLOW_RUN"]).set()
assert Event({other!r}).wait(timeout=60), "the other run is not there at the same time"
kept = client.submit(pow, 2, 10, pure=False)
result = [kept.result(), len(client.scheduler_info()["workers"])]
"""
LEFT = """
from distributed import get_client
client = get_client()
def state(dask_scheduler):
    # Dask keeps one client of its own for tasks that nobody waits for.
    return sorted(dask_scheduler.tasks), len(set(dask_scheduler.clients) - {"fire-and-forget"})
result = list(client.run_on_scheduler(state))
"""


def test_runs_on_one_cluster_at_once_and_one_after_another(kube: Kube) -> None:
    reference = {"clusterRef": {"name": "shared"}}
    kube.create(_on("absent", QUICK, clusterRef={"name": "absent"}, deadlines={"start": "5s"}))
    kube.create(_on("first", MEETS.format(other="second"), **reference))
    kube.wait("the missing cluster to be named", lambda: kube.run_status("first").get("reason"))
    assert kube.run_status("first")["reason"] == "ClusterMissing"

    kube.create(dask_cluster("shared", workers={"replicas": 1, "threads": 2}))
    kube.create(dask_cluster("never", image="docker.io/local/no-such-image:1"))
    unready = _on("unready", QUICK, clusterRef={"name": "never"}, deadlines={"start": "10s"})
    del unready["spec"]["image"]
    kube.create(unready)
    kube.create(_on("other", QUICK, **reference, image=OTHER_IMAGE))
    second = _on("second", MEETS.format(other="first"), **reference)
    del second["spec"]["image"]
    kube.create(second)
    for name in ("first", "second"):
        status = kube.ended(name)
        assert status.get("result") == [1024, 1], status
        assert status["cluster"]["name"] == "shared"
        assert status["cluster"]["address"].startswith("tls://")
    kube.create(_on("after", LEFT, **reference))
    after = kube.ended("after")
    # Its own client, and nothing of the two runs before.
    assert after.get("result") == [[], 1], after

    for name, reason in (
        ("absent", "ClusterMissing"),
        ("unready", "ClusterNotReady"),
        ("other", "ClusterUnfit"),
    ):
        status = kube.ended(name)
        assert (status["phase"], status["reason"]) == ("Failed", reason), status
    (cluster,) = [each for each in kube.items("DaskCluster") if each["metadata"]["name"] == "shared"]
    assert cluster["status"]["phase"] == "Ready"
    assert cluster["metadata"]["generation"] == 1


SCHEDULER = """
import asyncio
from distributed import Scheduler, Worker
async def main():
    async with Scheduler(port=8786, protocol={protocol!r}, dashboard=False) as scheduler:
        async with Worker(scheduler.address, nthreads=1, dashboard=False):
            await scheduler.finished()
asyncio.run(main())
"""


def _scheduler(kube: Kube, name: str, secret: str = "") -> str:
    """Somebody's Dask scheduler, with a worker in the same pod: its address."""
    protocol = "tls" if secret else "tcp"
    files = {"CA_FILE": "ca.crt"}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        files |= {f"{role}__CERT": "tls.crt", f"{role}__KEY": "tls.key"}
    env = [
        {"name": f"DASK_DISTRIBUTED__COMM__TLS__{key}", "value": f"/tls/{file}"}
        for key, file in files.items()
    ]
    container = {
        "name": "dask",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "-c", SCHEDULER.format(protocol=protocol)],
        "workingDir": "/tmp",
        "env": env if secret else [],
        "volumeMounts": [{"name": "tls", "mountPath": "/tls"}] if secret else [],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    user = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {
        "containers": [container],
        "securityContext": user,
        "volumes": [{"name": "tls", "secret": {"secretName": secret}}] if secret else [],
        "terminationGracePeriodSeconds": 0,
    }
    kube.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})

    def address() -> str:
        ip = ((kube.get("Pod", name) or {}).get("status") or {}).get("podIP")
        return f"{protocol}://{ip}:8786" if ip else ""

    return str(kube.wait(f"the address of {name}", address))


def test_any_scheduler_with_and_without_tls(kube: Kube) -> None:
    files = certificate_files(bytes(32), "somebody", datetime.now(UTC))
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "theirs"}, "stringData": files}
    kube.create(secret)
    plain, encrypted = _scheduler(kube, "plain"), _scheduler(kube, "encrypted", "theirs")
    tls = {"schedulerTLS": {"secretName": "theirs"}}
    kube.create(_on("plain", QUICK, schedulerAddress=plain))
    kube.create(_on("encrypted", QUICK, schedulerAddress=encrypted, **tls))
    kube.create(_on("stranger", QUICK, schedulerAddress=encrypted, retries={"startLimit": 0}))
    for name, address in (("plain", plain), ("encrypted", encrypted)):
        status = kube.ended(name)
        assert status.get("result") == 45, status
        assert status["cluster"]["address"] == address
    assert not kube.items("DaskCluster")
    status = kube.ended("stranger")
    assert (status["phase"], status["reason"]) == ("Failed", "SchedulerUnreachable"), status
