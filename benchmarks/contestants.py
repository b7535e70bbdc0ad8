"""The same small run in three ways: pods applied by hand, a FlowRun, dask-kubernetes' DaskJob.

Each prints `FIRST <time>` as the flow's first line, with its workers there, and sums ten numbers on them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.e2e.flows import IMAGE, flow_run
from tests.kube import Kube

WORKERS = 2
_BODY = """
import time
print("FIRST", time.time(), flush=True)
print(client.submit(sum, range(10)).result())
"""
_CONNECTED = "from distributed import Client\nclient = Client()\n"
WAITING = f"{_CONNECTED}client.wait_for_workers({WORKERS}){_BODY}"
FLOW = f'import time\nprint("FIRST", time.time(), flush=True)\n{_CONNECTED}{_BODY.split("flush=True)")[1]}'


@dataclass(frozen=True)
class Contestant:
    """One way of running the flow under a name."""

    title: str
    start: Callable[[Kube, str], None]
    known: Callable[[Kube, str], bool]
    """Whether the outcome can be read."""
    runner: Callable[[Kube, str], str]
    """The name of the pod whose log has the first line."""
    stop: Callable[[Kube, str], None]


def measured(kube: Kube, contestant: Contestant, name: str) -> tuple[float, float]:
    """Seconds from apply to the flow's first line, and to its outcome known; all is gone afterwards."""
    began = time.time()
    contestant.start(kube, name)
    kube.wait(f"{contestant.title} {name}", lambda: contestant.known(kube, name), 120)
    known = time.time() - began
    log = kube.logs(contestant.runner(kube, name))
    first = float(next(line for line in log.splitlines() if line.startswith("FIRST")).split()[1]) - began
    contestant.stop(kube, name)
    kube.wait("everything to go", lambda: not kube.items("Pod"), 120)
    return first, known


def _pod(name: str, command: list[str], env: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "restartPolicy": "Never",
            "containers": [
                {
                    "name": "main",
                    "image": IMAGE,
                    "command": command,
                    "env": [{"name": key, "value": value} for key, value in env.items()],
                }
            ],
        },
    }


def _by_hand(kube: Kube, name: str) -> None:
    service = kube.create(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name},
            "spec": {
                "selector": {"app": f"{name}-scheduler"},
                "publishNotReadyAddresses": True,
                "ports": [{"port": 8786}],
            },
        }
    )
    address = f"tcp://{service['spec']['clusterIP']}:8786"
    env = {"DASK_SCHEDULER_ADDRESS": address}
    kube.create(_pod(f"{name}-scheduler", ["dask", "scheduler"], {}))
    for number in range(WORKERS):
        kube.create(_pod(f"{name}-worker-{number}", ["dask", "worker", address, "--nthreads", "1"], {}))
    kube.create(_pod(f"{name}-runner", ["python3", "-c", WAITING], env))


def _remove_by_hand(kube: Kube, name: str) -> None:
    for suffix in ("scheduler", "runner", *(f"worker-{number}" for number in range(WORKERS))):
        kube.delete("Pod", f"{name}-{suffix}", grace=0)
    kube.delete("Service", name)


def _phase(kube: Kube, kind: str, name: str) -> str:
    return str(kube.status(kind, name).get("phase"))


BY_HAND = Contestant(
    "by hand",
    start=_by_hand,
    known=lambda kube, name: _phase(kube, "Pod", f"{name}-runner") == "Succeeded",
    runner=lambda kube, name: f"{name}-runner",
    stop=_remove_by_hand,
)


def _flow_run(kube: Kube, name: str) -> None:
    kube.create(flow_run(name, FLOW, cluster={"workers": {"replicas": WORKERS}}))


FLOW_RUN = Contestant(
    "FlowRun",
    start=_flow_run,
    known=lambda kube, name: _phase(kube, "FlowRun", name) == "Succeeded",
    runner=lambda kube, name: kube.runners(name)[0]["metadata"]["name"],
    stop=lambda kube, name: kube.delete("FlowRun", name),
)


def _container(name: str, **more: Any) -> dict[str, Any]:
    return {"containers": [{"name": name, "image": IMAGE, "imagePullPolicy": "IfNotPresent", **more}]}


def _dask_job(kube: Kube, name: str) -> None:
    """As in dask-kubernetes' own documentation of DaskJob, with our image."""
    ports = [{"name": "tcp-comm", "containerPort": 8786, "protocol": "TCP"}]
    dashboard = {"name": "http-dashboard", "containerPort": 8787, "protocol": "TCP"}
    worker = ["dask", "worker", "--name", "$(DASK_WORKER_NAME)", "--nthreads", "1"]
    kube.create(
        {
            "apiVersion": "kubernetes.dask.org/v1",
            "kind": "DaskJob",
            "metadata": {"name": name},
            "spec": {
                "job": {
                    "spec": {"restartPolicy": "Never", **_container("job", args=["python3", "-c", WAITING])}
                },
                "cluster": {
                    "spec": {
                        "worker": {"replicas": WORKERS, "spec": _container("worker", args=worker)},
                        "scheduler": {
                            "spec": _container(
                                "scheduler", args=["dask", "scheduler"], ports=[*ports, dashboard]
                            ),
                            "service": {
                                "type": "ClusterIP",
                                "selector": {
                                    "dask.org/cluster-name": name,
                                    "dask.org/component": "scheduler",
                                },
                                "ports": [
                                    {"name": "tcp-comm", "port": 8786, "targetPort": "tcp-comm"},
                                    {"name": "http-dashboard", "port": 8787, "targetPort": "http-dashboard"},
                                ],
                            },
                        },
                    }
                },
            },
        }
    )


DASK_JOB = Contestant(
    "DaskJob",
    start=_dask_job,
    known=lambda kube, name: (
        ((kube.get("DaskJob", name) or {}).get("status") or {}).get("jobStatus") == "Successful"
    ),
    runner=lambda kube, name: f"{name}-runner",
    stop=lambda kube, name: kube.delete("DaskJob", name),
)
