"""When clusters and workers end by themselves, with nobody to tell them."""

import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from daskflow.runtime.scheduler.lifetime import IdleTime, NoClientTime

from tests.runtime.conftest import Pod, Pods, eventually
from tests.runtime.scaling import Operator, Puppet, secret


def test_idle_time_counts_from_the_last_work_and_not_while_frozen() -> None:
    idle = IdleTime(5)
    assert not idle.tick(3600, busy=False)  # frozen: look first
    assert [idle.tick(1, busy=False) for _ in range(2)] == [False, False]
    assert not idle.tick(1, busy=True)
    assert idle.seconds == 0
    assert [idle.tick(1, busy=False) for _ in range(5)] == [False] * 4 + [True]


def test_time_without_a_client_counts_from_readiness_and_from_the_last_client() -> None:
    counted = NoClientTime(3, workers=2, patience=900)
    assert not any(counted.look(1, used=False, workers=1) for _ in range(100))
    assert [counted.look(1, used=False, workers=count) for count in (2, 0)] == [False, False]
    assert not counted.look(1, used=True, workers=2)
    assert not counted.look(3600, used=False, workers=2)  # frozen: look first
    assert counted.look(1, used=False, workers=2)


def test_a_cluster_that_never_gets_its_workers_is_given_up_after_a_while() -> None:
    counted = NoClientTime(3, workers=2, patience=10)
    assert [counted.look(2, used=False, workers=0) for _ in range(6)].index(True) == 5


def standalone(pods: Pods, **environment: Any) -> Any:
    return pods.cluster(1, DASKFLOW_OWNED="", DASKFLOW_LEASE_SECONDS=1, **environment)


def ended(pods: Pods, since: float, least: float, reason: str = "IdleTimeout") -> None:
    """Scheduler and worker have gone, not before `least` seconds."""
    found = {pod.name: pod for pod in pods.pods}
    scheduler, worker = found["scheduler"], found["worker-0"]
    assert scheduler.wait(20) == 0, scheduler.log()
    assert time.monotonic() - since >= least
    assert scheduler.message()["reason"] == reason
    assert worker.wait(15) == 0
    assert worker.message() == {"v": 1, "role": "worker", "reason": "SchedulerGone"}


@pytest.fixture
def of_a_run(tmp_path_factory: pytest.TempPathFactory, pyz: bytes) -> Iterator[Pod]:
    """The scheduler of another cluster, one that a run owns."""
    pods = Pods(tmp_path_factory.mktemp("run"), pyz, None)
    scheduler = pods.scheduler(DASKFLOW_IDLE_SECONDS=0.5)
    eventually(scheduler.ready)
    yield scheduler
    pods.end()


def test_a_cluster_that_nobody_uses_ends_unless_it_is_a_runs(pods: Pods, of_a_run: Pod) -> None:
    since = time.monotonic()
    standalone(pods, DASKFLOW_IDLE_SECONDS=1.5)
    ended(pods, since, 1.5)
    assert of_a_run.popen.poll() is None


def test_a_client_that_holds_results_and_a_running_task_keep_it(
    pods: Pods, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret(pods, monkeypatch)
    puppet = Puppet(pods, DASKFLOW_LEASE_SECONDS=100)  # renewed every 20 s: no use as a sign of life here
    scheduler, _ = standalone(pods, DASKFLOW_IDLE_SECONDS=2)  # when the runner has done most of its imports
    puppet.do("kept['held'] = client.submit(lambda: 1)")
    time.sleep(3)  # longer than a cluster may be idle
    assert puppet.do("(kept['held'].result())") == "1"
    puppet.do("kept.clear()")
    puppet.do("from distributed import fire_and_forget; fire_and_forget(client.submit(started, 'busy', 3))")
    since = time.monotonic()
    eventually(lambda: "busy" in puppet.starts())
    operator = Operator(pods)
    time.sleep(2)
    assert operator.state()["idle"] == 0
    assert scheduler.popen.poll() is None
    ended(pods, since, 4.5)  # the task, and two seconds more


def test_a_cluster_ends_when_its_last_client_has_gone(pods: Pods, monkeypatch: pytest.MonkeyPatch) -> None:
    secret(pods, monkeypatch)
    pods.cluster(1, DASKFLOW_OWNED="", DASKFLOW_LEASE_SECONDS=1, DASKFLOW_NO_CLIENT_SECONDS=2)
    scheduler = pods.pods[0]
    # The puppet's own lease would keep the cluster as a run's does: it is a client and nothing else.
    puppet = Puppet(pods, DASKFLOW_LEASE_SECONDS=100)
    puppet.do("from distributed import fire_and_forget")
    # A task's own client stays on its worker.
    puppet.do("client.submit(lambda: __import__('distributed').get_client() and None).result()")
    time.sleep(4)  # longer than it may be without a client
    assert scheduler.popen.poll() is None, scheduler.log()
    puppet.do("fire_and_forget(client.submit(started, 'busy', 3))")
    eventually(lambda: "busy" in puppet.starts())
    since = time.monotonic()
    puppet.do("[each.close() for each in list(Client._instances)]")  # its runner has one, too
    ended(pods, since, 4.5, "NoClientTimeout")  # the task, and two seconds more


def test_a_client_may_take_its_time_until_the_cluster_is_ready(pods: Pods) -> None:
    scheduler, (worker,) = standalone(pods, DASKFLOW_NO_CLIENT_SECONDS=2, DASKFLOW_READY_WORKERS=2)
    eventually(worker.ready)
    time.sleep(4)
    assert scheduler.popen.poll() is None
    since = time.monotonic()
    pods.worker(1)
    ended(pods, since, 1, "NoClientTimeout")


def test_a_run_that_computes_by_itself_keeps_its_shared_cluster(pods: Pods) -> None:
    scheduler, _ = standalone(pods, DASKFLOW_IDLE_SECONDS=2)
    runner = pods.runner({"script": "import time; time.sleep(3); result = 1"}, 1, DASKFLOW_LEASE_SECONDS=1)
    assert runner.outcome()["result"] == 1
    assert scheduler.popen.poll() is None


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM])
def test_workers_say_that_their_scheduler_has_gone(pods: Pods, signum: int) -> None:
    scheduler, (worker,) = pods.cluster(1)
    eventually(worker.ready)
    scheduler.signal(signum)
    assert worker.wait(10) == 0
    assert worker.message() == {"v": 1, "role": "worker", "reason": "SchedulerGone"}


def test_a_worker_without_a_scheduler_gives_up(pods: Pods) -> None:
    worker = pods.worker(0, DASKFLOW_DEATH_TIMEOUT=1)
    assert worker.wait(20) == 1
    assert worker.message() == {"v": 1, "role": "worker", "reason": "SchedulerGone"}


def test_workers_that_a_client_retires_say_so(pods: Pods) -> None:
    _, (worker, other) = pods.cluster(2)
    puppet = Puppet(pods)
    eventually(lambda: worker.ready() and other.ready())
    puppet.do("client.retire_workers(names=['worker-0'])")
    assert worker.wait(10) == 0
    assert worker.message() == {"v": 1, "role": "worker", "reason": "Retired"}
    assert other.popen.poll() is None
