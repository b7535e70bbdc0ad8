"""`kubectl apply -f flowrun.yaml` runs a flow on a cluster of its own, and keeps what came of it."""

import time
from pathlib import Path

import pytest

from tests.e2e.flows import OTHER_IMAGE, QUICK, WAITING, flow_run
from tests.e2e.pods import python_pod
from tests.kube import Kube, apply, kubectl, namespace

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_what_a_run_leaves(kube: Kube) -> None:
    example, answer = "diamond", 9900
    applied = kubectl("apply", "-n", kube.namespace, "-f", str(EXAMPLES / example / "flowrun.yaml"))
    assert applied.returncode == 0, applied.stderr
    status = kube.ended(example)
    assert (status["phase"], status["result"]) == ("Succeeded", answer)
    assert status["attempts"][0]["flowStartTime"]
    assert {item["type"]: item["status"] for item in status["conditions"]}["Ready"] == "True"
    kube.wait("the cluster to go", lambda: all("runner" in item for item in kube.owned(example)))
    (runner,) = kube.items("Pod")
    assert str(answer) in kube.logs(runner["metadata"]["name"])
    listed = kubectl("get", "fr", "-n", kube.namespace).stdout
    assert "PHASE" in listed
    assert "Succeeded" in listed
    # A flow of less than a second may have ended before it was seen to run.
    kube.wait("its last Event", lambda: ("Normal", "Succeeded") in kube.events(example), 5)
    assert set(kube.events(example)) - {("Normal", "Running")} == {
        ("Normal", "Starting"),
        ("Normal", "Succeeded"),
    }
    assert len(kube.events(example)) <= 3


@pytest.mark.parametrize(
    ("flow", "reason", "says"),
    [
        ("raise ValueError('day 32')", "FlowFailed", "day 32"),
        ("import sys; sys.exit(3)", "FlowFailed", "3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "FlowKilled", "SIGSEGV"),
        ({"entrypoint": "diamond/diamond.py:flw"}, "EntrypointInvalid", "flow"),
        ({"entrypoint": "nowhere.at_all:flow"}, "EntrypointInvalid", "nowhere"),
        (
            {"entrypoint": "diamond/diamond.py:flow", "parameters": {"m": 1}},
            "ParametersInvalid",
            "unknown: m",
        ),
        ({"command": ["sh", "-c", "echo no; exit 7"]}, "FlowFailed", "7"),
    ],
)
def test_failure_is_explained(kube: Kube, flow: dict[str, object] | str, reason: str, says: str) -> None:
    kube.create(flow_run("broken", flow))
    status = kube.ended("broken")
    assert (status["phase"], status["reason"]) == ("Failed", reason)
    assert says in status["message"]
    kube.wait("its Event", lambda: ("Warning", reason) in kube.events("broken"), 5)
    assert status["failures"] == {"flow": int(reason.startswith("Flow")), "infrastructure": 0, "start": 0}


def test_an_exception_in_a_task_is_in_status_with_its_traceback(kube: Kube) -> None:
    script = """
from distributed import Client
def divide(x):
    return 1 / x
with Client() as client:
    client.submit(divide, 0).result()
"""
    kube.create(flow_run("broken", script))
    failure = kube.ended("broken")["failure"]
    assert failure["exception"] == "ZeroDivisionError"
    assert "divide" in failure["traceback"]


def test_a_command_finds_the_scheduler_and_its_parameters(kube: Kube) -> None:
    code = (
        "import json, os; from distributed import Client; "
        "print('rows', Client().submit(len, json.loads(os.environ['DASKFLOW_PARAMETERS'])['rows']).result())"
    )
    kube.create(flow_run("command", {"command": ["python3", "-c", code], "parameters": {"rows": [1, 2, 3]}}))
    assert kube.ended("command")["phase"] == "Succeeded"
    (runner,) = [pod for pod in kube.items("Pod") if "runner" in pod["metadata"]["name"]]
    assert "rows 3" in kube.logs(runner["metadata"]["name"])


def test_a_flow_that_holds_the_gil_outlives_its_lease(kube: Kube) -> None:
    script = "import re, time; t = time.time(); re.match(r'(a+)+b', 'a' * 29); result = time.time() - t"
    kube.create(flow_run("gil", script))
    assert kube.ended("gil", 180)["phase"] == "Succeeded"


def test_two_runs_of_one_name_in_two_namespaces(kube: Kube) -> None:
    with namespace() as other:
        for place in (kube, other):
            place.create(flow_run("twin", QUICK))
        assert [place.result("twin") for place in (kube, other)] == [45, 45]


def test_an_image_with_another_version_of_distributed(kube: Kube) -> None:
    kube.create(flow_run("other", "import distributed; result = distributed.__version__", image=OTHER_IMAGE))
    assert kube.result("other") != _version(kube)


def _version(kube: Kube) -> object:
    kube.create(flow_run("ours", "import distributed; result = distributed.__version__"))
    return kube.result("ours")


def test_without_tls(kube: Kube) -> None:
    kube.create(flow_run("plain", QUICK, security={"tls": {"mode": "Disabled"}}))
    assert kube.result("plain") == 45


def test_apply_again_changes_nothing_and_delete_and_apply_runs_again(kube: Kube) -> None:
    manifest = flow_run("again", QUICK)
    assert apply(kube, manifest).returncode == 0
    first = kube.ended("again")
    assert "unchanged" in apply(kube, manifest).stdout
    uid = kube.get("FlowRun", "again")["metadata"]["uid"]  # type: ignore[index]
    kube.delete("FlowRun", "again")
    assert apply(kube, manifest).returncode == 0
    assert kube.get("FlowRun", "again")["metadata"]["uid"] != uid  # type: ignore[index]
    assert kube.result("again") == first["result"]


def test_a_foreign_object_with_a_childs_name_is_left_alone(kube: Kube) -> None:
    from daskflow.manifests.naming import runner_name

    kube.create(flow_run("taken", WAITING.format(seconds=1), suspend=True))
    kube.reached("FlowRun", "taken", "Suspended")
    uid = kube.get("FlowRun", "taken")["metadata"]["uid"]  # type: ignore[index]
    stranger = python_pod("stranger", "", {"/x": "nothing"})
    stranger["metadata"] = {"name": runner_name("taken", uid, 1)}
    made = kube.create(stranger)
    kube.patch("FlowRun", "taken", {"spec": {"suspend": False}})
    status = kube.ended("taken")
    assert (status["phase"], status["attempts"][0]["reason"]) == ("Succeeded", "NameConflict")
    found = kube.get("Pod", made["metadata"]["name"])
    assert found is not None
    assert found["metadata"]["uid"] == made["metadata"]["uid"]
    assert "deletionTimestamp" not in found["metadata"]


def test_running_is_seen_while_it_runs(kube: Kube) -> None:
    kube.create(flow_run("long", WAITING.format(seconds=4)))
    kube.reached("FlowRun", "long", "Running")
    assert kube.run_status("long")["cluster"]["workers"] == "1/1"
    began = time.monotonic()
    assert kube.result("long") == "done"
    assert time.monotonic() - began < 60
