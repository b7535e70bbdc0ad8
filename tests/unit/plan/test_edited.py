"""Statuses that somebody edited by hand: never an error, a clear phase, and user code does not run again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.crd import KINDS
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.plan.hand_edits import follows
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plan import cluster_stage
from tests.unit.plan.schedule_stage import MIDNIGHT, ScheduleStage, schedule
from tests.unit.plan.stage import Stage, failed, opened, run, succeeded

SCHEMAS = {kind.name: kind.definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"] for kind in KINDS}
TIMES = st.sampled_from([
    "2026-03-01T12:00:00Z", "2026-02-01T00:00:00Z", "2031-01-01T00:00:00+02:00", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z", "2026-03-01T12:00:00", "2026-03-01", "yesterday", "",
])  # fmt: skip
WORDS = st.sampled_from(["", "True", "Ready", "Succeeded", "Failed", "x", "default"])
NUMBERS = st.sampled_from([0, 1, 2, 3, 10, -1, 2**31, 2**63 - 1, -(2**63)])


def values(node: dict[str, Any], name: str = "") -> st.SearchStrategy[Any]:
    """Whatever an API server stores under this schema, near to what may mean something."""
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if node.get("type") == "object" and "properties" in node:
        required = {key: values(node["properties"][key], key) for key in node.get("required", ())}
        rest = {key: values(part, key) for key, part in node["properties"].items() if key not in required}
        return st.fixed_dictionaries(required, optional=rest)
    if node.get("type") == "array":
        return st.lists(values(node["items"]), max_size=3)
    if node.get("type") == "integer":
        return NUMBERS
    if node.get("type") == "boolean":
        return st.booleans()
    return TIMES if name.endswith(("Time", "Since")) else WORDS


def statuses(kind: str) -> st.SearchStrategy[Any]:
    """Of a kind."""
    return values(SCHEMAS[kind]["properties"]["status"])


def pairs(kind: str) -> st.SearchStrategy[Any]:
    """A kind and two statuses of it."""
    return st.tuples(st.just(kind), statuses(kind), statuses(kind))


def traces(status: dict[str, Any]) -> bool:
    """Whether anything in it says that the run has begun, or has ended."""
    names = ("attempts", "attempt", "startTime", "completionTime", "flowStartTime")
    return any(status.get(name) for name in names)


@settings(max_examples=300, deadline=None)
@given(statuses(FLOW_RUN), st.sampled_from(["alone", "cluster", "ended"]))
def test_no_status_of_a_run_is_an_error_or_begins_it_anew(status: dict[str, Any], world: str) -> None:
    stage = {
        "alone": Stage(),
        "cluster": opened().with_scheduler(started=True).with_runner(started=True),
        "ended": opened().with_scheduler().with_runner(exit_code=0, message=succeeded()),
    }[world]
    plan = replace(stage, resource={**stage.resource, "status": status}).plan()
    if plan.status is None:
        return
    before = [each.get("number") for each in status.get("attempts", ())]
    new = [each["number"] for each in plan.status["attempts"] if each["number"] not in before]
    if world != "alone" or (traces(status) and not _may_go_on(status)):
        assert not new


def _may_go_on(status: dict[str, Any]) -> bool:
    last = (status.get("attempts") or [{}])[-1]
    return last.get("outcome") in ("Failed", "Suspended") and bool(last.get("endTime"))


@settings(max_examples=150, deadline=None)
@given(statuses(DASK_CLUSTER))
def test_no_status_of_a_cluster_is_an_error(status: dict[str, Any]) -> None:
    stage = cluster_stage.running()
    replace(stage, status=status).plan()
    replace(stage, status=status, pods={}).plan()
    owner = opened().with_scheduler(started=True).with_runner(started=True)
    owner.children[0]["status"] = status
    owner.plan()


@settings(max_examples=150, deadline=None)
@given(statuses("FlowSchedule"))
def test_no_status_of_a_schedule_is_an_error(status: dict[str, Any]) -> None:
    resource = {**schedule(), "status": status}
    ScheduleStage(resource, now=MIDNIGHT + timedelta(hours=3)).plan()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SCHEMAS)).flatmap(pairs))
def test_any_two_statuses_can_be_compared(given: tuple[str, Any, Any]) -> None:
    kind, before, now = given
    assert follows(kind, before, now) in (True, False)
    assert follows(kind, before, before)


OVER = opened().with_scheduler().with_runner(exit_code=0, message=succeeded()).applied()
FAILED = opened().with_scheduler().with_runner(exit_code=1, message=failed()).applied()


@pytest.mark.parametrize(
    ("stage", "changes", "phase"),
    [
        (OVER, {"phase": "Running"}, "Succeeded"),
        (OVER, {"phase": "Running", "completionTime": None}, "Succeeded"),
        (OVER, {"phase": "Pending", "completionTime": None, "conditions": None}, "Succeeded"),
        (FAILED, {"phase": "Running", "completionTime": None, "conditions": None}, "Failed"),
        (FAILED, {"phase": "Retrying", "completionTime": None, "conditions": None}, "Failed"),
        (FAILED, {"attempts": None, "phase": None, "completionTime": None}, "Failed"),
        (OVER, {"phase": "Running", "attempts": None, "conditions": None}, "Failed"),
        (OVER, {"phase": "Running", "startTime": "soon"}, "Failed"),
    ],
)
def test_what_has_ended_does_not_begin_again(stage: Stage, changes: dict[str, Any], phase: str) -> None:
    status = {name: value for name, value in {**stage.status, **changes}.items() if value is not None}
    for children in (stage.children, ()):
        edited = replace(stage, resource={**stage.resource, "status": status}, children=children)
        assert edited.applied().status["phase"] == phase
        assert edited.applied().status["reason"] in ("StatusInvalid", "FlowFailed", "")
        assert not edited.plan().creates
        assert not follows(FLOW_RUN, stage.status, status)


def test_a_wiped_status_is_not_that_of_a_new_run_where_anything_of_it_is_left() -> None:
    left = replace(OVER, resource={**OVER.resource, "status": {"observedGeneration": -1}})
    assert left.applied().status["reason"] == "StatusInvalid"
    assert Stage(run()).applied().status["phase"] == "Starting"


def test_what_operators_write_follows() -> None:
    begun = opened().with_scheduler(started=True).with_runner(started=True).applied()
    steps = [Stage(), Stage().applied(), begun]
    for before, now in zip(steps, [*steps[1:], OVER], strict=True):
        assert follows(FLOW_RUN, before.status, now.status)
    made = cluster_stage.running().status
    assert not follows(DASK_CLUSTER, made, {**made, "scheduler": None})
    still = [{**each, "status": "False"} for each in made["conditions"]]
    gone = {"scheduler": None, "phase": "Suspended", "conditions": still}
    assert follows(DASK_CLUSTER, made, {**made, **gone})
    assert not follows(DASK_CLUSTER, {**made, "phase": "Stopped"}, made)
    assert not follows("FlowSchedule", {"settledTime": "2026-03-01T12:00:00Z"}, {})


@pytest.mark.parametrize("phase", ["Running", "Retrying"])
def test_a_phase_that_no_run_without_attempts_has_ends_it(phase: str) -> None:
    status = Stage(run(status={"phase": phase})).applied().status
    assert (status["phase"], status["reason"]) == ("Failed", "StatusInvalid")


def test_retries_that_are_taken_back_while_it_waits_end_it_with_its_own_reason() -> None:
    waiting = opened({"retries": {"limit": 2}}).with_scheduler().with_runner(exit_code=1, message=failed())
    waiting = waiting.applied()
    assert waiting.status["phase"] == "Retrying"
    resource = waiting.resource
    spec, meta = {**resource["spec"], "retries": {"limit": 0}}, {**resource["metadata"], "generation": 2}
    over = replace(waiting, resource={**resource, "metadata": meta, "spec": spec}).applied()
    assert (over.status["phase"], over.status["reason"]) == ("Failed", "FlowFailed")
    assert over.status["message"].endswith("By spec.retries there is no further attempt.")
    assert over.status["failure"]
    assert not over.plan().creates


def test_a_begin_that_the_runner_tells_otherwise_than_it_was_seen_is_no_edit() -> None:
    """Of a status write whose answer was lost this operator learns as of anybody's."""
    running = opened().with_scheduler(started=True).with_runner(started=True).later(minutes=5).applied()
    seen = running.status["attempts"][0]["flowStartTime"]
    told = {**succeeded(), "begun": "2026-03-01T12:00:05Z"}
    over = running.without_runner().with_runner(exit_code=0, message=told)
    after = over.applied().status
    assert after["attempts"][0]["flowStartTime"] == told["begun"] != seen
    assert follows(FLOW_RUN, running.status, after)
    assert not follows(FLOW_RUN, after, running.status)


LIES: list[dict[str, Any]] = [
    {"phase": "Failed", "message": "hacked", "address": "tcp://1.2.3.4:1"},
    {"phase": "Stopped"},
    {"phase": "Suspended"},
    {"address": "tcp://1.2.3.4:1"},
    {"scheduler": {"pod": "another", "uid": "another"}},
]


@pytest.mark.parametrize("lie", LIES)
def test_no_operator_writes_such_a_status_of_a_cluster(lie: dict[str, Any]) -> None:
    made = cluster_stage.running().status
    assert not follows(DASK_CLUSTER, made, {**made, **lie})


def test_another_scheduler_follows_a_suspension_that_was_resumed_before_its_pods_were_gone() -> None:
    made = cluster_stage.running().status
    going = {**made, "phase": "Stopping"}
    assert follows(DASK_CLUSTER, going, {**made, "scheduler": {"pod": "another", "uid": "another"}})


def test_another_secret_for_clients_is_an_edit_where_the_pods_own_is_known() -> None:
    made = dict(cluster_stage.running().status)
    made["scheduler"] = {**made["scheduler"], "secret": "ours"}
    assert not follows(DASK_CLUSTER, made, {**made, "secretName": "theirs"})


@pytest.mark.parametrize("phase", ["Failed", "Stopped"])
def test_a_cluster_that_was_said_to_have_ended_becomes_clear(phase: str) -> None:
    stage = cluster_stage.running()
    told = replace(stage, status={**stage.status, "phase": phase, "message": "hacked"})
    status = told.applied().status
    assert (status["phase"], status["reason"]) == ("Failed", "StatusInvalid")
    assert {each["type"]: each["status"] for each in status["conditions"]}["Ready"] == "False"
    assert told.applied().plan().patches or told.applied().plan().deletes, "what computes ends"


@pytest.mark.parametrize("phase", ["Succeeded", "Failed", "Cancelled"])
def test_a_run_that_was_said_to_have_ended_was_edited(phase: str) -> None:
    stage = opened().with_scheduler(started=True).with_runner(started=True).applied()
    lie = {**stage.status, "phase": phase, "result": 42, "message": "hacked"}
    assert not follows(FLOW_RUN, stage.status, lie)
    found = replace(stage, resource={**stage.resource, "status": lie}).applied().status
    assert (found["phase"], found["reason"]) == ("Failed", "StatusInvalid")
    assert found.get("result") is None
    assert found["completionTime"]
