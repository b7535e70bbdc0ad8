"""What a kubelet or the API server says against a run reaches its status as one sentence with the remedy."""

from typing import Any

import pytest

from tests.e2e.flows import QUICK, dask_cluster, flow_run
from tests.kube import Kube

HUGE = {"workers": {"replicas": 1, "resources": {"requests": {"cpu": "1000"}}}}
HOST_PATH = {"spec": {"volumes": [{"name": "node", "hostPath": {"path": "/"}}]}}
HUNGRY = "data = bytearray(300 * 2**20)"


@pytest.mark.parametrize(
    ("spec", "reason", "says"),
    [
        ({"image": "Not A Name"}, "ImageInvalid", "spec.image"),
        ({"envFrom": [{"configMapRef": {"name": "nowhere"}}]}, "ConfigInvalid", "nowhere"),
        (
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "absent", "key": "k"}}}]},
            "ConfigInvalid",
            "absent",
        ),
        ({"image": "docker.io/local/pause:1"}, "ContainerCannotRun", "python3"),
        ({"image": "docker.io/local/daskflow-operator:dev"}, "ContainerCannotRun", "'distributed'"),
        ({"runner": {"template": HOST_PATH}}, "Refused", "PodSecurity"),
        ({"runner": {"resources": {"limits": {"memory": "150Mi"}}}}, "OutOfMemory", "memory limit"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_certain_errors_fail_within_a_minute(
    kube: Kube, spec: dict[str, Any], reason: str, says: str
) -> None:
    kube.create(flow_run("run", HUNGRY, **spec))
    # What is missing may come a minute after the pod.
    status = kube.ended("run", 120 if reason == "ConfigInvalid" else 60)
    assert (status["phase"], status["reason"]) == ("Failed", reason)
    assert says in status["message"]
    kube.wait("its Event", lambda: ("Warning", reason) in kube.events("run"), 5)
    assert len(status["attempts"]) == 1


def test_a_template_that_undoes_the_pods_security_is_refused_before_anything_is_made(kube: Kube) -> None:
    kube.create(flow_run("run", QUICK, runner={"template": {"spec": {"hostNetwork": True}}}))
    status = kube.ended("run", 30)
    assert (status["phase"], status["reason"]) == ("Failed", "SpecInvalid")
    assert status["message"].startswith("spec.runner.template.spec.hostNetwork is true, ")
    kube.wait("its Event", lambda: kube.events("run") == [("Warning", "SpecInvalid")], 5)
    cluster = {"template": {"spec": {"containers": [{"name": "worker", "startupProbe": None}]}}}
    kube.create(dask_cluster("shared", workers=cluster))
    kube.reached("DaskCluster", "shared", "Failed", seconds=30)
    kube.wait("its Event", lambda: kube.events("shared") == [("Warning", "SpecInvalid")], 5)
    assert not kube.items("Pod")
    assert not kube.owned("run") + kube.owned("shared")


@pytest.mark.parametrize(
    ("spec", "reason", "says", "seconds"),
    [
        ({"cluster": HUGE}, "Unschedulable", "Insufficient cpu", 12),
        ({"image": "docker.io/local/nowhere:1"}, "ImagePullFailed", "cannot be pulled", 12),
        ({"security": {"tls": {"mode": "Secret", "secretName": "absent"}}}, "ConfigInvalid", "absent", 30),
    ],
    ids=["unschedulable", "image", "no certificates"],
)
def test_what_may_heal_is_shown_at_once_and_fails_at_the_start_deadline(
    kube: Kube, spec: dict[str, Any], reason: str, says: str, seconds: int
) -> None:
    kube.create(flow_run("run", QUICK, deadlines={"start": f"{seconds}s"}, **spec))
    kube.wait("the reason to show", lambda: kube.run_status("run").get("reason") == reason, seconds - 1)
    assert kube.run_status("run")["phase"] == "Starting"
    status = kube.ended("run", 60)
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    assert says in status["message"]


def test_a_quota_is_waited_for(kube: Kube) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "small"},
        "spec": {"hard": {"pods": "1"}},
    }
    kube.create(quota)
    kube.create(flow_run("run", QUICK))
    kube.wait("the reason to show", lambda: kube.run_status("run").get("reason") == "QuotaExceeded", 30)
    kube.patch("ResourceQuota", "small", {"spec": {"hard": {"pods": "10"}}})
    assert kube.ended("run", 120)["phase"] == "Succeeded"


def test_a_task_that_kills_its_workers_is_named(kube: Kube) -> None:
    script = """
import os
from distributed import Client
with Client() as client:
    client.submit(os._exit, 1, pure=False).result()
"""
    config = {"distributed": {"scheduler": {"allowed-failures": 0}}}
    kube.create(flow_run("run", script, cluster={"workers": {"replicas": 1}, "config": config}))
    status = kube.ended("run")
    assert status["failure"]["exception"] == "KilledWorker"
