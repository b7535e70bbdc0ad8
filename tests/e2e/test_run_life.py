"""Retries, deadlines, cancellation, suspension and retention as a kubelet carries them out."""

import time

import pytest

from tests.e2e.flows import QUICK, WAITING, flow_run
from tests.kube import Kube

SECOND_TIME = """
import os, sys
print("attempt", os.environ["DASKFLOW_ATTEMPT"], flush=True)
if os.environ["DASKFLOW_ATTEMPT"] == "1":
    sys.exit(3)
result = "second"
"""
CLEANS_UP = """
import time
try:
    time.sleep(120)
finally:
    print("cleaned up", flush=True)
"""
SOON = {"initial": "1s"}


def _pods(kube: Kube, component: str = "") -> list[str]:
    selector = f"daskflow.dev/component={component}" if component else ""
    return [pod["metadata"]["name"] for pod in kube.items("Pod", selector)]


def _running(kube: Kube) -> None:
    kube.reached("FlowRun", "run", "Running")


def test_a_failed_flow_is_tried_again_on_a_fresh_cluster(kube: Kube) -> None:
    kube.create(flow_run("run", SECOND_TIME, retries={"limit": 1, "backoff": SOON}))
    status = kube.ended("run")
    assert status["result"] == "second"
    assert [(each["outcome"], each.get("exitCode")) for each in status["attempts"]] == [
        ("Failed", 3),
        ("Succeeded", 0),
    ]
    first, second = status["attempts"]
    assert first["cluster"] != second["cluster"]
    assert first["endTime"] <= second["startTime"]


def test_what_is_never_to_be_tried_again_is_not(kube: Kube) -> None:
    kube.create(
        flow_run("run", SECOND_TIME, retries={"limit": 3, "backoff": SOON, "never": {"exitCodes": [3]}})
    )
    status = kube.ended("run")
    assert (status["phase"], len(status["attempts"])) == ("Failed", 1)


def test_the_active_deadline_ends_the_flow_gently(kube: Kube) -> None:
    kube.create(flow_run("run", CLEANS_UP, deadlines={"active": "20s"}))
    status = kube.ended("run")
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    (runner,) = _pods(kube, "runner")
    assert "cleaned up" in kube.logs(runner)


def test_cancel_lets_the_flow_clean_up_and_cannot_be_undone(kube: Kube) -> None:
    kube.create(flow_run("run", CLEANS_UP))
    _running(kube)
    kube.patch("FlowRun", "run", {"spec": {"cancel": True}})
    kube.wait("the wish to be latched", lambda: kube.run_status("run").get("cancelRequested"))
    kube.patch("FlowRun", "run", {"spec": {"cancel": False}})
    status = kube.ended("run", 40)
    assert (status["phase"], status["reason"]) == ("Cancelled", "Cancelled")
    kube.wait("all compute to end", lambda: not kube.living(), 10)
    (runner,) = _pods(kube, "runner")
    assert "cleaned up" in kube.logs(runner)


def test_a_flow_that_ignores_the_signal_is_killed_after_its_grace_period(kube: Kube) -> None:
    script = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(120)"
    kube.create(flow_run("run", script, cancelGracePeriod="3s"))
    _running(kube)
    kube.patch("FlowRun", "run", {"spec": {"cancel": True}})
    assert kube.ended("run", 15)["phase"] == "Cancelled"
    kube.wait("all compute to end", lambda: not kube.living(), 10)


def test_cancel_before_the_flow_begins(kube: Kube) -> None:
    kube.create(flow_run("run", QUICK, image="docker.io/local/nowhere:1"))
    kube.wait("the runner's pod", lambda: _pods(kube, "runner"))
    kube.patch("FlowRun", "run", {"spec": {"cancel": True}})
    assert kube.ended("run", 40)["phase"] == "Cancelled"
    kube.wait("all compute to end", lambda: not kube.living(), 10)


def test_a_suspended_run_owns_no_pods_and_starts_anew_when_resumed(kube: Kube) -> None:
    kube.create(flow_run("run", WAITING.format(seconds=5)))
    _running(kube)
    kube.patch("FlowRun", "run", {"spec": {"suspend": True}})
    kube.wait("the pods to go", lambda: kube.run_status("run")["phase"] == "Suspended" and not _pods(kube))
    assert not kube.items("DaskCluster")
    kube.patch("FlowRun", "run", {"spec": {"suspend": False}})
    status = kube.ended("run")
    assert (status["phase"], status["result"]) == ("Succeeded", "done")
    assert [each["outcome"] for each in status["attempts"]] == ["Suspended", "Succeeded"]
    assert status["failures"] == {"flow": 0, "infrastructure": 0, "start": 0}


def test_an_eviction_is_infrastructure_and_tried_again_if_wished(kube: Kube) -> None:
    kube.create(
        flow_run("run", WAITING.format(seconds=6), retries={"infrastructureLimit": 1, "backoff": SOON})
    )
    _running(kube)
    (runner,) = _pods(kube, "runner")
    kube.call(
        "POST",
        kube.path("Pod", runner) + "/eviction",
        {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": runner, "namespace": kube.namespace},
        },
    )
    status = kube.ended("run", 120)
    assert (status["phase"], status["result"]) == ("Succeeded", "done")
    assert status["failures"] == {"flow": 0, "infrastructure": 1, "start": 0}


def test_a_deleted_worker_is_replaced_and_the_flow_goes_on(kube: Kube) -> None:
    script = """
import time
from distributed import Client
def slow(x):
    time.sleep(0.5)
    return x
with Client() as client:
    result = sum(client.gather(client.map(slow, range(40))))
"""
    kube.create(flow_run("run", script, cluster={"workers": {"replicas": 2}}))
    _running(kube)
    victim = _pods(kube, "worker")[0]
    kube.delete("Pod", victim, grace=0)
    kube.wait("another worker", lambda: any(name.endswith("worker-2") for name in _pods(kube, "worker")))
    assert kube.result("run", 120) == 780


def test_progress_is_in_status_while_the_flow_runs(kube: Kube) -> None:
    script = """
import time
from distributed import Client
with Client() as client:
    result = len(client.gather(client.map(lambda x: time.sleep(0.5), range(50))))
"""
    kube.create(flow_run("run", script))
    progress = kube.wait("progress", lambda: kube.run_status("run").get("progress"))
    assert progress["total"] == 50
    assert 0 < progress["done"] < 50
    assert progress["summary"] == f"{progress['done']}/50"
    assert kube.result("run") == 50


def test_more_workers_join_a_live_run(kube: Kube) -> None:
    kube.create(flow_run("run", WAITING.format(seconds=8)))
    _running(kube)
    kube.patch("FlowRun", "run", {"spec": {"cluster": {"workers": {"replicas": 2}}}})
    kube.wait("two workers", lambda: kube.run_status("run")["cluster"]["workers"] == "2/2", 15)
    assert kube.ended("run")["phase"] == "Succeeded"


@pytest.mark.alone
def test_a_cordoned_node_is_waited_for(kube: Kube) -> None:
    (node,) = kube.items("Node")
    name = node["metadata"]["name"]
    kube.patch("Node", name, {"spec": {"unschedulable": True}})
    try:
        kube.create(flow_run("run", QUICK))
        kube.wait("the reason", lambda: kube.run_status("run").get("reason") == "Unschedulable")
    finally:
        kube.patch("Node", name, {"spec": {"unschedulable": None}})
    assert kube.ended("run")["phase"] == "Succeeded"


def test_retention(kube: Kube) -> None:
    retention = {"runner": {"onSuccess": "2s"}, "record": {"onSuccess": "5s"}}
    kube.create(flow_run("run", "result = 1", retention=retention))
    assert kube.ended("run")["phase"] == "Succeeded"
    ended = time.monotonic()
    kube.wait("the runner's pod to go", lambda: not _pods(kube), 30)
    assert kube.get("FlowRun", "run") is not None
    kube.wait("the record to go", lambda: kube.get("FlowRun", "run") is None, 30)
    assert time.monotonic() - ended > 3


def test_a_failed_runs_stopped_pods_stay_for_their_logs(kube: Kube) -> None:
    kube.create(flow_run("run", "raise SystemExit(1)"))
    assert kube.ended("run")["phase"] == "Failed"
    kube.wait("all compute to end", lambda: not kube.living(), 15)
    assert {name.rsplit("-1-", 1)[1] for name in _pods(kube)} == {"runner", "scheduler", "worker-0"}
