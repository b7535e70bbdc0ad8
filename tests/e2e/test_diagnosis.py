"""What a kubelet or the API server says against a run reaches its status as one sentence with the remedy."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from daskflow.api.conditions import instant

from tests.e2e.flows import QUICK, dask_cluster, flow_run
from tests.kube import Kube, namespace

HUGE = {"workers": {"replicas": 1, "resources": {"requests": {"cpu": "1000"}}}}
HOST_PATH = {"spec": {"volumes": [{"name": "node", "hostPath": {"path": "/"}}]}}
HUNGRY = "data = bytearray(300 * 2**20)"


ERRORS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no-image": ({"image": "Not A Name"}, "ImageInvalid", "spec.image"),
    "no-config-map": ({"envFrom": [{"configMapRef": {"name": "nowhere"}}]}, "ConfigInvalid", "nowhere"),
    "no-secret": (
        {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "absent", "key": "k"}}}]},
        "ConfigInvalid",
        "absent",
    ),
    "no-python": ({"image": "docker.io/local/pause:1"}, "ContainerCannotRun", "python3"),
    "no-dask": ({"image": "docker.io/local/daskflow-operator:dev"}, "ContainerCannotRun", "'distributed'"),
    "host-path": ({"runner": {"template": HOST_PATH}}, "Refused", "PodSecurity"),
    "hungry": ({"runner": {"resources": {"limits": {"memory": "150Mi"}}}}, "OutOfMemory", "memory limit"),
}


@pytest.fixture(scope="module")
def erring(installed: None) -> Iterator[Kube]:
    """All of them, begun at once: some take a minute by the clock alone."""
    with namespace() as kube:
        for name, (spec, _, _) in ERRORS.items():
            kube.create(flow_run(name, HUNGRY, **spec))
        yield kube


@pytest.mark.parametrize("name", ERRORS)
def test_certain_errors_fail_within_a_minute(erring: Kube, name: str) -> None:
    _, reason, says = ERRORS[name]
    status = erring.ended(name, 120)
    assert (status["phase"], status["reason"]) == ("Failed", reason)
    assert says in status["message"]
    created = (erring.get("FlowRun", name) or {})["metadata"]["creationTimestamp"]
    took = (instant(status["completionTime"]) - instant(created)).total_seconds()
    # What is missing may come a minute after the pod.
    assert took <= (120 if reason == "ConfigInvalid" else 60)
    erring.wait("its Event", lambda: ("Warning", reason) in erring.events(name), 5)
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


def test_what_may_heal_is_shown_at_once_and_fails_at_the_start_deadline(kube: Kube) -> None:
    absent = {"security": {"tls": {"mode": "Secret", "secretName": "absent"}}}
    healing = {
        "unschedulable": ({"cluster": HUGE}, "Unschedulable", "Insufficient cpu", 20),
        "image": ({"image": "docker.io/local/nowhere:1"}, "ImagePullFailed", "cannot be pulled", 20),
        "certificates": (absent, "ConfigInvalid", "absent", 30),
    }

    def shows(name: str, reason: str) -> bool:
        return bool(kube.run_status(name).get("reason") == reason)

    for name, (spec, _, _, seconds) in healing.items():
        kube.create(flow_run(name, QUICK, deadlines={"start": f"{seconds}s"}, **spec))
    for name, (_, reason, _, seconds) in healing.items():
        kube.wait(f"the reason of {name} to show", partial(shows, name, reason), seconds - 1)
        assert kube.run_status(name)["phase"] == "Starting"
    for name, (_, _, says, _) in healing.items():
        status = kube.ended(name, 60)
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
