"""How many tasks are done, and what keeps others from it: written when that says something new."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.plan.model import Counts

from tests.unit.plan.stage import Stage, failed, opened, running, succeeded

SCHEDULER = "s"
"""The uid of the scheduler that `Stage.with_cluster` says was made."""


def heard(stage: Stage, done: int, total: int, scheduler: str = SCHEDULER) -> Stage:
    return replace(stage, more={"counts": Counts(done, total, scheduler)})


@pytest.mark.parametrize(
    ("counts", "written"),
    [
        (None, None),
        (Counts(0, 0, SCHEDULER), None),
        (Counts(0, 1000, SCHEDULER), {"done": 0, "total": 1000, "summary": "0/1000"}),
        (Counts(310, 1000, SCHEDULER), {"done": 310, "total": 1000, "summary": "310/1000"}),
        (Counts(310, 1000, "of an earlier attempt"), None),
    ],
)
def test_counts_are_written_when_they_say_something(counts: Counts | None, written: Any) -> None:
    stage = replace(running(), more={"counts": counts})
    assert stage.plan().acts == (written is not None)
    assert stage.applied().status.get("progress") == written
    assert stage.plan().events == ()


def test_the_same_counts_are_written_once() -> None:
    stage = heard(running(), 310, 1000).applied()
    assert not stage.plan().acts
    assert not stage.later(hours=1).plan().acts
    assert heard(stage, 311, 1000).plan().acts


def test_counts_take_changed_workers_along_in_one_write() -> None:
    stage = running()
    stage = replace(stage, members=stage.members[:-1])
    status = heard(stage, 5, 10).applied().status
    assert status["cluster"]["workers"] == "1/2"
    assert status["progress"]["summary"] == "5/10"
    assert not heard(stage, 5, 10).applied().later(minutes=1).plan().acts


def test_before_the_flows_first_line_nothing_is_written_for_counts() -> None:
    stage = opened().with_scheduler(started=True).with_runner().applied()
    assert not stage.plan().acts
    assert not heard(stage, 1, 2).plan().acts


def test_a_restarted_operator_keeps_what_was_written() -> None:
    stage = heard(running(), 310, 1000).applied()
    assert not replace(stage, more={}).plan().acts


@pytest.mark.parametrize(("report", "code"), [(succeeded(), 0), (failed(), 1)])
def test_the_last_counts_stay_when_the_run_has_ended(report: dict[str, Any], code: int) -> None:
    stage = heard(running(), 990, 1000).applied().without_runner().with_runner(exit_code=code, message=report)
    assert stage.applied().status["progress"]["summary"] == "990/1000"
    ended = heard(stage, 1000, 1000).applied()
    assert ended.status["phase"] in ("Succeeded", "Failed")
    assert ended.status["progress"]["summary"] == "1000/1000"
    assert heard(ended, 7, 7).plan().status is None


def test_the_next_attempt_begins_without_counts() -> None:
    stage = heard(running(retries={"limit": 1}), 310, 1000).applied()
    stage = stage.without_runner().with_runner(exit_code=1, message=failed()).applied()
    assert stage.status["phase"] == "Retrying"
    assert stage.status["progress"]["summary"] == "310/1000"
    again = replace(stage, children=(), members=()).later(hours=1).applied()
    assert again.status["attempt"] == 2
    assert again.status.get("progress") is None
    again = again.with_cluster(attempt=2, journaled=False).record(clusterUid="cluster-2")
    assert again.plan().status is None


LACKING = ("ResourcesMissing", "Tasks of sum ask for gpu=1, which no worker offers (default: GPU=1).")


def troubled(stage: Stage, trouble: tuple[str, str] | None, scheduler: str = SCHEDULER) -> Stage:
    return replace(stage, more={"counts": Counts(0, 10, scheduler, trouble=trouble)})


def test_what_keeps_tasks_from_running_is_told_once_and_no_longer_when_it_is_gone() -> None:
    stage = troubled(running(), LACKING)
    assert [(event.type, event.reason, event.message) for event in stage.plan().events] == [
        ("Warning", *LACKING)
    ]
    stage = stage.applied()
    assert (stage.status["phase"], stage.status["reason"], stage.status["message"]) == ("Running", *LACKING)
    assert not stage.later(hours=1).plan().acts
    assert not replace(stage, more={}).plan().acts, "a restarted operator has heard nothing yet"
    over = troubled(stage, None).applied().status
    assert (over["reason"], over["message"]) == ("", "The flow runs, on 2 of 2 workers.")


def test_what_kept_tasks_from_running_is_the_explanation_of_a_deadline() -> None:
    stage = running(deadlines={"active": "3m"})
    stage.children[-1]["spec"] = {"activeDeadlineSeconds": 182}
    stage = troubled(stage.applied(), LACKING).applied()
    asked = replace(stage, more={}).later(minutes=4).applied()
    assert asked.status["reason"] == "Cancelling"
    assert asked.later(seconds=5).plan().status is None
    done = asked.without_runner().with_runner(exit_code=143, message=failed("Terminated")).applied()
    assert (done.status["phase"], done.status["reason"]) == ("Failed", "DeadlineExceeded")
    late = "The run was not done within spec.deadlines.active (3m); its scheduler last said:"
    assert done.status["message"] == f"{late} {LACKING[1]}"


@pytest.mark.parametrize(
    "stage",
    [
        troubled(running(), ("Succeeded", "Believe me.")),
        troubled(running(), ("NoSuchReason", "x")),
        troubled(running(), LACKING, "of an earlier attempt"),
    ],
)
def test_only_words_that_a_scheduler_may_say_are_believed(stage: Stage) -> None:
    assert stage.applied().status["reason"] == ""
