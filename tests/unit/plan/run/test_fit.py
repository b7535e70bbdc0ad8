"""Which runs fit the clusters of a pool, and what is said of those that do not."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.flowrun import FlowRunSpec
from daskflow.plan.question import Told
from daskflow.plan.run.fit import misfit

from tests.unit.plan.pool.stage import full
from tests.unit.plan.run.test_claim import adopted, begun, taken
from tests.unit.plan.stage import NOW


def part(number: int) -> dict[str, Any]:
    """Of an archive."""
    return {"configMapRef": {"name": f"daskflow-code-a-{number}"}, "archive": True}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"image": "flows:2"}, "spec.image is flows:2, and flows:1 in ClusterPool small"),
        (
            {"cluster": {"workers": {"threads": 4}}},
            "spec.cluster.workers.threads is 4, and not set in ClusterPool small",
        ),
        (
            {"env": [{"name": "A", "value": "b"}]},
            "spec.env[A] is set, and not set in ClusterPool small; a run that leaves it out",
        ),
        ({"cancelGracePeriod": "5m"}, "spec.cancelGracePeriod is 5m, and 30s in"),
        ({"runner": {"resources": {"limits": {"memory": "1Gi"}}}}, "spec.runner.resources"),
        (
            {"flow": {"entrypoint": "a.py:f", "files": {"configMapRef": {"name": "code"}}}},
            "spec.flow.files are mounted",
        ),
        (
            {"flow": {"entrypoint": "a.py:f", "files": {"sources": [part(0), {"secretRef": {"name": "s"}}]}}},
            "spec.flow.files are mounted",
        ),
        (
            {"flow": {"entrypoint": "a.py:f", "files": {"sources": [part(each) for each in range(5)]}}},
            "spec.flow.files are mounted",
        ),
    ],
)
def test_what_does_not_fit_is_said_and_started(spec: dict[str, Any], said: str) -> None:
    stage = begun(full(), **spec)
    plan = stage.plan()
    assert not plan.patches
    assert plan.status is not None
    claim = plan.status["attempts"][0]["claim"]
    assert claim["reason"] == "DoesNotFit"
    assert claim["message"].startswith(said)
    assert [event.reason for event in plan.events] == ["Starting", "DoesNotFit"]
    waits = begun(full(), **spec, pool={"name": "small", "otherwise": "Wait"}).applied()
    assert waits.status["reason"] == "DoesNotFit"


@pytest.mark.parametrize(
    "spec",
    [
        {"retries": {"limit": 5}},
        {"deadlines": {"start": "1m", "active": "1h"}},
        {"retention": {"pods": {"onSuccess": "1h"}}},
        {"runner": {"forwardLogs": True}},
        {"image": "flows:1"},
        {"flow": {"entrypoint": "a:b", "parameters": {"x": 1}}},
        {"cluster": {"workers": {"replicas": 1}}},
    ],
)
def test_what_comes_with_the_claim_fits(spec: dict[str, Any]) -> None:
    assert begun(full(), **spec).plan().patches


def test_code_that_was_sent_along_comes_with_the_claim() -> None:
    flow = {"entrypoint": "a.py:f", "files": {"sources": [part(0), part(1)]}}
    (tell,) = taken(begun(full(), flow=flow)).plan().tells
    assert tell.code == ("daskflow-code-a-0", "daskflow-code-a-1")
    assert "archive" not in tell.body
    refused = Told(tell, "Refused", NOW, why="The archive of spec.flow.files cannot be unpacked")
    open_ = taken(begun(full(), flow=flow)).applied()
    ended = adopted(replace(open_, more={**open_.more, "told": (refused,)})).applied()
    assert ended.attempt["message"].endswith(
        "did not take the run: The archive of spec.flow.files cannot be unpacked."
    )


def variables(**values: str) -> FlowRunSpec:
    """A run with these."""
    env = [{"name": name, "value": value} for name, value in values.items()]
    return FlowRunSpec.model_validate({"image": "flows:1", "flow": {"script": "none"}, "env": env})


@pytest.mark.parametrize(
    ("own", "theirs", "said"),
    [
        ({"A": "1", "B": "2"}, {"B": "2", "A": "1"}, ""),
        ({"A": "1", "B": "$(A)"}, {"B": "$(A)", "A": "1"}, "spec.env[0] is not as in ClusterPool small;"),
        ({"A": "1", "B": "2"}, {"A": "1", "B": "3"}, "spec.env[B] is not as in ClusterPool small;"),
        ({"A": "1"}, {"A": "1", "B": "3"}, "spec.env[B] is not set, and set in ClusterPool small;"),
    ],
)
def test_the_variable_that_differs_is_named_and_its_place_is_of_no_account(
    own: dict[str, str], theirs: dict[str, str], said: str
) -> None:
    found = misfit("small", variables(**own), variables(**theirs))
    assert found.startswith(said)
    assert bool(found) is bool(said)
