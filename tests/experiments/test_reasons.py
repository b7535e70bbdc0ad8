"""Why it does not start, or does not go on, in words that help."""

from typing import Any

import pytest

from tests.e2e.flows import dask_cluster, flow_run
from tests.kube import Kube, apply

SUM = "from distributed import get_client; result = get_client().submit(sum, [1, 2]).result()"


def test_workers_that_are_never_to_be_scaled_down(kube: Kube) -> None:
    """coiled/feedback 194."""
    autoscale = {"minimum": 0, "maximum": 2, "scaleDownDelay": "9999d"}
    cluster = dask_cluster("auto", workers={"autoscale": autoscale})
    answer = apply(kube, cluster)
    if answer.returncode:
        assert "scaleDownDelay" in answer.stderr
        return
    run = flow_run("sum", SUM, clusterRef={"name": "auto"}, deadlines={"start": "2m"})
    del run["spec"]["image"], run["spec"]["cluster"]
    kube.create(run)
    assert kube.ended("sum", 150).get("result") == 3


@pytest.mark.parametrize(
    "spec",
    [
        {"cluster": {"scheduler": {"args": ["--idle-timeout", "10s"]}}},
        {"env": [{"name": "DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT", "value": "10s"}]},
    ],
    ids=["option", "variable"],
)
def test_dasks_own_idle_timeout_does_not_end_a_run_that_computes_by_itself(
    kube: Kube, spec: dict[str, Any]
) -> None:
    """dask/distributed 3265 and 8876, dask/dask-kubernetes 206."""
    kube.create(flow_run("idle", "import time; time.sleep(30); result = 1", **spec))
    status = kube.ended("idle", 120)
    assert status["reason"] == "SpecInvalid"
    assert "idleTimeout" in status["message"]
    assert not kube.items("Pod")


def test_resources_that_nobody_offers_are_named_within_a_minute(kube: Kube) -> None:
    """dask/distributed 7170, dask/dask 9587."""
    script = (
        "from distributed import get_client; get_client().submit(sum, [1], resources={'gpu': 1}).result()"
    )
    cluster = {"workers": {"replicas": 1, "daskResources": {"GPU": 1}}}
    kube.create(flow_run("gpu", script, cluster=cluster, deadlines={"active": "4m"}))

    def told() -> bool:
        message = kube.run_status("gpu").get("message", "")
        return "gpu" in message and "GPU" in message

    kube.wait("the message", told, 75)
    kube.wait("its Event", lambda: ("Warning", "ResourcesMissing") in kube.events("gpu"), 10)


def test_a_deadline_as_long_as_the_api_allows(kube: Kube) -> None:
    """tektoncd/pipeline 4435 and 4450."""
    answer = apply(kube, flow_run("long", "result = 1", deadlines={"active": "99999d"}))
    if answer.returncode:
        assert "deadlines.active" in answer.stderr
    else:
        assert kube.ended("long")["phase"] == "Succeeded"


@pytest.mark.parametrize("role", ["scheduler", "workers", "runner"])
def test_half_a_byte_of_memory_is_explained(kube: Kube, role: str) -> None:
    """kubeflow/spark-operator 2162 and 1103."""
    part = {"resources": {"limits": {"memory": "512m"}}}
    spec = {"runner": part} if role == "runner" else {"cluster": {role: part}}
    answer = apply(kube, flow_run("half", "result = 1", **spec))
    message = answer.stderr if answer.returncode else kube.ended("half")["message"]
    assert "512m" in message
    assert role in message
    assert "512Mi" in message


def test_the_tick_in_a_command_is_replaced_or_refused(kube: Kube) -> None:
    """argoproj/argo-workflows 3649 and 15229."""
    code = "import sys; sys.exit('$' in sys.argv[1])"
    template = flow_run("x", {"command": ["python3", "-c", code, "$(scheduledTime:%Y-%m-%d)"]})["spec"]
    schedule = {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowSchedule",
        "metadata": {"name": "tick"},
        "spec": {"interval": "10s", "template": {"spec": template}},
    }
    answer = apply(kube, schedule)
    if answer.returncode:
        assert "scheduledTime" in answer.stderr
        return

    def over() -> Any:
        runs = kube.items("FlowRun", "daskflow.dev/schedule=tick")
        return [run for run in runs if (run.get("status") or {}).get("phase") in ("Succeeded", "Failed")]

    run = kube.wait("a run to end", over, 90)[0]
    assert run["status"]["phase"] == "Succeeded", kube.runner_log(run["metadata"]["name"])
