"""What `daskflow explain` and `check` say, as plain objects make them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from daskflow.api.crd import KINDS
from daskflow.api.reasons import Reason
from daskflow.cli.checks import of_definition, of_operators, of_quotas, of_right
from daskflow.cli.explanation.found import Found
from daskflow.cli.explanation.remedies import REMEDIES, remedy
from daskflow.cli.explanation.sentences import explained
from daskflow.cli.installed import Operator

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
META = {"name": "etl", "namespace": "flows", "creationTimestamp": "2026-01-01T11:55:00Z"}


def run(**status: Any) -> dict[str, Any]:
    return {"metadata": META, "status": status}


def lines(*args: Any, **kwargs: Any) -> list[str]:
    return explained(Found(*args, **kwargs), NOW)


def test_a_run_that_nobody_has_looked_at_points_at_the_operator() -> None:
    said = lines(run())
    assert said[0] == "etl was created 5m ago and nothing has happened since."
    assert "daskflow check" in said[1]


def test_a_failed_run_has_its_reason_its_last_words_and_a_remedy() -> None:
    attempt = {
        "number": 1,
        "startTime": "2026-01-01T11:56:00Z",
        "flowStartTime": "2026-01-01T11:56:05Z",
        "endTime": "2026-01-01T11:58:00Z",
        "outcome": "Failed",
        "reason": "FlowFailed",
    }
    failure = {"exception": "ValueError", "message": "no\x1b[2J", "traceback": "  File a\nValueError"}
    said = lines(
        run(
            phase="Failed",
            reason="FlowFailed",
            message="ValueError: no",
            completionTime="2026-01-01T11:58:00Z",
            attempts=[attempt],
            failure=failure,
        ),
        log=["before"],
    )
    assert said[:2] == ["etl is Failed, FlowFailed (2m ago).", "ValueError: no"]
    assert "daskflow retry etl --namespace flows" in said[2]
    begun = "  attempt 1: opened 2026-01-01T11:56:00Z, the flow began after 5s"
    assert f"{begun}, ended after 2m: Failed (FlowFailed)" in said
    assert "The flow's last words: ValueError: no\\x1b[2J" in said
    assert said[-2:] == ["The runner's last lines:", "  before"]


def test_pods_events_nodes_and_quotas_are_told() -> None:
    state = {"waiting": {"reason": "CreateContainerConfigError", "message": "no secret"}}
    waiting = {"name": "runner", "state": state}
    pod = {
        "metadata": {**META, "name": "etl-1-runner", "labels": {"daskflow.dev/component": "runner"}},
        "spec": {"nodeName": "a"},
        "status": {"containerStatuses": [waiting]},
    }
    event = {
        "type": "Warning",
        "reason": "Failed",
        "message": "pull",
        "count": 3,
        "lastTimestamp": "2026-01-01T11:59:00Z",
        "involvedObject": {"kind": "Pod", "name": "etl-1-worker-0"},
        "metadata": {},
    }
    other = {**event, "involvedObject": {"kind": "Pod", "name": "else"}}
    quota = {"metadata": {"name": "q"}, "status": {"hard": {"pods": "4", "cpu": "9"}, "used": {"pods": "4"}}}
    node = {"metadata": {"name": "a"}, "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}
    starting = run(phase="Starting", attempts=[{"number": 1, "cluster": "etl-1", "startTime": "T"}])
    said = lines(starting, [pod], [event, other], [quota], [node], hidden=["events"])
    assert said == [
        "etl is Starting.",
        "",
        "  attempt 1: opened T, the flow has not begun",
        "",
        "Pods:",
        "  etl-1-runner: CreateContainerConfigError, node a, 5m old",
        "    runner: no secret",
        "    node a is not ready",
        "",
        "Warnings:",
        "  60s ago, 3 times, Pod etl-1-worker-0: Failed: pull",
        "",
        "The ResourceQuota q is nearly used up: pods 4 of 4.",
        "",
        "You may not look at events.",
    ]


@pytest.mark.parametrize("reason", REMEDIES)
def test_a_remedy_is_of_a_reason_that_there_is(reason: str) -> None:
    assert Reason.of(reason)
    assert "{" not in remedy(reason, "etl")


@pytest.mark.parametrize("reason", [each for each in Reason if each.value not in REMEDIES])
def test_for_other_reasons_the_table_of_reasons_says_what_to_do(reason: Reason) -> None:
    assert remedy(reason.value, "etl") == reason.remedy.replace("`", "")


@pytest.mark.parametrize(
    ("ready", "wanted", "version", "well"),
    [(1, 1, "1", [True]), (0, 1, "1", [False]), (0, 0, "1", [False]), (1, 1, "2", [True, None])],
)
def test_an_operator_is_alive_and_of_this_version(
    ready: int, wanted: int, version: str, well: list[bool | None]
) -> None:
    found = of_operators([Operator("ns", "daskflow", version, "image", ready, wanted)], "1")
    assert [line.well for line in found] == well


def test_no_operator_says_how_to_install_one() -> None:
    (line,) = of_operators([], "1")
    assert str(line).startswith("WRONG  no operator is installed; helm install")


def test_an_older_definition_lacks_fields() -> None:
    ours = KINDS[0].definition
    assert of_definition(ours, ours).well
    older = KINDS[0].definition
    del older["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"][
        "retries"
    ]
    line = of_definition(older, ours)
    assert line.well is False
    assert "it lacks spec.retries" in str(line)


def test_rights_and_quotas() -> None:
    assert of_right("create", "flowruns", True, "a").well
    assert str(of_right("create", "flowruns", False, "a")).endswith("ask for a role that may")
    assert str(of_quotas([])[0]) == "ok     there is no quota"
    quota = {"metadata": {"name": "q"}, "status": {"hard": {"pods": "10"}, "used": {"pods": "9"}}}
    assert of_quotas([quota])[0].well is False
