"""Fewer workers: who goes, that nothing is run twice or lost, and who cannot go."""

import asyncio
import signal
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from daskflow.runtime.runner.control_client import Refused
from daskflow.runtime.scheduler.retirement import Retirement, release_worker

from tests.runtime.conftest import Pod, Pods, eventually
from tests.runtime.scaling import Operator, Puppet, secret, worker_message

Cluster = tuple[Operator, Puppet, list[Pod]]
RETIRED = {"v": 1, "role": "worker", "reason": "Retired"}


@pytest.fixture
def make(pods: Pods, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Cluster]:
    secret(pods, monkeypatch)

    def make(workers: int, **environment: str) -> Cluster:
        scheduler, them = pods.cluster(workers, **environment)
        puppet = Puppet(pods)
        eventually(scheduler.ready)
        eventually(lambda: all(worker.ready() for worker in them))
        return Operator(pods), puppet, them

    return make


def left(workers: list[Pod], count: int) -> list[Pod]:
    """Those that have ended, once there are so many."""
    ended = [worker for worker in workers if worker.popen.poll() is not None]
    return ended if len(ended) == count else []


def test_busy_workers_retire_and_each_task_is_started_once(make: Callable[..., Cluster]) -> None:
    operator, puppet, workers = make(3)
    puppet.do("kept['held'] = client.map(lambda n: started('held%d' % n, 0, n), range(12))")
    puppet.do("(client.gather(kept['held']))")
    puppet.do("kept['busy'] = client.map(lambda n: started('busy%d' % n, 0.3, n), range(15))")
    eventually(lambda: sum(name.startswith("busy") for name in puppet.starts()) >= 3)
    state = operator.order(default=1)
    assert len(state["retiring"]) == 2
    assert state["revision"] == 1
    gone = eventually(lambda: left(workers, 2))
    assert [worker_message(each) for each in gone] == [RETIRED, RETIRED]
    assert puppet.do("(sum(client.gather(kept['busy'] + kept['held'])))") == str(
        sum(range(15)) + sum(range(12))
    )
    assert puppet.starts() == sorted([f"busy{n}" for n in range(15)] + [f"held{n}" for n in range(12)])
    operator.until(registered=1, retiring=[])


def test_a_worker_without_a_nanny_says_that_a_restart_removed_it(make: Callable[..., Cluster]) -> None:
    _, puppet, (worker,) = make(1)
    puppet.do("client.restart(wait_for_workers=False)")
    assert worker_message(worker) == {"v": 1, "role": "worker", "reason": "Removed"}


def test_short_tasks_are_started_once_while_workers_leave(make: Callable[..., Cluster]) -> None:
    operator, puppet, workers = make(3)
    puppet.do("kept['short'] = client.map(lambda n: started('t%d' % n, 0, n), range(600))")
    eventually(lambda: len(puppet.starts()) > 5)
    operator.order(default=1)
    eventually(lambda: left(workers, 2))
    assert puppet.do("(sum(client.gather(kept['short'])))") == str(sum(range(600)))
    assert len(puppet.starts()) == len(set(puppet.starts())) == 600


async def test_a_worker_is_removed_only_when_the_news_of_its_tasks_has_come() -> None:
    """News that is slower than the worker's request cannot be had at will with real processes."""
    ended, waiting = SimpleNamespace(key="ended"), SimpleNamespace(key="waiting")
    worker = SimpleNamespace(processing=[ended, waiting])
    calls: list[dict[str, Any]] = []

    async def retire_workers(**kwargs: Any) -> dict[str, Any]:
        assert worker.processing == [waiting]
        calls.append(kwargs)
        return {"address": {}}

    scheduler = SimpleNamespace(workers={"address": worker}, retire_workers=retire_workers)
    asked = asyncio.ensure_future(release_worker(scheduler, "address", ("waiting", "unknown")))
    for _ in range(5):
        await asyncio.sleep(0.01)
        assert not calls
    worker.processing.remove(ended)
    assert await asked
    assert calls == [{"workers": ["address"], "close_workers": False, "remove": True}]
    assert await release_worker(SimpleNamespace(workers={}), "address", ())


async def test_a_worker_that_does_not_answer_its_order_is_said_to_hold_something() -> None:
    async def daskflow_retire(drain: float) -> str:
        raise OSError("the connection was lost")

    worker = SimpleNamespace(
        address="address", name="w-0", actors=(), has_what=(), processing=(), nbytes=0, extra={}
    )
    scheduler = SimpleNamespace(
        workers={"address": worker}, running={worker.address: worker}.values(), rpc=lambda _: rpc
    )
    rpc = SimpleNamespace(daskflow_retire=daskflow_retire)
    changed = asyncio.Event()
    retirement = Retirement(scheduler, changed.set)
    retirement.keep_to({"": (0, 1.0)})
    assert retirement.retiring == ["w-0"]
    changed.clear()
    await asyncio.wait_for(changed.wait(), 10)
    assert retirement.held == {"w-0": "what it did not hand over (OSError('the connection was lost'))"}
    assert retirement.retiring == []


def test_idle_workers_go_first_and_a_busy_one_stays(make: Callable[..., Cluster]) -> None:
    operator, puppet, workers = make(3)
    puppet.do(
        "kept['busy'] = client.submit(started, 'busy', 60, workers=['worker-1'], allow_other_workers=True)"
    )
    eventually(lambda: puppet.starts() == ["busy"])
    assert operator.order(default=1)["retiring"] == ["worker-0", "worker-2"]
    assert [worker_message(workers[n]) for n in (0, 2)] == [RETIRED, RETIRED]
    assert workers[1].popen.poll() is None
    assert puppet.starts() == ["busy"]


def test_a_long_task_is_waited_for_only_within_the_drain_time(make: Callable[..., Cluster]) -> None:
    operator, puppet, workers = make(2)
    puppet.do("kept['held'] = client.map(lambda n: started('held%d' % n, 0, n), range(8))")
    puppet.do("(client.gather(kept['held']))")
    puppet.do("kept['busy'] = client.map(lambda n: started('busy', 60, n, until='enough'), range(2))")
    eventually(lambda: puppet.starts().count("busy") == 2)
    begun = time.monotonic()
    (name,) = operator.order(default={"replicas": 1, "drain": 1.5, "autoscale": None})["retiring"]
    going = workers[int(name[-1])]
    assert worker_message(going) == RETIRED
    assert 1.4 < time.monotonic() - begun < 12
    puppet.touch("enough")
    assert puppet.do("(sum(client.gather(kept['busy'] + kept['held'])))") == str(1 + sum(range(8)))
    assert puppet.starts().count("busy") == 3  # the interrupted one, once more
    assert len(puppet.starts()) == 8 + 3


def test_holders_of_actors_stay_until_the_actors_are_gone(make: Callable[..., Cluster]) -> None:
    operator, puppet, workers = make(2)
    for name in ("worker-0", "worker-1"):
        puppet.do(f"kept['{name}'] = client.submit(Counter, actor=True, workers=['{name}']).result()")
    assert operator.order(default=1)["retiring"] == []
    state = operator.until(retiring=[])
    ((held, why),) = state["held"].items()
    assert why == "1 actor"
    assert puppet.do(f"(kept['{held}'].up().result())") == "1"
    puppet.do(f"del kept['{held}']\nimport gc; gc.collect()")
    assert worker_message(workers[int(held[-1])]) == RETIRED
    operator.until(held={}, registered=1)


def test_the_last_worker_stays_as_long_as_a_client_wants_its_data(make: Callable[..., Cluster]) -> None:
    operator, puppet, workers = make(2)
    puppet.do("kept['data'] = client.map(lambda n: started('held', 0, n), range(4))")
    puppet.do("(client.gather(kept['data']))")
    operator.order(default=0)
    state = operator.until(registered=1)
    (held,) = state["held"]
    assert state["held"][held] == "data that no other worker can take"
    assert puppet.do("(client.gather(kept['data']))") == "[0, 1, 2, 3]"
    assert puppet.starts() == ["held"] * 4
    puppet.do("kept.clear()")
    assert worker_message(workers[int(held[-1])]) == RETIRED


def test_an_order_raised_meanwhile_does_not_bring_a_retiring_worker_back(
    make: Callable[..., Cluster], pods: Pods
) -> None:
    operator, puppet, workers = make(2)
    puppet.do("kept['busy'] = client.map(lambda n: started('busy%d' % n, 60, n, until='go'), range(2))")
    eventually(lambda: len(puppet.starts()) == 2)
    (name,) = operator.order(default=1)["retiring"]
    assert operator.order(default=2)["retiring"] == [name]
    replacement = pods.worker(2)
    eventually(replacement.ready)
    assert operator.order(default=2)["retiring"] == [name]
    puppet.touch("go")
    assert worker_message(workers[int(name[-1])]) == RETIRED
    assert puppet.do("(client.gather(kept['busy']))") == "[0, 1]"
    assert puppet.starts() == ["busy0", "busy1"]
    operator.until(registered=2, retiring=[])
    assert replacement.popen.poll() is None


def test_sigterm_shortens_a_retirement(make: Callable[..., Cluster]) -> None:
    operator, puppet, workers = make(2, DASKFLOW_DRAIN="1")
    puppet.do("kept['busy'] = client.map(lambda n: started('busy', 60, n, until='go'), range(2))")
    eventually(lambda: len(puppet.starts()) == 2)
    (name,) = operator.order(default=1)["retiring"]
    going = workers[int(name[-1])]
    eventually(lambda: "Retired: handing over" in going.log())
    begun = time.monotonic()
    going.signal(signal.SIGTERM)
    assert worker_message(going) == RETIRED
    assert time.monotonic() - begun < 8
    puppet.touch("go")
    assert puppet.do("(client.gather(kept['busy']))") == "[0, 1]"


def test_a_worker_beyond_the_order_retires_when_it_has_settled(
    make: Callable[..., Cluster], pods: Pods
) -> None:
    operator, _, workers = make(1)
    operator.order(default=1)
    begun = time.monotonic()
    workers.append(pods.worker(1))
    operator.until(registered=2)
    (gone,) = eventually(lambda: left(workers, 1))
    assert time.monotonic() - begun > 5
    assert worker_message(gone) == RETIRED


def test_older_orders_and_nonsense_are_refused(make: Callable[..., Cluster]) -> None:
    operator, _, _ = make(0)
    operator.order(revision=10, default=1)
    assert operator.order(revision=10, default=1)["revision"] == 10
    with pytest.raises(Refused) as refused:
        operator.order(revision=9, default=0)
    assert (refused.value.status, refused.value.body) == (409, {"revision": 10})
    for nonsense in (
        {"replicas": -1, "drain": 1, "autoscale": None},
        {"replicas": True, "drain": 1, "autoscale": None},
        {"replicas": 1, "drain": "1", "autoscale": None},
        {"replicas": 1, "drain": float("inf"), "autoscale": None},
        {"replicas": 1},
        [],
    ):
        with pytest.raises(Refused) as refused:
            operator.order(revision=11, default=nonsense)
        assert refused.value.status == 400
    assert operator.state()["revision"] == 10
