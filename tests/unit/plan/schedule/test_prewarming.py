"""Clusters that are started before their tick."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.conditions import instant, timestamp
from daskflow.api.flowschedule import FlowScheduleSpec
from daskflow.api.names import LABEL_POOL
from daskflow.manifests.units import tick_hash, tick_of
from daskflow.plan.model import Key, Occupied, Refusal
from pydantic import ValidationError

from tests.unit.plan.run.test_claim import taken
from tests.unit.plan.schedule.stage import ScheduleStage, stage
from tests.unit.plan.stage import DELETED, Stage

AHEAD = {"prewarm": "20s"}
PLAIN = {"image": "flows:1", "flow": {"script": "result = 1"}}


def begun(**spec: Any) -> ScheduleStage:
    """Hourly, with clusters twenty seconds ahead, at midnight."""
    return stage(**{**AHEAD, **spec})


def names(given: ScheduleStage) -> list[str]:
    """Of its clusters."""
    return [each["metadata"]["name"] for each in given.runs if each["kind"] == "DaskCluster"]


def test_one_is_made_so_long_before_the_tick() -> None:
    before = begun().at(seconds=3579).settled()
    assert not names(before)
    wake_up = begun().plan().requeue_at
    assert wake_up == begun().at(seconds=3580).now
    (made,) = begun().at(seconds=3580).plan().creates
    assert made["kind"] == "DaskCluster"
    assert made["metadata"]["labels"][LABEL_POOL] == "schedule_hourly"
    assert tick_of(made) == "2026-03-01T01:00:00Z"
    assert made["spec"]["standby"]["maxAge"] == "140s"
    assert names(begun().at(seconds=3581).settled().at(seconds=3590).settled()) == [made["metadata"]["name"]]


def test_it_is_what_the_run_is_made_from() -> None:
    given = begun().at(seconds=3580).settled().at(hours=1).settled()
    (run,) = (each for each in given.runs if each["kind"] == "FlowRun")
    (unit,) = (each for each in given.runs if each["kind"] == "DaskCluster")
    assert unit["metadata"]["annotations"]["daskflow.dev/pool-hash"] == tick_hash(run["spec"])
    assert tick_of(run) == tick_of(unit)


@pytest.mark.parametrize(
    "spec",
    [
        {"cron": "99 * * * *"},
        {"timeZone": "Mars"},
        {"template": {"spec": {"flow": {}, "image": 7}}},
        {"template": {"spec": {**PLAIN, "image": "flows:$(scheduledTime)"}}},
    ],
)
def test_none_stays_for_a_schedule_that_makes_no_runs(spec: dict[str, Any]) -> None:
    there = begun().at(seconds=3580).settled()
    assert names(there)
    (delete,) = there.spec(**spec).plan().deletes
    assert (delete.key.name, delete.revision) == (names(there)[0], "5")
    wrong = there.spec(**spec).settled()
    assert wrong.condition("Stalled")["status"] == "True"  # type: ignore[index]
    assert not names(wrong)


def test_none_stays_for_a_schedule_that_somebody_keeps_from_being_deleted() -> None:
    there = begun().at(seconds=3580).settled()
    kept = replace(there, resource={**there.resource, "metadata": {**there.resource["metadata"], **DELETED}})
    assert [delete.key.name for delete in kept.plan().deletes] == names(there)
    assert not names(kept.settled())


def test_one_on_its_way_out_is_not_deleted_again() -> None:
    there = begun().at(seconds=3580).settled()
    (unit,) = there.runs
    leaving = replace(there, runs=({**unit, "metadata": {**unit["metadata"], **DELETED}},))
    assert not leaving.spec(cron="99 * * * *").plan().deletes
    assert not leaving.spec(suspend=True).plan().deletes


def test_what_nobody_wants_any_more_goes() -> None:
    there = begun().at(seconds=3580).settled()
    assert not names(there.spec(suspend=True).settled())
    assert not names(there.spec(prewarm=None).settled())
    anew = there.spec(template={"spec": {**PLAIN, "image": "flows:2"}}).settled()
    assert anew.runs[0]["spec"]["image"] == "flows:2"
    assert names(anew) != names(there), "its pods do not wait for those before"
    again = there.spec(suspend=True).settled().spec(suspend=False).settled()
    assert len({*names(again), *names(there)}) == 2
    kept = there.spec(template={"spec": {**PLAIN, "retries": {"limit": 1}}}).settled()
    assert names(kept) == names(there), "a field that pods do not have from birth"
    lost = said(kept, "Failed", "SchedulerLost", "Lost.").settled()
    assert "is not ready: SchedulerLost" in lost.status["message"]
    assert not names(there.spec(cron="30 * * * *").settled())
    assert not names(there.at(hours=1, seconds=61).settled())


def said(given: ScheduleStage, phase: str, reason: str = "", message: str = "") -> ScheduleStage:
    """With these words of its cluster."""
    status = {"phase": phase, "reason": reason, "message": message}
    units = ({**each, "status": status} if each["kind"] == "DaskCluster" else each for each in given.runs)
    return replace(given, runs=tuple(units))


def test_one_that_has_ended_is_not_made_again_for_its_tick() -> None:
    there = begun().at(seconds=3580).settled()
    ended = said(there, "Failed", "SchedulerLost", "Lost.").settled()
    assert names(ended) == names(there)
    assert ended.runs[0]["status"]["phase"] == "Failed"
    other = {"spec": {**PLAIN, "image": "flows:2"}}
    assert ended.spec(template=other).settled().runs[0]["status"].get("phase") is None, "a remedy is tried"
    assert not names(ended.at(hours=1).settled())


NEXT = "The next run is at 2026-03-01 01:00:00 UTC."


def test_what_is_wrong_with_it_is_said_and_the_schedule_is_ready() -> None:
    there = begun().at(seconds=3580).settled()
    (name,) = names(there)
    assert there.status["message"] == NEXT
    for phase, reason in (
        ("Starting", "ImagePullFailed"),
        ("Failed", "SchedulerLost"),
        ("Stopped", "Stopped"),
    ):
        told = said(there, phase, reason, "It is so").settled()
        assert told.status["message"] == f"{NEXT} Its cluster, {name}, is not ready: {reason}: It is so."
        assert "reason" not in told.status or told.status["reason"] == there.status["reason"]
        assert told.condition("Ready")["status"] == "True"  # type: ignore[index]
        assert not told.plan().acts
    for phase, reason in (("", ""), ("Starting", "Starting"), ("Starting", ""), ("Ready", "")):
        assert said(told, phase, reason, "It is so").settled().status["message"] == NEXT
    lost = said(there, "Failed", "SchedulerLost", "Lost.")
    leaving = {**lost.runs[0], "metadata": {**lost.runs[0]["metadata"], **DELETED}}
    assert replace(lost, runs=(leaving,)).settled().status["message"] == NEXT
    told = lost.settled()
    assert "not ready" not in told.at(hours=1).settled().status["message"]


def test_why_it_could_not_be_made_is_said() -> None:
    due = begun().at(seconds=3585)
    (made,) = due.plan().creates
    name = made["metadata"]["name"]
    assert replace(due, more=refusal(name)).settled().status["message"] == (
        f"{NEXT} Its cluster could not be made: QuotaExceeded: The namespace's quota does not allow "
        f"DaskCluster {name}: pods is forbidden: exceeded quota: q. Ask for less or raise the quota."
    )
    assert replace(due, more=occupied(name)).settled().status["message"] == (
        f"{NEXT} Its cluster could not be made: NameConflict: DaskCluster {name} exists and is not this "
        "schedule's; delete it."
    )
    assert replace(due, more=occupied(name, deleting=True)).settled().status["message"] == NEXT
    for why in (refusal, occupied):
        assert not names(replace(due, more=why(name)).settled())
        none = begun(template={"spec": {**PLAIN, "suspend": True}}).at(seconds=3585)
        assert replace(none, more=why("hourly-run-1")).settled().status["message"] == NEXT
        busy = begun().at(hours=1).settled().at(hours=1, seconds=3585)
        (next_made,) = busy.ended().plan().creates
        held = replace(busy, more=why(next_made["metadata"]["name"])).settled()
        assert "cluster" not in held.status["message"], "a live run keeps the tick from having one"


def test_one_that_waits_for_a_late_run_stays_for_a_minute() -> None:
    there = begun().at(seconds=3580).settled()
    assert names(there.at(hours=1, seconds=59).settled())


def test_none_is_made_while_a_run_keeps_the_tick_from_starting() -> None:
    live = begun().at(hours=1).settled().at(hours=1, seconds=3580).settled()
    assert not names(live)
    assert names(live.ended().settled())
    assert names(begun(concurrencyPolicy="Allow").at(hours=1).settled().at(hours=1, seconds=3580).settled())


def known(attempt: dict[str, Any]) -> ScheduleStage:
    """A schedule whose first run had this attempt."""
    run = begun(prewarm="auto").at(hours=1).settled().ended()
    of = {"number": 1, "startTime": "2026-03-01T01:00:00Z", **attempt}
    return replace(
        run, runs=tuple({**each, "status": {**each["status"], "attempts": [of]}} for each in run.runs)
    )


def test_auto_is_twice_the_slowest_start_and_a_bit() -> None:
    first = begun(prewarm="auto")
    assert not names(first.at(seconds=3569).settled())
    assert names(first.at(seconds=3570).settled())
    cold = known({"flowStartTime": "2026-03-01T01:00:04.5Z"})
    assert not names(cold.at(hours=1, seconds=3585).settled())
    assert names(cold.at(hours=1, seconds=3586).settled())


def test_auto_counts_until_a_cluster_that_waited_was_ready() -> None:
    claim = {"reason": "Claimed", "madeTime": "2026-03-01T00:58:20Z", "waited": True}
    ready = {**claim, "readyTime": "2026-03-01T00:58:30Z"}
    waited = known({"claim": ready, "flowStartTime": "2026-03-01T01:00:00.1Z"})
    assert waited.plan().requeue_at == waited.at(hours=2, seconds=-25).now
    late = known({"claim": {**claim, "waited": False}, "flowStartTime": "2026-03-01T01:01:20Z"})
    assert late.plan().requeue_at == late.at(hours=2, seconds=-365).now
    earlier = known({"claim": claim, "flowStartTime": "2026-03-01T01:00:00.1Z"})
    assert earlier.plan().requeue_at == earlier.at(hours=2, seconds=-30).now, "an earlier version claimed it"


def after(given: ScheduleStage, start: float) -> tuple[ScheduleStage, float]:
    """The next tick's run has ended, whose cluster took so long to start; and the seconds it had for that."""
    made = given.plan().requeue_at
    assert made is not None
    given = replace(given, now=made).settled()
    (unit,) = (each for each in given.runs if each["kind"] == "DaskCluster")
    tick = instant(tick_of(unit))
    given = replace(given, now=tick).settled()
    run = next(each for each in given.runs if tick_of(each) == tick_of(unit) and each["kind"] == "FlowRun")
    begins = made + timedelta(seconds=start)
    there = {"scheduler": {"pod": "s", "uid": "s"}, "phase": "Starting"}
    if begins <= tick:
        since = {"lastTransitionTime": timestamp(begins)}
        ready = {"type": "Ready", "status": "True", "reason": "Ready", **since}
        there |= {"phase": "Ready", "standby": {"parked": True}, "conditions": [ready]}
    claimed = taken(Stage(run, more={"units": ({**unit, "status": there},)}, now=tick)).applied()
    claimed = claimed.record(flowStartTime=timestamp(max(begins, tick)))
    over = {**run, "status": {**claimed.status, "phase": "Succeeded"}}
    rest = (over if each is run else each for each in given.runs if each is not unit)
    return replace(given, runs=tuple(rest)).settled(), (tick - made).total_seconds()


def test_auto_comes_down_once_the_slow_start_is_forgotten() -> None:
    given, leads = begun(prewarm="auto"), []
    for start in (3, 3, 300, 3, 3, 3, 3):
        given, lead = after(given, start)
        leads.append(lead)
    assert leads == [30, 11, 11, 605, 605, 605, 11]


def refusal(name: str, *, retry: bool = False) -> dict[str, Any]:
    """A quota has no room for this cluster."""
    key = Key("DaskCluster", "data", name)
    return {"refusals": (Refusal(key, 403, "pods is forbidden: exceeded quota: q", retry=retry),)}


def occupied(name: str, **how: Any) -> dict[str, Any]:
    """Somebody else's cluster has this name."""
    return {"occupied": (Occupied(Key("DaskCluster", "data", name), "x", "stranger", **how),)}


@pytest.mark.parametrize("why", [refusal, occupied])
def test_one_that_cannot_be_made_holds_up_nothing_else(why: Callable[[str], dict[str, Any]]) -> None:
    due = begun().at(seconds=3585)
    (made,) = due.plan().creates
    assert not replace(due, more=why(made["metadata"]["name"])).plan().creates
    of_a_run = replace(due, more=why("hourly-run-1"))
    assert of_a_run.plan().creates == (made,)
    again = replace(due, more=refusal(made["metadata"]["name"], retry=True))
    assert again.plan().creates == (made,)


@pytest.mark.parametrize(
    "never",
    [
        {"suspend": True},
        {"cancel": True},
        {"quietHours": {"start": "00:30", "end": "06:00"}},
        {"pool": {"name": "small"}},
        {"schedulerAddress": "tcp://a:8786"},
        {"cluster": {"workers": {"replicas": 0}}},
    ],
)
def test_none_is_made_for_a_run_that_will_not_claim_it(never: dict[str, Any]) -> None:
    template = {"spec": {**PLAIN, **never}}
    assert not names(begun(template=template).at(seconds=3590).settled())
    there = begun(template={"spec": PLAIN}).at(seconds=3590).settled()
    assert names(there)
    assert not names(there.spec(template=template).settled())


def test_the_first_tick_after_quiet_hours_has_one() -> None:
    quiet = {"spec": {**PLAIN, "quietHours": {"start": "00:30", "end": "02:00"}}}
    assert names(begun(template=quiet, concurrencyPolicy="Allow").at(hours=1, seconds=3590).settled())


def test_quiet_hours_to_come_take_nothing_from_a_late_run() -> None:
    quiet = {"spec": {**PLAIN, "quietHours": {"start": "01:30", "end": "06:00"}}}
    there = begun(template=quiet).at(seconds=3590).settled()
    assert names(there)
    assert names(there.at(hours=1, seconds=30).settled())


@pytest.mark.parametrize("prewarm", ["0s", "2h", "soon"])
def test_what_it_may_be(prewarm: str) -> None:
    template = {"spec": {"image": "a", "flow": {"script": "1"}}}
    with pytest.raises(ValidationError):
        FlowScheduleSpec.model_validate({"cron": "@hourly", "prewarm": prewarm, "template": template})
