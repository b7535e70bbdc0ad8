"""Quiet hours: what a run does that is kept waiting by them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.conditions import timestamp

from tests.unit.plan.pool.stage import full
from tests.unit.plan.run.test_claim import begun, taken
from tests.unit.plan.stage import ALONE, DELETED, NOW, Stage, failed, kinds, opened, run, succeeded

QUIET = {"quietHours": {"start": "13:00", "end": "14:00", "timeZone": "Europe/Berlin"}}
"""From NOW on for an hour."""
END = NOW + timedelta(hours=1)
UNTIL = "Quiet hours (spec.quietHours): the next attempt begins at 2026-03-01 14:00 CET (Europe/Berlin)."


def waiting(**spec: Any) -> Stage:
    """A run that was created within its quiet hours."""
    return Stage(run({**QUIET, **spec})).applied()


def retrying(**spec: Any) -> Stage:
    """A run whose first attempt failed a moment ago, and is gone; its quiet hours last until 18:00."""
    over = opened({"retries": {"limit": 1}, **spec}).with_scheduler()
    over = over.with_runner(exit_code=1, message=failed()).applied()
    assert over.status["phase"] == "Retrying"
    return replace(over, children=(), members=()).spec(quietHours={"start": "12:00", "end": "18:00"})


def test_a_run_that_is_created_within_says_until_when_it_waits() -> None:
    plan = Stage(run(QUIET)).plan()
    assert plan.creates == ()
    assert plan.requeue_at == END
    assert [(event.type, event.reason, event.message) for event in plan.events] == [
        ("Normal", "QuietHours", UNTIL)
    ]
    stage = waiting()
    assert (stage.status["phase"], stage.status["reason"]) == ("Pending", "QuietHours")
    assert stage.status["message"] == UNTIL
    said = {each["type"]: (each["status"], each["reason"]) for each in stage.status["conditions"]}
    assert said["Reconciling"] == ("True", "QuietHours")
    assert said["Stalled"] == ("False", "QuietHours")


def test_it_is_told_once_and_looked_at_again_at_the_end_only() -> None:
    plan = waiting().later(minutes=20).plan()
    assert not plan.acts
    assert plan.requeue_at == END


def test_at_the_end_the_attempt_is_opened_at_once() -> None:
    stage = waiting().later(hours=1).applied()
    assert (stage.status["phase"], stage.status["attempt"]) == ("Starting", 1)
    assert kinds(stage.plan().creates) == ["DaskCluster"]


def test_outside_nothing_is_different() -> None:
    with_them, without = Stage(run(QUIET)).later(hours=2), Stage(run()).later(hours=2)
    assert with_them.plan() == without.plan()


@pytest.mark.parametrize("spec", [ALONE, {"clusterRef": {"name": "shared"}}], ids=["alone", "clusterRef"])
def test_a_run_without_a_cluster_of_its_own_waits_as_well(spec: dict[str, Any]) -> None:
    stage = waiting(**spec)
    assert (stage.status["phase"], stage.status["reason"]) == ("Pending", "QuietHours")
    begun = stage.later(hours=1).applied()
    assert (begun.status["phase"], begun.status["attempt"]) == ("Starting", 1)


def test_deleted_within_and_kept_by_a_finalizer_it_is_cancelled() -> None:
    stage = waiting()
    metadata = {**stage.resource["metadata"], **DELETED}
    assert replace(stage, resource={**stage.resource, "metadata": metadata}).applied().status["phase"] == (
        "Cancelled"
    )


@pytest.mark.parametrize("phase", ["Pending", "Suspended"])
def test_whatever_somebody_wrote_into_the_status_it_waits_in_the_end(phase: str) -> None:
    quiet = retrying().later(seconds=12).applied()
    edited = {name: value for name, value in quiet.status.items() if name != "suspendTime"}
    stage = replace(quiet, resource={**quiet.resource, "status": {**edited, "phase": phase}})
    for _ in range(3):
        stage = stage.applied()
    assert stage.status["reason"] == "QuietHours"
    assert not stage.plan().acts
    again = stage.later(hours=6).applied()
    assert (again.status["phase"], again.status["attempt"]) == ("Starting", 2)


def test_an_attempt_that_is_open_goes_on() -> None:
    stage = Stage(run({"quietHours": {"start": "12:01", "end": "20:00"}})).applied().with_cluster()
    inside = stage.with_scheduler().later(minutes=2)
    assert kinds(inside.plan().creates) == ["Pod"]
    ended = inside.with_runner(exit_code=0, message=succeeded()).applied()
    assert ended.status["phase"] == "Succeeded"


def test_its_start_deadline_goes_on_too() -> None:
    quiet = {"quietHours": {"start": "12:01", "end": "20:00"}, "deadlines": {"start": "5m"}}
    late = Stage(run(quiet)).applied().later(minutes=5).applied()
    assert (late.status["phase"], late.status["reason"]) == ("Failed", "DeadlineExceeded")


def test_a_retry_waits_for_its_backoff_and_then_for_the_end() -> None:
    stage = retrying(deadlines={"active": "10m"})
    assert "Next attempt in 1" in stage.status["message"]  # its backoff, of 10 s and a little
    quiet = stage.later(seconds=12).applied()
    assert (quiet.status["phase"], quiet.status["reason"]) == ("Retrying", "QuietHours")
    assert quiet.status["message"].endswith("begins at 2026-03-01 18:00 UTC.")
    assert [event.type for event in stage.later(seconds=12).plan().events] == ["Normal"]
    assert not quiet.later(hours=5).plan().acts
    again = quiet.later(hours=6).applied()
    assert (again.status["phase"], again.status["attempt"]) == ("Starting", 2)


def test_the_wait_counts_for_no_deadline() -> None:
    stage = retrying(deadlines={"active": "10m"})
    again = stage.later(seconds=12).applied().later(hours=5, minutes=59, seconds=48).applied()
    assert again.status["attempt"] == 2
    assert again.status["suspendedSeconds"] == 6 * 3600 - 12
    assert "suspendTime" not in again.status
    assert again.later(minutes=9).applied().status["phase"] == "Starting"
    assert again.later(minutes=10).applied().status["reason"] == "DeadlineExceeded"


def test_a_wait_that_a_clock_began_that_was_ahead_takes_nothing_off_the_deadline() -> None:
    quiet = retrying(deadlines={"active": "10m"}).later(seconds=12).applied()
    ahead = {**quiet.status, "suspendTime": timestamp(END)}
    right = replace(quiet, resource={**quiet.resource, "status": ahead}).later(minutes=1).applied()
    assert right.status["suspendTime"] == timestamp(right.now)
    again = right.later(hours=6).applied()
    assert (again.status["phase"], again.status["suspendedSeconds"]) == ("Starting", 6 * 3600)


def test_what_still_lands_of_an_earlier_attempt_is_removed_meanwhile() -> None:
    resumed = retrying().spec(suspend=True).applied()
    quiet = resumed.spec(suspend=False).applied().applied()
    assert (quiet.status["phase"], quiet.status["reason"]) == ("Pending", "QuietHours")
    assert [delete.key.kind for delete in quiet.with_cluster(journaled=False).plan().deletes] == [
        "DaskCluster"
    ]


def test_suspended_within_it_is_suspended_and_the_time_counts_once() -> None:
    quiet = retrying().later(seconds=12).applied()
    suspended = quiet.later(hours=1).spec(suspend=True).applied()
    assert (suspended.status["phase"], suspended.status["reason"]) == ("Suspended", "Suspended")
    resumed = suspended.later(hours=2).spec(suspend=False).applied()
    assert resumed.status["suspendedSeconds"] == 3 * 3600
    waits = resumed.applied()
    assert (waits.status["phase"], waits.status["reason"]) == ("Pending", "QuietHours")
    assert [event.reason for event in resumed.plan().events] == ["QuietHours"]
    again = waits.later(hours=2, minutes=59, seconds=48).applied()
    assert (again.status["attempt"], again.status["suspendedSeconds"]) == (2, 6 * 3600 - 12)


def test_cancelled_within_it_is_cancelled_at_once_and_says_what_was_before() -> None:
    suspended = retrying().spec(suspend=True).applied()
    for stage, says in (
        (waiting(), "before an attempt was running."),
        (retrying().later(seconds=12).applied(), "while it waited for its next attempt. Attempt 1 failed: "),
        (suspended, "while it was suspended. Attempt 1 failed: "),
    ):
        cancelled = stage.spec(cancel=True).applied()
        assert cancelled.status["phase"] == "Cancelled"
        said = cancelled.status["message"]
        assert said.startswith(f"Cancelled on request (spec.cancel) {says}")
        assert said.endswith(".")


@pytest.mark.parametrize("hours", [None, {"start": "20:00", "end": "21:00"}], ids=["none", "others"])
def test_once_they_are_changed_the_run_is_looked_at_anew(hours: dict[str, str] | None) -> None:
    assert waiting().spec(quietHours=hours).applied().status["phase"] == "Starting"


def test_a_changed_end_is_said() -> None:
    stage = waiting().spec(quietHours={**QUIET["quietHours"], "end": "15:00"})
    (event,) = stage.plan().events
    assert (event.type, event.reason, event.message) == ("Normal", "QuietHours", UNTIL.replace("14:", "15:"))
    told = stage.applied()
    assert told.status["message"] == event.message
    assert not told.plan().acts


WRONG = {"start": "13:00", "end": "14:00", "timeZone": "Europe/Brelin"}
SAYS_WRONG = (
    'spec.quietHours.timeZone "Europe/Brelin" is not in the IANA time zone database; '
    "did you mean Europe/Berlin? No attempt begins before it is corrected."
)


def test_with_a_zone_that_is_unknown_the_run_waits_until_it_is_corrected() -> None:
    for stage in (Stage(run({"quietHours": WRONG})), waiting().spec(quietHours=WRONG)):
        plan = stage.plan()
        assert plan.creates == ()
        assert [(event.type, event.message) for event in plan.events] == [("Warning", SAYS_WRONG)]
        told = stage.applied()
        assert (told.status["phase"], told.status["reason"]) == ("Pending", "TimeZoneUnknown")
        assert told.status["message"] == SAYS_WRONG
        assert not told.later(days=3).plan().acts
        corrected = told.spec(quietHours=QUIET["quietHours"])
        assert [event.message for event in corrected.plan().events] == [UNTIL]
        assert corrected.applied().later(hours=1).applied().status["phase"] == "Starting"
        assert told.spec(quietHours=None).applied().status["phase"] == "Starting"


def test_another_zone_that_is_unknown_is_said_as_well() -> None:
    told = Stage(run({"quietHours": WRONG})).applied().spec(quietHours={**WRONG, "timeZone": "Mars"})
    assert [(event.type, event.reason) for event in told.plan().events] == [("Warning", "TimeZoneUnknown")]


def test_a_retry_waits_for_the_zone_and_the_wait_counts_for_no_deadline() -> None:
    stage = retrying(deadlines={"active": "10m"}).later(seconds=12).spec(quietHours=WRONG).applied()
    assert (stage.status["phase"], stage.status["reason"]) == ("Retrying", "TimeZoneUnknown")
    assert stage.status["attempts"][0]["outcome"] == "Failed"
    again = stage.later(hours=8).spec(quietHours=None).applied()
    assert (again.status["phase"], again.status["attempt"]) == ("Starting", 2)
    assert again.status["suspendedSeconds"] == 8 * 3600


def test_an_attempt_that_is_open_goes_on_with_a_zone_that_is_unknown() -> None:
    live = Stage(run()).applied().with_cluster().with_scheduler().with_runner().applied()
    assert live.spec(quietHours=WRONG).applied().status["phase"] == "Starting"


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (QUIET, "Next attempt after quiet hours, at 2026-03-01 14:00 CET (Europe/Berlin)."),
        ({"quietHours": {"start": "20:00", "end": "21:00"}}, "Next attempt in 1"),
        ({"quietHours": WRONG}, "Next attempt in 1"),
    ],
    ids=["within", "outside", "unknown"],
)
def test_a_failure_says_when_the_next_attempt_begins(spec: dict[str, Any], says: str) -> None:
    # Opened before they were set.
    stage = opened({"retries": {"limit": 1}}).with_scheduler().spec(**spec)
    over = stage.with_runner(exit_code=1, message=failed()).applied()
    assert over.status["phase"] == "Retrying"
    assert f". {says}" in over.status["message"]


@pytest.mark.parametrize("time", ["8:00", "24:00", "12:60", "22:00:00", " 22:00", "noon", ""])
def test_what_is_no_time_of_the_day_ends_the_run_with_a_sentence(time: str) -> None:
    stage = Stage(run({"quietHours": {"start": time, "end": "14:00"}})).applied()
    assert (stage.status["phase"], stage.status["reason"]) == ("Failed", "SpecInvalid")
    assert f'spec.quietHours.start: "{time}"' in stage.status["message"]


def test_an_empty_list_of_days_ends_the_run_with_a_sentence() -> None:
    stage = Stage(run({"quietHours": {**QUIET["quietHours"], "days": []}})).applied()
    assert (stage.status["phase"], stage.status["reason"]) == ("Failed", "SpecInvalid")
    assert "spec.quietHours.days" in stage.status["message"]
    assert "leave days out for all of them" in stage.status["message"]


def test_no_cluster_that_had_waited_is_kept_for_their_end() -> None:
    waits = taken(begun(full())).spec(quietHours={"start": "12:00", "end": "18:00"})
    assert [delete.uid for delete in waits.plan().deletes] == [waits.children[0]["metadata"]["uid"]]
