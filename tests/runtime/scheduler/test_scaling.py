"""Demand as a real scheduler tells it: from no workers at all, per group, up at once, down after a while."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.conftest import Pod, Pods, eventually
from tests.runtime.scaling import Operator, Puppet, auto, groups, secret, worker_message

GROUPS = groups(
    {"name": "default", "threads": 1, "memory": 0, "resources": {}},
    {"name": "gpu", "threads": 1, "memory": 0, "resources": {"GPU": 1}},
)


@pytest.fixture
def make(pods: Pods, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Operator, Puppet]]:
    """A scheduler without workers, and a flow on it."""
    secret(pods, monkeypatch)

    def make(**environment: Any) -> tuple[Operator, Puppet]:
        eventually(pods.scheduler(DASKFLOW_GROUPS=GROUPS, **environment).ready)
        return Operator(pods), Puppet(pods)

    return make


def gpu_worker(pods: Pods, number: int) -> Pod:
    return pods.worker(number, DASKFLOW_GROUP="gpu", DASKFLOW_RESOURCES='{"GPU": 1}')


def test_each_group_is_asked_for_by_its_own_tasks_and_from_nothing(
    make: Callable[..., tuple[Operator, Puppet]], pods: Pods
) -> None:
    operator, puppet = make()
    assert "demand" in operator.order(default=auto(target=0.5), gpu=auto(target=0.5))
    operator.until(demand={"default": 0, "gpu": 0})
    version = operator.state()["version"]
    told: list[dict[str, Any]] = []
    watcher = threading.Thread(target=lambda: told.append(Operator(pods)._control.watch(version, 20)))
    watcher.start()
    puppet.do("kept['gpu'] = [client.submit(started, 'gpu', 0.3, n, resources={'GPU': 1}) for n in range(3)]")
    watcher.join(5)
    assert told, "the answer waits for the end of the question's time"
    operator.until(5, demand={"default": 0, "gpu": 3})
    puppet.do("kept['any'] = client.map(lambda n: started('any', 0.1, n), range(2))")
    operator.until(5, demand={"default": 2, "gpu": 3})
    worker = gpu_worker(pods, 0)
    puppet.do("(client.gather(kept['gpu']))")
    # It also took the tasks that any worker can run. One worker stays for what the client holds.
    puppet.do("(client.gather(kept['any']))")
    operator.until(10, demand={"default": 0, "gpu": 1})
    assert operator.order(default=auto(), gpu=auto())["retiring"] == []
    puppet.do("kept.clear()")
    operator.until(10, demand={"default": 0, "gpu": 0})
    assert operator.order(default=auto(), gpu=auto())["retiring"] == ["worker-0"]
    assert worker_message(worker)["reason"] == "Retired"


def test_tasks_that_turn_out_to_be_long_ask_for_more(
    make: Callable[..., tuple[Operator, Puppet]], pods: Pods
) -> None:
    operator, puppet = make()
    pods.worker()
    operator.order(default={**auto(minimum=1), "replicas": 1})
    puppet.do("kept['long'] = client.map(lambda n: started('long', 60, n), range(4))")
    operator.until(5, demand={"default": 1})  # four times the half second that Dask takes for unknown
    operator.until(20, demand={"default": 4})


def test_a_sawtooth_load_changes_the_demand_a_few_times(
    make: Callable[..., tuple[Operator, Puppet]], pods: Pods
) -> None:
    operator, puppet = make()
    pods.worker()
    operator.order(default={**auto(minimum=1, target=0.1, delay=2), "replicas": 1})
    told: list[int] = []
    ended = threading.Event()

    def watch() -> None:
        control, version = Operator(pods)._control, 0
        while not ended.is_set():
            state = control.watch(version, 1)
            version = state["version"]
            if told[-1:] != [state["demand"]["default"]]:
                told.append(state["demand"]["default"])

    watcher = threading.Thread(target=watch)
    watcher.start()
    saw = "client.gather(client.map(lambda n: started('tooth', 0.02, n), range(30), pure=False))"
    puppet.do(f"for _ in range(6): {saw}; time.sleep(0.4)")
    steps = list(told)
    operator.until(10, demand={"default": 1})
    ended.set()
    watcher.join()
    assert max(steps) >= 5
    assert len(steps) <= 8
    assert steps[-1] > 1


def test_up_from_nothing_and_down_again_with_somebody_who_follows(
    make: Callable[..., tuple[Operator, Puppet]], pods: Pods
) -> None:
    operator, puppet = make()
    bounds = auto(maximum=3, delay=1.5, target=0.5)
    operator.order(default=bounds)
    workers: list[Pod] = []
    ended = threading.Event()

    def follow() -> None:
        """What the operator does: as many pods as are wanted, and the order to match."""
        mine = Operator(pods)
        mine._revision = 1
        while not ended.is_set():
            want = mine.state()["demand"]["default"]
            alive = [worker for worker in workers if worker.popen.poll() is None]
            retiring = len(mine.order(default={**bounds, "replicas": want})["retiring"])
            for _ in range(want - len(alive) + retiring):
                workers.append(pods.worker(len(workers)))
            ended.wait(0.2)

    follower = threading.Thread(target=follow)
    follower.start()
    puppet.do("kept['work'] = client.map(lambda n: started('task%d' % n, 0.3, n), range(24))")
    assert puppet.do("(sum(client.gather(kept['work'])))") == str(sum(range(24)))
    puppet.do("kept.clear()")
    eventually(lambda: workers and all(worker.popen.poll() is not None for worker in workers))
    ended.set()
    follower.join()
    assert len(puppet.starts()) == len(set(puppet.starts())) == 24
    assert len(workers) == 3
    assert [worker_message(worker)["reason"] for worker in workers] == ["Retired"] * 3
