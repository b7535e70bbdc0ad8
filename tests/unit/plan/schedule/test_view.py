"""What policies look at: a clock that changes counts from when it is seen."""

from dataclasses import replace

from tests.unit.plan.schedule.stage import ALL, ScheduleStage, schedule, stage


def test_a_changed_cron_counts_from_when_it_is_seen() -> None:
    done = stage().at(3).settled().ended().settled()
    changed = done.at(3.5).spec(cron="15 * * * *").settled()
    assert changed.ticks == ["03:00"]
    assert changed.status["nextScheduleTime"] == "2026-03-01T04:15:00Z"
    assert changed.at(4.25).settled().ticks == ["03:00", "04:15"]


def test_a_changed_zone_counts_from_when_it_is_seen() -> None:
    daily = ScheduleStage(schedule({"cron": "0 6 * * *"})).settled()
    moved = daily.at(5.5).spec(timeZone="Europe/Berlin").settled()
    assert moved.runs == ()
    assert moved.status["nextScheduleTime"] == "2026-03-02T05:00:00Z"


def test_a_changed_template_holds_from_the_next_run_on() -> None:
    first = stage(concurrencyPolicy="Allow").at(1).settled()
    template = {"spec": {"image": "flows:2", "flow": {"script": "x"}}}
    both = first.spec(template=template).settled().at(2).settled()
    assert [run["spec"]["image"] for run in both.runs] == ["flows:1", "flows:2"]


def test_a_corrected_clock_counts_from_when_it_is_seen() -> None:
    wrong = ScheduleStage(schedule({"timeZone": "Europe/Brelin", **ALL})).settled()
    right = wrong.at(5.5).spec(timeZone="Europe/Berlin").settled()
    assert right.runs == ()
    assert right.condition("Stalled")["status"] == "False"  # type: ignore[index]
    assert right.at(6).settled().ticks == ["06:00"]


def test_a_run_by_hand_that_was_made_at_a_tick_is_not_that_ticks_run() -> None:
    first = stage(**ALL).at(1).settled()
    (made,) = first.runs
    metadata = {**made["metadata"], "name": "by-hand", "creationTimestamp": "2026-03-01T02:00:00Z"}
    by_hand = {**made, "metadata": {**metadata, "annotations": {}}}
    then = replace(first, runs=(made, by_hand)).at(2).plan()
    assert [body["metadata"]["name"][-15:] for body in then.creates] == ["20260301-020000"]
