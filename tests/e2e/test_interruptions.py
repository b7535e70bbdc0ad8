"""Whatever is killed or deleted at whatever moment: nothing is lost, doubled or left behind."""

from collections.abc import Callable

import pytest

from tests.e2e.flows import WAITING, flow_run
from tests.e2e.operator import Operator
from tests.e2e.pods import killer
from tests.kube import Kube, namespace

BUSY = """
from distributed import Client
import time
client = Client()
client.submit(time.sleep, 60).result()
"""
LIMIT = 40
"""Seconds in which all of a deleted run is gone: the worker's grace period of 30 s, and ten."""


def _started(kube: Kube) -> bool:
    return kube.run_status("run").get("phase") == "Starting"


def _has_cluster(kube: Kube) -> bool:
    return bool(kube.items("DaskCluster"))


def _has_scheduler(kube: Kube) -> bool:
    return any("scheduler" in pod["metadata"]["name"] for pod in kube.items("Pod"))


def _has_runner(kube: Kube) -> bool:
    return any("runner" in pod["metadata"]["name"] for pod in kube.items("Pod"))


def _runs(kube: Kube) -> bool:
    return kube.run_status("run").get("phase") == "Running"


def _ended(kube: Kube) -> bool:
    return kube.run_status("run").get("phase") == "Succeeded"


MOMENTS = [_started, _has_cluster, _has_scheduler, _has_runner, _runs, _ended]


def _runner(kube: Kube) -> str:
    (pod,) = [pod for pod in kube.items("Pod") if "runner" in pod["metadata"]["name"]]
    return str(pod["metadata"]["name"])


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__.strip("_"))
def test_delete_leaves_nothing(kube: Kube, moment: Callable[[Kube], bool]) -> None:
    kube.create(flow_run("run", WAITING.format(seconds=60 if moment is not _ended else 0)))
    kube.wait(moment.__name__, lambda: moment(kube))
    kube.delete("FlowRun", "run")
    kube.wait("everything to go", lambda: not kube.owned("run"), LIMIT)
    assert kube.get("FlowRun", "run") is None


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__.strip("_"))
def test_a_killed_operator_changes_nothing_but_time(
    kube: Kube, operator: Operator, moment: Callable[[Kube], bool]
) -> None:
    kube.create(flow_run("run", WAITING.format(seconds=3)))
    kube.wait(moment.__name__, lambda: moment(kube))
    operator.kill()
    status = kube.ended("run")
    assert (status["phase"], status["result"], len(status["attempts"])) == ("Succeeded", "done", 1)
    kube.wait("the cluster to go", lambda: all("runner" in item for item in kube.owned("run")))
    assert kube.logs(_runner(kube)).count("begun") == 1


@pytest.mark.parametrize("runner_deleted", [False, True], ids=["runner kept", "runner deleted"])
def test_a_run_ends_without_the_operator(kube: Kube, operator: Operator, runner_deleted: bool) -> None:
    kube.create(flow_run("run", WAITING.format(seconds=5)))
    kube.wait("the flow to run", lambda: _runs(kube))
    operator.stop()

    kube.wait("all pods to end by themselves", lambda: not kube.living())
    if runner_deleted:
        kube.delete("Pod", _runner(kube))
    operator.start()
    status = kube.ended("run")
    assert (status["phase"], status["result"]) == ("Succeeded", "done")
    assert len(status["attempts"]) == 1


def test_the_active_deadline_holds_without_the_operator(kube: Kube, operator: Operator) -> None:
    kube.create(flow_run("run", WAITING.format(seconds=120), deadlines={"active": "12s"}))
    kube.wait("the flow to run", lambda: _runs(kube))
    operator.stop()
    kube.wait("all pods to end by themselves", lambda: not kube.living(), 60)
    operator.start()
    status = kube.ended("run")
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")


@pytest.mark.parametrize("lost", ["runner", "scheduler"])
def test_a_cluster_ends_by_itself_when_its_runner_or_scheduler_is_killed(
    operator: Operator, lost: str
) -> None:
    with namespace(restricted=False) as kube:
        kube.create(flow_run("run", BUSY))
        kube.wait("the flow to run", lambda: _runs(kube))
        operator.stop()
        (pod,) = kube.items("Pod", f"daskflow.dev/component={lost}")
        kube.create(killer(pod["metadata"]["name"]))
        kube.wait("all pods to end by themselves", lambda: not kube.living(), 60)
        assert len(kube.logs("killer").split()) >= 1
        ours = kube.items("Pod", "daskflow.dev/run=run")
        assert len(ours) == 3
        assert not any(pod["status"]["containerStatuses"][0]["restartCount"] for pod in ours)
        operator.start()
        status = kube.ended("run")
        assert status["reason"] == {"runner": "RunnerLost", "scheduler": "SchedulerLost"}[lost]
        assert len(status["attempts"]) == 1


def test_a_deleted_runner_ends_the_run_and_user_code_is_not_run_twice(kube: Kube) -> None:
    kube.create(flow_run("run", WAITING.format(seconds=60)))
    kube.wait("the flow to run", lambda: _runs(kube))
    kube.delete("Pod", _runner(kube), grace=0)
    status = kube.ended("run")
    assert status["phase"] == "Failed"
    assert status["failures"]["infrastructure"] == 1
    assert len(status["attempts"]) == 1
    assert not _has_runner(kube)


def test_a_deleted_scheduler_is_an_infrastructure_failure(kube: Kube) -> None:
    kube.create(flow_run("run", BUSY))
    kube.wait("the flow to run", lambda: _runs(kube))
    (scheduler,) = [pod for pod in kube.items("Pod") if "scheduler" in pod["metadata"]["name"]]
    kube.delete("Pod", scheduler["metadata"]["name"], grace=0)
    status = kube.ended("run", 120)
    assert (status["phase"], status["reason"]) == ("Failed", "SchedulerLost")
    assert status["failures"]["infrastructure"] == 1
