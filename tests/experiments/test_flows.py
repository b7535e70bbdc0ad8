"""What a flow is and returns."""

from typing import Any

import pytest

from tests.e2e.flows import flow_run
from tests.kube import Kube

PREFECT3 = "docker.io/local/daskflow-flows:prefect3"
GENERATORS = {
    "plain": "def flow(n: int = 3):\n    for i in range(n):\n        print('step', i)\n        yield i\n",
    "async": "async def flow(n: int = 3):\n"
    "    for i in range(n):\n        print('step', i)\n        yield i\n",
    "prefect": "from prefect import flow as make\n@make\ndef flow(n: int = 3):\n"
    "    for i in range(n):\n        print('step', i)\n        yield i\n",
}


def with_files(kube: Kube, name: str, text: str, **spec: Any) -> dict[str, Any]:
    """A run of `flow` in a module of this text, from a ConfigMap."""
    kube.create(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"gen.py": text}}
    )
    flow = {"entrypoint": "gen.py:flow", "files": {"configMapRef": {"name": name}}}
    return flow_run(name, flow, **spec)


@pytest.mark.parametrize("kind", GENERATORS)
def test_a_generator_is_run_and_its_values_are_the_result(kube: Kube, kind: str) -> None:
    """PrefectHQ/prefect 14061 and 8433."""
    more = {"image": PREFECT3} if kind == "prefect" else {}
    kube.create(with_files(kube, "gen", GENERATORS[kind], **more))
    status = kube.ended("gen", 180)
    assert (status["phase"], status.get("result")) == ("Succeeded", [0, 1, 2]), status["message"]
    assert [line for line in kube.runner_log("gen").splitlines() if line.startswith("step")] == [
        "step 0",
        "step 1",
        "step 2",
    ]


FUTURES = """
import time
from distributed import get_client
def work(i):
    time.sleep(3)
    return {}
def flow():
    return get_client().map(work, range(4))
"""


def test_a_list_of_futures_is_waited_for(kube: Kube) -> None:
    """dask/distributed 2766."""
    kube.create(with_files(kube, "good", FUTURES.format("i * i")))
    kube.create(with_files(kube, "bad", FUTURES.format("1 / 0")))
    status = kube.ended("good")
    assert (status["phase"], status.get("result")) == ("Succeeded", [0, 1, 4, 9])
    status = kube.ended("bad")
    assert (status["phase"], status["reason"]) == ("Failed", "FlowFailed")
    assert "ZeroDivisionError" in status["message"]


def test_integers_beyond_64_bits_are_exact(kube: Kube) -> None:
    """argoproj/argo-workflows 3990, kubernetes/kubernetes 30213."""
    kube.create(flow_run("result", "result = {'fits': 2**62, 'sum': 2**64 + 1}"))
    script = "import json, os; result = str(json.loads(os.environ['DASKFLOW_PARAMETERS'])['id'])"
    kube.create(flow_run("text", {"script": script, "parameters": {"id": "18446744073709551617"}}))
    status = kube.ended("result")
    assert int(status["result"]["fits"]) == 2**62
    assert str(status["result"]["sum"]) == str(2**64 + 1) or status.get("resultNote")
    assert kube.result("text") == "18446744073709551617"


def test_the_causes_inside_an_exception_group_are_told_and_never_retried(kube: Kube) -> None:
    """PrefectHQ/prefect 16299."""
    text = (
        "import asyncio\nasync def bad():\n    raise KeyError('no column x')\n"
        "async def flow():\n    async with asyncio.TaskGroup() as tg:\n        tg.create_task(bad())\n"
    )
    retries = {"limit": 2, "backoff": {"initial": "1s"}, "never": {"exceptions": ["KeyError"]}}
    kube.create(with_files(kube, "group", text, retries=retries))
    status = kube.ended("group")
    assert "no column x" in status["message"]
    assert len(status["attempts"]) == 1


def test_code_for_one_machine_scales_its_cluster(kube: Kube) -> None:
    """dask/distributed 2266."""
    script = (
        "from distributed import Client\nclient = Client(n_workers=4)\nclient.cluster.scale(8)\n"
        "print(client.cluster.dashboard_link, len(client.cluster.workers))\nclient.cluster.adapt(maximum=3)\n"
        "result = client.submit(sum, [1, 2]).result()"
    )
    kube.create(flow_run("scales", script))
    status = kube.ended("scales")
    assert (status["phase"], status.get("result")) == ("Succeeded", 3), status["message"]


def test_a_command_imports_the_modules_of_the_folder_that_it_changes_to(kube: Kube) -> None:
    """dask/dask-kubernetes 222, dask/distributed 501."""
    command = ["sh", "-c", "cd diamond && exec python3 -c 'import diamond; print(diamond.flow(10))'"]
    kube.create(flow_run("command", {"command": command}))
    status = kube.ended("command")
    if status["phase"] == "Succeeded":
        assert "90" in kube.runner_log("command")
    else:
        assert "diamond" in status["message"] + kube.runner_log("command")
        assert "PYTHONPATH" in status["message"] + kube.runner_log("command")


def test_what_is_fired_and_forgotten_is_done_before_the_cluster_goes(kube: Kube) -> None:
    """dask/dask 10654."""
    script = (
        "import time\nfrom distributed import fire_and_forget, get_client\n"
        "fire_and_forget(get_client().map(time.sleep, [5, 5.1, 5.2]))"
    )
    kube.create(flow_run("forgets", script))
    status = kube.ended("forgets", 120)
    assert status["phase"] == "Succeeded"
    assert "3" in kube.runner_log("forgets")
    assert "fire_and_forget" in kube.runner_log("forgets")


@pytest.mark.parametrize(
    "runner",
    [
        "DaskTaskRunner(cluster_class='dask_kubernetes.operator.KubeCluster', cluster_kwargs={'name': 'x'})",
        "DaskTaskRunner(cluster_class='distributed.LocalCluster', adapt_kwargs={'maximum': 2})",
    ],
)
def test_a_task_runner_that_wants_its_own_cluster_runs_on_the_runs(kube: Kube, runner: str) -> None:
    """PrefectHQ/prefect 15260, prefect-dask 38."""
    text = (
        "import socket\nfrom prefect import flow as make, task\nfrom prefect_dask import DaskTaskRunner\n"
        "@task\ndef where():\n    return socket.gethostname()\n"
        f"@make(task_runner={runner})\ndef flow():\n    return where.submit().result()\n"
    )
    kube.create(with_files(kube, "runner", text, image=PREFECT3))
    status = kube.ended("runner", 240)
    assert status["phase"] == "Succeeded", status["message"]
    assert "-default-" in status["result"] or "worker" in status["result"] or "-w" in status["result"]
