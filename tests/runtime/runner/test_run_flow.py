"""Flows on a cluster: what they see of it, and that everything ends when they end."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.conftest import Pods, eventually
from tests.runtime.processes import listening

FLOW = """
from distributed import get_client
from helpers import double

def flow(n=3):
    print("first line", flush=True)
    return sum(get_client().gather(get_client().map(double, range(n))))

def boom(n):
    raise ValueError("no %d today" % n)

def failing():
    return get_client().submit(boom, 7).result()

async def hello(name):
    return "hello " + name

def sleepy(seconds):
    import time
    get_client().submit(time.sleep, seconds).result()
"""


HELPERS = "def double(n):\n    return 2 * n\n"


@pytest.fixture(params=["tls", "plain"])
def either(request: pytest.FixtureRequest) -> Pods:
    return request.getfixturevalue("pods" if request.param == "tls" else "plain_pods")


def files(pods: Pods) -> None:
    pods.file("flows/etl.py", FLOW)
    pods.file("flows/helpers.py", HELPERS)


PREPARED = "def dask_setup(server):\n    print('prepared', type(server).__name__, flush=True)\n"


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, pyz: bytes, certificates: Path) -> Iterator[Pods]:
    """A standing cluster of one worker, with preloads of the image's own."""
    pods = Pods(tmp_path_factory.mktemp("standing"), pyz, certificates)
    files(pods)
    pods.file("things.py", "import dask, os\ntotal = dask.delayed(sum)([1, 2, dask.delayed(os.getpid)()])\n")
    pods.file("prepared.py", PREPARED)
    preloads = {f"DASK_DISTRIBUTED__{role}__PRELOAD": "['prepared']" for role in ("SCHEDULER", "WORKER")}
    told = {"DASKFLOW_ENTRYPOINT": "flows/etl.py:failing", "HOME": "/dev/null/home", **preloads}
    _, (worker,) = pods.cluster(1, DASKFLOW_OWNED="", DASKFLOW_MEMORY_LIMIT=512 << 20, **told)
    eventually(worker.ready)
    yield pods
    pods.end()


def run(standing: Pods, flow: dict[str, Any]) -> dict[str, Any]:
    return standing.runner(flow, 1, f"runner-{len(standing.pods)}").outcome()


def test_a_flow_runs_on_the_workers_and_everything_goes_when_it_ends(either: Pods) -> None:
    files(either)
    entrypoint = "flows/etl.py:flow"
    scheduler, workers = either.cluster(2, DASKFLOW_ENTRYPOINT=entrypoint)
    runner = either.runner({"entrypoint": entrypoint, "parameters": {"n": 4}}, 2)
    outcome = runner.outcome()
    assert outcome["outcome"] == "Succeeded", runner.log()
    assert outcome["result"] == 12
    assert outcome["begun"] < outcome["ended"]
    assert outcome["exit"] == 0
    assert "first line" in runner.log()
    assert "flows/etl.py:flow is a function; parameters: n" in runner.log()
    assert scheduler.wait(15) == 0
    assert [worker.wait(15) for worker in workers] == [0, 0]
    message = scheduler.message()
    assert message["outcome"]["result"] == 12
    assert message["reason"] == "OutcomeReceived"
    assert message["runner"] == "uid-runner"
    assert message["begun"] == outcome["begun"]


def test_a_failure_on_a_worker_is_told_with_the_users_frames(standing: Pods) -> None:
    outcome = run(standing, {"entrypoint": "flows/etl.py:failing"})
    assert (outcome["outcome"], outcome["reason"]) == ("Failed", "FlowFailed")
    assert outcome["failure"]["exception"] == "ValueError"
    assert outcome["failure"]["mro"] == ["ValueError", "Exception"]
    assert "no 7 today" in outcome["message"]
    assert 'raise ValueError("no %d today" % n)' in outcome["failure"]["traceback"]
    assert "in failing" in outcome["failure"]["traceback"]
    assert outcome["exit"] == 1


def test_dask_objects_and_coroutines_are_flows(standing: Pods) -> None:
    outcome = run(standing, {"entrypoint": "things:total"})
    assert outcome["result"] == standing.pods[1].popen.pid + 3


def test_a_script_uses_the_cluster_without_knowing_it(standing: Pods) -> None:
    script = """
import dask, os
from distributed import Client

class Local:
    def pid(self):
        return os.getpid()

if __name__ == "__main__":
    with Client() as client:
        other = client.submit(lambda: Local().pid()).result()
    result = [dask.delayed(lambda: Local().pid())().compute(), other]
"""
    assert run(standing, {"script": script})["result"] == [standing.pods[1].popen.pid] * 2


def test_a_flow_may_shut_its_cluster_down_itself(pods: Pods) -> None:
    scheduler, (worker,) = pods.cluster(1)
    script = "from distributed import get_client\nget_client().shutdown()\nresult = 1"
    outcome = pods.runner({"script": script}, 1).outcome()
    assert (outcome["outcome"], outcome["result"]) == ("Succeeded", 1)
    assert [scheduler.wait(15), worker.wait(15)] == [0, 0]


def test_a_terminated_worker_hands_its_data_over(pods: Pods) -> None:
    script = """
import os, time
from distributed import Client
client = Client()
one, two = sorted(client.scheduler_info()["workers"].items(), key=lambda item: item[1]["name"])
def work(path):
    with open(path, "a") as file:
        file.write("x")
    time.sleep(1)
    return os.getpid()
path = os.path.join(os.getcwd(), "ran")
held = client.submit(os.getpid, workers=one[0], allow_other_workers=True, pure=False)
held.result()
busy = client.submit(work, path, workers=one[0], allow_other_workers=True)
while not os.path.exists(path):
    time.sleep(0.02)
print("busy", flush=True)
while len(client.scheduler_info()["workers"]) > 1:
    time.sleep(0.02)
result = [held.result(), busy.result(), open(path).read()]
"""
    _, (first, _second) = pods.cluster(2)
    runner = pods.runner({"script": script}, 2)
    eventually(lambda: "busy\n" in runner.log())
    first.signal(signal.SIGTERM)
    assert first.wait(10) == 0
    assert runner.outcome()["result"] == [first.popen.pid, first.popen.pid, "x"], runner.log()
    assert first.message() == {"v": 1, "role": "worker", "reason": "Terminated"}


def test_workers_prepare_what_a_nanny_would(standing: Pods) -> None:
    script = """
import os
from distributed import get_client
names = ["OMP_NUM_THREADS", "MALLOC_TRIM_THRESHOLD_", "HOME"]
def look(dask_worker):
    manager = dask_worker.memory_manager
    folder = dask_worker.local_directory
    return [os.environ[name] for name in names] + [manager.memory_limit, folder, dask_worker.name]
(result,) = get_client().run(look).values()
"""
    threads, trim, home, limit, folder, name = run(standing, {"script": script})["result"]
    assert (threads, trim, limit, name) == ("1", "65536", 512 << 20, "worker-0")
    assert home == str(standing.folder / "worker-0.scratch")
    assert folder.startswith(home)


def test_the_images_own_preloads_stay(standing: Pods) -> None:
    scheduler, worker = standing.pods[:2]
    assert "prepared Scheduler" in scheduler.log()
    assert "prepared Worker" in worker.log()


def test_only_dask_control_and_ready_ports_face_the_network(standing: Pods) -> None:
    scheduler, worker = standing.pods[:2]
    assert listening(scheduler.popen.pid) == {standing.port, standing.control_port, scheduler.ready_port}
    assert len(listening(worker.popen.pid) - {worker.ready_port}) == 1  # Dask's own, with TLS
