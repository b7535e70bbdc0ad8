"""Argo Workflows itself runs the recipe: its controller as a process, its pods on the cluster."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from integrations.argo.tests.engine import controller
from integrations.kubectl import IMAGE, Namespace, Object, namespace, until

FOLDER = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Namespace]:
    log = tmp_path_factory.mktemp("argo") / "controller.log"
    with namespace(restricted=False) as made, controller(made.name, log):
        made.apply(*yaml.safe_load_all((FOLDER / "rbac.yaml").read_text()))
        yield made
        print(log.read_text()[-5000:])


def submit(door: Namespace, name: str, script: str) -> None:
    """A workflow of the recipe, in which the flow is this script."""
    template = yaml.safe_load((FOLDER / "workflow.yaml").read_text())
    sales = next(each for each in template["spec"]["templates"] if each["name"] == "sales")
    run = yaml.safe_load(sales["resource"]["manifest"])
    run["spec"] |= {"image": IMAGE, "flow": {"script": script}, "cluster": {"workers": {"replicas": 1}}}
    sales["resource"]["manifest"] = yaml.safe_dump(run)
    template["metadata"]["name"] = name
    spec = {"workflowTemplateRef": {"name": name}}
    door.apply(template, {**template, "kind": "Workflow", "spec": spec})


def ended(door: Namespace, name: str) -> Object:
    """The status of a workflow that has ended."""

    def there() -> Object | None:
        status: Object = (door.get("workflows.argoproj.io", name) or {}).get("status") or {}
        return status if status.get("finishedAt") else None

    return until(f"workflow {name} to end", there, 120, door.picture) or {}


def parameters(status: Object, node: str) -> dict[str, Any]:
    """Of the outputs of the nodes of this name."""
    nodes = [each for each in status["nodes"].values() if each["displayName"] == node]
    found = [each for one in nodes for each in (one.get("outputs") or {}).get("parameters", ())]
    return {each["name"]: each["value"] for each in found}


def test_a_workflow_succeeds_with_its_run_and_has_its_result(door: Namespace) -> None:
    submit(door, "good", "result = {'total': 285}")
    status = ended(door, "good")
    assert status["phase"] == "Succeeded", status
    assert parameters(status, "good") == {"result": '{"total":285}'}
    [owner] = (door.get("flowruns", "good-sales") or {})["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"]) == ("Workflow", "good")


def test_a_workflow_fails_with_its_run_and_says_why(door: Namespace) -> None:
    submit(door, "bad", "raise ValueError('no sales today')")
    status = ended(door, "bad")
    assert status["phase"] == "Failed", status
    assert "no sales today" in parameters(status, "why")["message"]
    assert door.status("bad-sales")["phase"] == "Failed"


WAITS = """
import time
for _ in range({}):
    time.sleep(0.1)
result = 1
"""


def test_a_workflow_that_is_stopped_cancels_its_run(door: Namespace) -> None:
    submit(door, "stopped", WAITS.format(3000))
    door.reached("stopped-sales", "Running")
    door.kubectl("patch", "workflow", "stopped", "--type=merge", "--patch", '{"spec":{"shutdown":"Stop"}}')
    assert ended(door, "stopped")["phase"] == "Failed"
    assert door.ended("stopped-sales")["phase"] == "Cancelled"


def test_a_pod_of_argos_that_is_lost_finds_the_same_run(door: Namespace) -> None:
    submit(door, "lost", WAITS.format(150))
    door.reached("lost-sales", "Running")
    [pod] = door.items("pods", "workflows.argoproj.io/workflow=lost,workflows.argoproj.io/completed=false")
    door.kubectl("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force")
    status = ended(door, "lost")
    assert status["phase"] == "Succeeded", status
    assert len([each for each in door.items("flowruns") if each["metadata"]["name"].startswith("lost")]) == 1
    assert door.status("lost-sales")["attempt"] == 1
