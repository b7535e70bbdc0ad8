"""What only the simulation had thought of: races, repetitions, wishes that are taken back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.conditions import timestamp
from daskflow.api.names import LABEL_ATTEMPT
from daskflow.plan.model import Key, Occupied

from tests.unit.plan import test_daskcluster as dask
from tests.unit.plan.stage import NOW, Stage, failed, opened, pod, run


def message(stage: Stage) -> str:
    """What the status says."""
    return str(stage.status["message"])


def test_a_start_deadline_says_the_same_however_often_it_is_looked_at() -> None:
    late = opened({"deadlines": {"start": "60s"}}).with_runner().with_scheduler().later(seconds=61).applied()
    assert late.plan().status is None
    assert message(late).count("had not begun") == 1
    assert "starting scheduler" in message(late)


@pytest.mark.parametrize("sign", ["deleted", "asked to end", "taken away"])
def test_a_runner_that_is_being_ended_is_no_witness_that_its_flow_has_begun(sign: str) -> None:
    stage = opened({"deadlines": {"start": "60s"}}).with_scheduler(started=True)
    metadata = {"deletionTimestamp": timestamp(NOW + timedelta(seconds=61))} if sign == "deleted" else {}
    conditions = ({"type": "DisruptionTarget", "status": "True"},) if sign == "taken away" else ()
    ending = stage.with_runner(started=True, conditions=conditions, **metadata)
    if sign == "asked to end":
        ending.children[-1]["spec"]["activeDeadlineSeconds"] = 1
    late = ending.later(seconds=61).applied()
    assert (late.status["phase"], late.status["reason"]) == ("Starting", "Cancelling")
    record = failed("Terminated", begun=False)
    ended = late.without_runner().with_cluster().with_runner(exit_code=143, message=record, **metadata)
    assert ended.applied().status["reason"] == "DeadlineExceeded"


def test_messages_of_closed_attempts_are_cut() -> None:
    long = {**failed(), "message": "x" * 1000}
    ended = opened().with_runner(exit_code=1, message=long).applied()
    assert len(ended.status["attempts"][0]["message"]) == 300
    assert len(message(ended)) == 1000


def test_a_cluster_deleted_before_the_flow_was_seen_to_begin_is_not_made_again() -> None:
    deleted = replace(opened().with_runner(), members=())
    deleted = replace(deleted, children=tuple(each for each in deleted.children if each["kind"] == "Pod"))
    without = deleted.applied().without_runner()
    assert without.plan().creates == ()
    assert without.applied().status["reason"] == "ClusterDeleted"


def test_a_suspension_taken_back_while_the_flow_ends_is_still_one() -> None:
    asked = opened().with_scheduler().with_runner(started=True).applied().spec(suspend=True).applied()
    back = asked.spec(suspend=False)
    runner: dict[str, Any] = {"exit_code": 143, "message": failed("Terminated")}
    ended = back.without_runner().with_cluster().with_runner(**runner).applied()
    assert ended.status["attempts"][0]["outcome"] == "Suspended"


def test_objects_of_an_attempt_that_we_have_not_heard_of_are_not_leftovers() -> None:
    ended = opened().with_runner(exit_code=1, message=failed("SchedulerUnreachable", begun=False)).applied()
    newer = ended.with_cluster(attempt=2).later(seconds=30)
    assert newer.children[-1]["metadata"]["labels"][LABEL_ATTEMPT] == "2"
    deletes = {delete.key.name for delete in newer.plan().deletes}
    assert newer.children[0]["metadata"]["name"] in deletes
    assert newer.children[-1]["metadata"]["name"] not in deletes


def test_a_name_taken_by_an_earlier_cluster_of_the_same_attempt_is_waited_for() -> None:
    stage = Stage(run()).applied().with_cluster(journaled=False)
    taken = Occupied(Key("Pod", "data", "w"), "old", stage.status["attempts"][0]["cluster"])
    plan = replace(stage, more={"occupied": (taken,)}).plan()
    assert plan.status is not None
    assert plan.status["reason"] == "WaitingForEarlier"


def _dying(*living: dict[str, Any]) -> dask.Stage:
    """Six workers have died young, and others are there."""
    dead = tuple(dask.worker(number, exit_code=1, at=NOW) for number in range(6))
    status = {"phase": "Degraded", "scheduler": {"pod": "s", "uid": "s"}}
    children = (dask.SERVICE, dask.scheduler(started=True, uid="s"), *dead, *living)
    return dask.Stage(children, status=status, created=dask.SECRET, now=NOW + timedelta(seconds=59))


def test_workers_that_live_for_a_minute_end_the_alarm() -> None:
    alarm = _dying(dask.worker(6, started=True), dask.worker(7, started=True))
    assert alarm.plan().requeue_at == NOW + timedelta(minutes=1)
    assert (alarm.applied().status or {})["reason"] == "WorkersFailing"
    assert (replace(alarm, now=NOW + timedelta(minutes=1)).applied().status or {})["phase"] == "Ready"


def test_no_worker_is_made_for_a_scheduler_that_was_told_to_go() -> None:
    told = {**pod(f"{dask.BASE}-scheduler", "scheduler", uid="s"), "spec": {"activeDeadlineSeconds": 1}}
    status = {"phase": "Ready", "scheduler": {"pod": "s", "uid": "s"}}
    assert dask.Stage((dask.SERVICE, told), status=status, created=dask.SECRET).plan().creates == ()
