"""Whether a status can have followed from another."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.dask_kubernetes.names import WORKER_GROUP
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.plan.hand_edits import follows, named_pod
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plan.any_status import SCHEMAS, statuses
from tests.unit.plan.cluster import stage as cluster_stage
from tests.unit.plan.schedule.stage import MIDNIGHT, ScheduleStage, schedule
from tests.unit.plan.stage import ALONE, Stage, opened, run, succeeded


def pairs(kind: str) -> st.SearchStrategy[Any]:
    """A kind and two statuses of it."""
    return st.tuples(st.just(kind), statuses(kind), statuses(kind))


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


def test_what_operators_write_follows() -> None:
    begun = opened().with_scheduler(started=True).with_runner(started=True).applied()
    steps = [Stage(), Stage().applied(), begun]
    over = opened().with_scheduler().with_runner(exit_code=0, message=succeeded()).applied()
    for before, now in zip(steps, [*steps[1:], over], strict=True):
        assert follows(FLOW_RUN, before.status, now.status)
    made = cluster_stage.running().status
    assert not follows(DASK_CLUSTER, made, {**made, "scheduler": None})
    still = [{**each, "status": "False"} for each in made["conditions"]]
    gone = {"scheduler": None, "phase": "Suspended", "conditions": still}
    assert follows(DASK_CLUSTER, made, {**made, **gone})
    assert not follows(DASK_CLUSTER, {**made, "phase": "Stopped"}, made)
    assert not follows("FlowSchedule", {"settledTime": "2026-03-01T12:00:00Z"}, {})


@pytest.mark.parametrize(
    ("before", "now", "grown"),
    [(None, 3, True), (3, 4, True), (3, 3, True), (3, 2, False), (3, None, False), (10**12, 3, True)],
)
def test_the_number_of_the_newest_worker_only_grows(before: Any, now: Any, grown: bool) -> None:
    assert follows(WORKER_GROUP, {"ordinal": before}, {"ordinal": now}) is grown


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


@pytest.mark.parametrize("edited", [None, {"sources": ["operator"], "spec": {"serviceAccountName": "admin"}}])
def test_what_was_given_does_not_change_once_anything_has_begun(edited: Any) -> None:
    given = {"sources": ["operator"], "spec": {"serviceAccountName": "flows"}}
    for kind, begun in ((FLOW_RUN, opened().status), (DASK_CLUSTER, cluster_stage.running().status)):
        assert follows(kind, {**begun, "defaults": given}, {**begun, "defaults": given})
        assert not follows(kind, {**begun, "defaults": given}, {**begun, "defaults": edited})
    assert not follows(FLOW_RUN, opened().status, {**opened().status, "defaults": given})


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


@pytest.mark.parametrize("phase", ["Succeeded", "Failed", "Cancelled"])
def test_a_run_that_was_said_to_have_ended_was_edited(phase: str) -> None:
    stage = opened().with_scheduler(started=True).with_runner(started=True).applied()
    lie = {**stage.status, "phase": phase, "result": 42, "message": "hacked"}
    assert not follows(FLOW_RUN, stage.status, lie)
    found = replace(stage, resource={**stage.resource, "status": lie}).applied().status
    assert (found["phase"], found["reason"]) == ("Failed", "StatusInvalid")
    assert found.get("result") is None
    assert found["completionTime"]


@pytest.mark.parametrize(
    ("spec", "record"),
    [({}, {"cluster": "etl-x7k2p-1"}), (ALONE, {"runner": {"pod": "etl-x7k2p-1-runner"}})],
)
def test_the_runner_that_is_looked_for_has_the_name_in_the_record(
    spec: dict[str, Any], record: dict[str, Any]
) -> None:
    stage = Stage(run(spec)).applied().record(**record)
    assert named_pod(stage.resource) == "etl-x7k2p-1-runner"


def test_a_job_that_has_ended_has_ended() -> None:
    over = {"jobStatus": "Successful", "endTime": "2026-03-01T12:00:00Z"}
    assert follows("DaskJob", {"jobStatus": "Running"}, over)
    assert follows("DaskJob", over, dict(over))
    for edited in ({}, {"jobStatus": "Running"}, {**over, "jobStatus": "Failed"}):
        assert not follows("DaskJob", over, edited)


def test_a_job_is_over_without_the_pod_of_its_runner() -> None:
    job = {"kind": "DaskJob", "apiVersion": "kubernetes.dask.org/v1", "metadata": {"name": "sums"}}
    assert named_pod(job) == "sums-runner"
    assert named_pod({**job, "status": {"jobStatus": "Failed"}}) is None
