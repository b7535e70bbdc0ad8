"""What becomes of each tick of a backfill."""

from datetime import UTC, datetime
from typing import Any

from daskflow.api.flowrun import spec_of
from daskflow.api.flowschedule import status_of
from daskflow.cli.scheduling.backfill import Slot, manifest_of, slots
from daskflow.manifests.naming import scheduled_run_name
from daskflow.manifests.objects import owner_of

from tests.unit.cli.scheduling.schedules import UID, schedule

TICKS = [datetime(2026, 3, day, 1, tzinfo=UTC) for day in (17, 18, 19, 20, 21)]


def run(name: str, phase: str = "", **labels: str) -> dict[str, Any]:
    metadata = {"name": name, "labels": {f"daskflow.dev/{key}": value for key, value in labels.items()}}
    return {"metadata": metadata, "status": {"phase": phase} if phase else {}}


def test_no_tick_is_doubled() -> None:
    names = [scheduled_run_name("nightly", UID, tick) for tick in TICKS]
    there = [
        run(names[1], "Failed"),
        run("by-hand", "Succeeded", **{"scheduled-time": "20260319T010000Z"}),
        run(names[3], "Running", instantiate="backfill"),
    ]
    found = slots(schedule(), TICKS, there)
    assert [(slot.what, slot.phase) for slot in found] == [
        ("create", ""),
        ("there", "Failed"),
        ("there", "Succeeded"),
        ("join", "Running"),
        ("due", ""),  # not settled: its schedule may be about to start it
    ]
    assert [slot.run for slot in found] == [names[0], names[1], "by-hand", names[3], names[4]]
    assert len({slot.words for slot in found}) == 5


def test_the_run_is_told_its_tick_and_belongs_to_nobody() -> None:
    found = schedule()
    tick = TICKS[0]
    made = manifest_of(found, Slot(tick, "x", "create"))
    assert made["metadata"] == {
        "name": scheduled_run_name("nightly", UID, tick),
        "namespace": "team",
        "labels": {
            "team": "data",
            "daskflow.dev/schedule": "nightly",
            "daskflow.dev/scheduled-time": "20260317T010000Z",
            "daskflow.dev/instantiate": "backfill",
        },
        "annotations": {"note": "x", "daskflow.dev/scheduled-time": "2026-03-17T01:00:00Z"},
    }
    assert owner_of(made) is None
    assert made["spec"]["flow"] == {
        "script": "result = '2026-03-17T02:00:00+01:00'",
        "parameters": {"since": "2026-03-16T02:00:00+01:00"},
    }
    assert spec_of(made).image == "flows:1"
    assert status_of(found.resource).settled_time == "2026-03-20T01:00:00Z"
