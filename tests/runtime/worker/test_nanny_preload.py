"""Workers with a nanny: process 1 is the nanny, the worker its child; the pod behaves the same."""

import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.conftest import Pod, Pods, eventually
from tests.runtime.processes import listening
from tests.runtime.scaling import Operator, Puppet, auto, secret, worker_message


@pytest.fixture
def operator(pods: Pods, monkeypatch: pytest.MonkeyPatch) -> Operator:
    secret(pods, monkeypatch)
    return Operator(pods)


def with_nanny(pods: Pods, workers: int, **environment: Any) -> tuple[Puppet, list[Pod]]:
    pods.scheduler(**environment)
    them = [pods.worker(number, DASKFLOW_NANNY=1, **environment) for number in range(workers)]
    puppet = Puppet(pods, **environment)
    for worker in them:
        eventually(worker.ready, 30)
    return puppet, them


def children(pid: int) -> set[int]:
    """Processes below this one, all generations."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found |= {child} | children(child)
    return found


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and ") Z " not in Path(f"/proc/{pid}/stat").read_text()


def test_restart_makes_a_new_process_with_everything_a_worker_has(pods: Pods, operator: Operator) -> None:
    puppet, (worker,) = with_nanny(pods, 1, DASKFLOW_MEMORY_LIMIT=512 << 20)
    look = "(client.run(lambda dask_worker: [dask_worker.name, dask_worker.memory_manager.memory_limit]))"
    before = puppet.do("(list(client.run(os.getpid).values()))")
    assert "'worker-0', 536870912" in puppet.do(look)
    assert operator.order(default=auto(1, delay=0, target=0.5))["demand"] == {"default": 1}
    puppet.do("kept['work'] = client.map(lambda n: started('work', 60, n), range(3))")
    operator.until(2, demand={"default": 3})
    puppet.do("kept.clear(); client.restart()")
    operator.until(5, demand={"default": 1})
    after = puppet.do("(list(client.run(os.getpid).values()))")
    assert before != after
    assert "'worker-0', 536870912" in puppet.do(look)
    assert worker.message() == {}
    made = "__import__('distributed').LocalCluster().scheduler_address"
    assert f":{pods.port}" in puppet.do(f"(client.submit(lambda: {made}).result())")
    eventually(worker.ready)
    (pid,) = (int(text) for text in after.strip("[]").split(","))
    # Dask's own of nanny and worker, with TLS, and nothing that speaks plain HTTP.
    assert len(listening(pid) - {worker.ready_port}) == 1
    assert len(listening(worker.popen.pid)) <= 1  # the nanny listens on the address that faces the scheduler
    operator.order(default=0)
    assert worker_message(worker)["reason"] == "Retired"


def test_a_nannys_worker_retires_for_good_and_runs_nothing_twice(pods: Pods, operator: Operator) -> None:
    puppet, workers = with_nanny(pods, 2)
    puppet.do("kept['held'] = client.map(lambda n: started('held%d' % n, 0, n), range(8))")
    puppet.do("(client.gather(kept['held']))")
    puppet.do("kept['busy'] = client.map(lambda n: started('busy%d' % n, 0.5, n), range(8))")
    eventually(lambda: sum(name.startswith("busy") for name in puppet.starts()) >= 2)
    (name,) = operator.order(default=1)["retiring"]
    assert worker_message(workers[int(name[-1])])["reason"] == "Retired"
    assert puppet.do("(sum(client.gather(kept['busy'] + kept['held'])))") == "56"
    assert len(puppet.starts()) == 16
    operator.until(registered=1, retiring=[])


def test_sigterm_to_the_nanny_hands_over_what_its_worker_holds(pods: Pods, operator: Operator) -> None:
    puppet, (first, _) = with_nanny(pods, 2)
    puppet.do("kept['held'] = client.map(lambda n: started('held%d' % n, 0, n), range(8))")
    puppet.do("(client.gather(kept['held']))")
    where = "workers=['worker-0'], allow_other_workers=True"
    puppet.do(f"kept['busy'] = client.submit(started, 'busy', 1.5, 100, {where})")
    eventually(lambda: "busy" in puppet.starts())
    below = children(first.popen.pid)
    first.signal(signal.SIGTERM)
    assert worker_message(first)["reason"] == "Terminated"
    assert puppet.do("(sum(client.gather(kept['held'] + [kept['busy']])))") == "128"
    assert len(puppet.starts()) == 9
    eventually(lambda: not any(map(alive, below)))


def test_a_nannys_worker_leaves_with_its_scheduler(pods: Pods, operator: Operator) -> None:
    puppet, (worker,) = with_nanny(pods, 1)
    puppet.do("kept['busy'] = client.submit(started, 'busy', 60)")
    eventually(lambda: puppet.starts() == ["busy"])
    # A task may begin a moment before the nanny has heard that its worker runs.
    told = "client.run(lambda dask_worker: dask_worker.status.name, nanny=True)"
    eventually(lambda: puppet.do(f"(list({told}.values()))") == "['running']")
    below = children(worker.popen.pid)
    pods.pods[0].signal(signal.SIGKILL)
    assert worker_message(worker)["reason"] == "SchedulerGone"
    eventually(lambda: not any(map(alive, below)))


def test_a_killed_nanny_leaves_no_orphan(pods: Pods) -> None:
    _, (worker,) = with_nanny(pods, 1)
    below = children(worker.popen.pid)
    assert below
    worker.signal(signal.SIGKILL)
    eventually(lambda: not any(map(alive, below)))


def test_a_nanny_waits_for_a_late_scheduler_but_not_for_ever(pods: Pods) -> None:
    worker = pods.worker(0, DASKFLOW_NANNY=1)
    late = pods.worker(1, DASKFLOW_NANNY=1, DASKFLOW_DEATH_TIMEOUT=1)
    begun = time.monotonic()
    assert late.wait(20) == 1
    assert "the scheduler never answered" in late.log()
    time.sleep(max(3 - (time.monotonic() - begun), 0))  # longer than one connection may take
    scheduler = pods.scheduler()
    eventually(worker.ready, 30)
    assert "WARNING" not in scheduler.log()
