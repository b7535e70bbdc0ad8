"""Flows on a cluster: what they see, and how everything ends when they end or cannot."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Pods, eventually
from .scaling import Operator, secret

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


def test_a_flow_ends_with_SchedulerLost_when_the_scheduler_dies(pods: Pods) -> None:
    files(pods)
    scheduler, (worker,) = pods.cluster(1)
    runner = pods.runner({"entrypoint": "flows/etl.py:sleepy", "parameters": {"seconds": 60}}, 1)
    eventually(runner.ready)
    eventually(lambda: "sleepy" in runner.log())
    scheduler.signal(signal.SIGKILL)
    outcome = runner.outcome()
    assert (outcome["outcome"], outcome["reason"]) == ("Failed", "SchedulerLost")
    worker.wait(15)
    assert scheduler.message()["begun"] == outcome["begun"]
    assert scheduler.message()["reason"] == ""


def test_a_dead_runner_takes_its_cluster_along_while_a_worker_is_busy(pods: Pods) -> None:
    files(pods)
    scheduler, (worker,) = pods.cluster(1, DASKFLOW_LEASE_SECONDS=2)
    flow = {"entrypoint": "flows/etl.py:sleepy", "parameters": {"seconds": 60}}
    runner = pods.runner(flow, 1, DASKFLOW_LEASE_SECONDS=2)
    eventually(lambda: "sleepy" in runner.log())
    runner.signal(signal.SIGKILL)
    assert scheduler.wait(10) == 1
    worker.wait(15)
    message = scheduler.message()
    assert message["reason"] == "LeaseLost"
    assert message["begun"]
    assert message["outcome"] is None


BUSY = {
    "coroutine": "async def task():\n    import asyncio; await asyncio.sleep(60)",
    "stubborn": "def task():\n while True:\n  try: time.sleep(60)\n  except BaseException: pass",
    "seceded": "def task():\n    import distributed; distributed.secede(); time.sleep(60)",
    "spinning": "def task():\n    while True: pass",
}


def test_busy_workers_leave_with_their_scheduler(pods: Pods) -> None:
    script = f"""
import time
from distributed import get_client
client = get_client()
names = {{worker["name"]: address for address, worker in client.scheduler_info()["workers"].items()}}
futures = []
for number, source in enumerate({list(BUSY.values())!r}):
    exec(source)
    futures.append(client.submit(task, workers=[names["worker-%d" % number]]))
while sum(map(bool, client.processing().values())) < len(futures):
    time.sleep(0.02)
"""
    scheduler, workers = pods.cluster(len(BUSY))
    runner = pods.runner({"script": script}, len(BUSY))
    assert runner.outcome()["outcome"] == "Succeeded", runner.log()
    assert scheduler.wait(10) == 0
    assert {kind: worker.wait(10) for kind, worker in zip(BUSY, workers, strict=True)} == dict.fromkeys(
        BUSY, 0
    )


def test_a_cluster_goes_when_no_runner_ever_comes(pods: Pods) -> None:
    scheduler = pods.scheduler(DASKFLOW_LEASE_FIRST_SECONDS=1)
    assert scheduler.wait(10) == 1
    assert scheduler.message()["reason"] == "LeaseNeverTaken"
    assert scheduler.message()["begun"] is None


def test_a_terminated_scheduler_says_so(pods: Pods) -> None:
    scheduler = pods.scheduler()
    eventually(scheduler.ready)
    scheduler.signal(signal.SIGTERM)
    assert scheduler.wait(15) == 1
    assert scheduler.message()["reason"] == "Terminated"


def test_a_second_runner_is_refused_once_the_first_has_begun(pods: Pods) -> None:
    pods.scheduler()
    first = pods.runner({"script": "import time; print('first', flush=True); time.sleep(60)"})
    eventually(lambda: "first\n" in first.log())
    second = pods.runner({"script": "print('second', flush=True)"}, name="second").outcome()
    assert (second["outcome"], second["reason"]) == ("Failed", "RunnerSuperseded")
    assert second["begun"] is None
    assert "second\n" not in pods.pods[-1].log()
    assert first.popen.poll() is None


def test_a_flow_begins_with_the_required_workers_once_patience_is_over(pods: Pods) -> None:
    pods.cluster(1)
    start = time.monotonic()
    runner = pods.runner({"script": "result = 1"}, {"wanted": 2, "required": 1, "patience": 2})
    assert runner.outcome()["outcome"] == "Succeeded"
    assert time.monotonic() - start > 2


def test_a_flow_begins_with_fewer_workers_once_fewer_are_ordered(
    pods: Pods, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret(pods, monkeypatch)
    pods.cluster(1)
    runner = pods.runner({"script": "result = 1"}, {"wanted": 2, "required": 2, "patience": 0})
    eventually(lambda: pods.pods[0].message().get("runner"))
    Operator(pods).order(default=1)
    assert runner.outcome()["outcome"] == "Succeeded"


def test_missing_workers_are_told(pods: Pods) -> None:
    pods.scheduler()
    runner = pods.runner({"script": ""}, {"wanted": 1, "required": 1, "timeout": 1})
    outcome = runner.outcome()
    assert outcome["reason"] == "WorkersMissing"
    assert "0 of 1 worker " in outcome["message"]
    assert outcome["begun"] is None


def test_a_runner_terminated_before_it_begins_says_what_it_waited_for(pods: Pods) -> None:
    pods.scheduler()
    runner = pods.runner({"script": "print('user code')"}, 1)
    eventually(lambda: pods.pods[0].message().get("runner"))
    runner.signal(signal.SIGTERM)
    outcome = runner.outcome()
    assert outcome["reason"] == "Terminated"
    assert "0 of 1 worker " in outcome["message"]
    assert "user code" not in runner.log()


def test_a_runner_without_a_scheduler_gives_up(pods: Pods) -> None:
    outcome = pods.runner({"script": ""}, 1, DASKFLOW_LEASE_FIRST_SECONDS=1).outcome()
    assert outcome["reason"] == "SchedulerUnreachable"


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


def listening(pid: int) -> set[int]:
    """Ports on which a process listens on other addresses than 127.0.0.1 (and ::1)."""
    inodes = {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
    ports = set()
    for table in ("tcp", "tcp6"):
        with open(f"/proc/{pid}/net/{table}") as file:
            for line in list(file)[1:]:
                _, local, _, state, *_, inode = line.split()[:10]
                address, port = local.split(":")
                if state == "0A" and f"socket:[{inode}]" in inodes and address != "0100007F":
                    ports.add(int(port, 16))
    return ports
