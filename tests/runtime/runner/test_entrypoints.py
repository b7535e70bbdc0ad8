"""Unmodified user code lands on the run's cluster: mounted files, and what is written for one machine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.conftest import PYTHON, Pods

ETL = """
import os
import helpers
from distributed import Client, get_client

def pid():
    return helpers.me()

def flow():
    return get_client().submit(pid).result()

def inner():
    with Client() as client:
        return client.submit(os.getpid, pure=False).result(), Client(n_workers=3).scheduler.address

def nested():
    return get_client().submit(inner).result()

async def asynchronous():
    async with Client(asynchronous=True) as client:
        return await client.submit(pid)

def future():
    return get_client().submit(pid)

def lost():
    return get_client().submit(lambda: 1 / 0)

def fail():
    raise ValueError("of a task")

def failing():
    return get_client().submit(fail).result()
"""


def files(pods: Pods) -> Path:
    """What the operator mounts of a ConfigMap, in every pod."""
    folder = pods.folder / "files"
    folder.mkdir()
    (folder / "etl.py").write_text(ETL)
    (folder / "helpers.py").write_text("import os\n\ndef me():\n    return os.getpid()\n")
    return folder


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, pyz: bytes, certificates: Path) -> Iterator[Pods]:
    """A standing cluster of one worker that has the mounted files."""
    pods = Pods(tmp_path_factory.mktemp("entrypoints"), pyz, certificates)
    pods.file("etl.py", "raise RuntimeError('the mounted file comes first')")
    pods.cluster(1, DASKFLOW_OWNED="", DASKFLOW_THREADS=2, DASKFLOW_FILES=files(pods))
    yield pods
    pods.end()


def run(cluster: Pods, flow: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """A flow on the standing cluster: its outcome and its log."""
    told = {"DASKFLOW_FILES": cluster.folder / "files"}
    runner = cluster.runner(flow, 1, f"runner-{len(cluster.pods)}", **told)
    return runner.outcome(), runner.log()


@pytest.mark.parametrize("entrypoint", ["etl.py:flow", "etl:flow", "etl.py:asynchronous", "etl.py:future"])
def test_mounted_files_run_on_workers_with_their_siblings(cluster: Pods, entrypoint: str) -> None:
    outcome, _ = run(cluster, {"entrypoint": entrypoint})
    assert outcome["result"] == cluster.pods[1].popen.pid, outcome


def test_a_returned_future_that_failed_is_a_failure(cluster: Pods) -> None:
    outcome, _ = run(cluster, {"entrypoint": "etl:lost"})
    assert (outcome["outcome"], outcome["failure"]["exception"]) == ("Failed", "ZeroDivisionError")


def test_a_failure_in_a_mounted_file_is_told_by_the_files_name(cluster: Pods) -> None:
    outcome, _ = run(cluster, {"entrypoint": "etl.py:failing"})
    assert outcome["message"] == "ValueError: of a task (etl.py, line 30, in fail)"
    assert '  File "etl.py", line 30, in fail' in outcome["failure"]["traceback"]


def test_a_client_inside_a_task_gets_the_cluster(cluster: Pods) -> None:
    worker = cluster.pods[1]
    outcome, _ = run(cluster, {"entrypoint": "etl.py:nested"})
    assert outcome["result"] == [worker.popen.pid, f"tls://127.0.0.1:{cluster.port}"], outcome
    assert "Client(n_workers=3) connects to the run's cluster" in worker.log()


def test_a_missing_mounted_file_is_told_with_both_places(pods: Pods) -> None:
    folder = files(pods)
    outcome = pods.alone({"entrypoint": "elt.py:flow"}, DASKFLOW_FILES=folder)
    assert outcome["reason"] == "EntrypointInvalid"
    assert "did you mean 'etl.py'" in outcome["message"]
    assert str(folder) in outcome["message"]


def test_a_command_imports_mounted_files_and_keeps_the_images_path(pods: Pods) -> None:
    (pods.folder / "own").mkdir()
    (pods.folder / "own" / "mine.py").write_text("")
    told = {"DASKFLOW_FILES": files(pods), "PYTHONPATH": pods.folder / "own"}
    assert pods.alone({"command": [PYTHON, "-c", "import helpers, mine"]}, **told)["outcome"] == "Succeeded"


TUTORIALS = {
    "threads": ("Client(processes=False)", "Client(processes=False) connects to the run's cluster"),
    "workers": ("Client(n_workers=4, threads_per_worker=1)", "n_workers=4, threads_per_worker=1 is for one"),
    "cluster": ("Client(LocalCluster(n_workers=2))", "LocalCluster(n_workers=2) is the run's cluster"),
    "own": ("LocalCluster().get_client()", "LocalCluster() is the run's cluster"),
}


@pytest.mark.parametrize(("code", "line"), TUTORIALS.values(), ids=TUTORIALS)
def test_what_tutorials_write_for_one_machine_runs_on_the_cluster(
    cluster: Pods, code: str, line: str
) -> None:
    script = f"import os\nfrom dask.distributed import Client, LocalCluster\nclient = {code}\n"
    script += "result = client.submit(os.getpid, pure=False).result()\nclient.close()"
    outcome, log = run(cluster, {"script": script})
    assert outcome["result"] == cluster.pods[1].popen.pid, log
    assert line in log


def test_a_local_cluster_is_used_in_all_its_ways(cluster: Pods) -> None:
    pid = cluster.pods[1].popen.pid
    script = """
import asyncio, os
from dask.distributed import Client, LocalCluster

with LocalCluster(n_workers=4) as cluster, Client(cluster) as client:
    cluster.scale(8)
    cluster.adapt(minimum=1, maximum=9)
    result = [client.submit(os.getpid).result(), len(cluster.workers)]

async def main():
    async with LocalCluster(asynchronous=True) as cluster:
        async with Client(cluster, asynchronous=True) as client:
            return await client.submit(os.getpid, pure=False)

result.append(asyncio.run(main()))
LocalCluster().close()
"""
    outcome, log = run(cluster, {"script": script})
    assert outcome["result"] == [pid, 1, pid], log
    assert "scale() and adapt() of a cluster change nothing" in log


# What Dask's example notebooks (futures, delayed, embarrassingly parallel) and tutorials call.
NOTEBOOK = """
import asyncio, os
from dask.distributed import Client, LocalCluster, get_client, progress
client = Client(threads_per_worker=4, n_workers=4)
repr(client), client._repr_html_()
client.cluster.scale(10)
client.cluster.adapt(minimum=1, maximum=9)
client.wait_for_workers(1, timeout=10)
client.cluster.wait_for_workers(1)
cluster = client.cluster
logs = cluster.get_logs()
try:
    cluster.scheduler.tasks
except AttributeError as error:
    said = str(error)
async def main():
    async with Client(asynchronous=True) as other:
        await other.wait_for_workers(1)
        return [await other.submit(os.getpid, pure=False), "Scheduler" in await other.cluster.get_logs()]
result = [
    isinstance(cluster, LocalCluster), len(cluster.workers), cluster.dashboard_link, client.dashboard_link,
    len(cluster.plan), cluster.plan == cluster.requested == cluster.observed, cluster.loop is client.loop,
    cluster.security is client.security, cluster.scheduler.address == client.scheduler.address,
    len(cluster.scheduler.workers), sorted(logs)[:2], len(logs), said.partition(":")[0], asyncio.run(main()),
    cluster.get_client().submit(os.getpid, pure=False).result(),
]
client.shutdown()
get_client().shutdown()
result.append(Client().submit(os.getpid, pure=False).result())
"""


@pytest.mark.parametrize("image", ["newest", "oldest"])
def test_a_clients_cluster_is_the_runs(pods: Pods, image: str) -> None:
    if image == "oldest":
        pods.image("oldest")
    _, (worker,) = pods.cluster(1)
    runner = pods.runner({"script": NOTEBOOK}, 1)
    outcome, log, pid = runner.outcome(), runner.log(), worker.popen.pid
    said = "the scheduler is in another pod, and 'tasks' is known there alone"
    assert outcome["result"] == [
        *(True, 1, "", "", 1, True, True, True, True, 1, ["Cluster", "Scheduler"], 3, said),
        *([pid, True], pid, pid),
    ], log
    assert log.count("change nothing") == 1
    assert "client.shutdown() closes the client alone" in log


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "localhost:1"])
def test_a_hard_coded_address_is_named_in_the_failure(cluster: Pods, address: str) -> None:
    outcome, _ = run(cluster, {"script": f"from distributed import Client\nClient({address!r})"})
    assert outcome["reason"] == "FlowFailed"
    assert f"Client({address!r}) names a scheduler that does not answer" in outcome["message"]
    assert "Write Client() instead" in outcome["message"]


def test_without_a_cluster_a_local_one_is_made_as_ever(plain_pods: Pods) -> None:
    script = """
from distributed import Client, LocalCluster
cluster = LocalCluster(n_workers=1, processes=False, dashboard_address=None)
with cluster, Client(cluster) as client:
    result = client.submit(sum, [1, 2]).result()
"""
    outcome: dict[str, Any] = plain_pods.alone({"script": script})
    assert outcome["result"] == 3
