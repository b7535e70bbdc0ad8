"""When a schedule ticks next, as people and programs are told."""

from datetime import UTC, datetime, timedelta

import pytest
from daskflow.cli.scheduling.upcoming import rows, upcoming, values
from daskflow.client.errors import WrongUse

from tests.unit.cli.scheduling.schedules import schedule

NOW = datetime(2026, 3, 27, 12, tzinfo=UTC)


def test_ticks_are_told_as_clocks_show_them_with_the_names_of_their_runs() -> None:
    ticks = upcoming(schedule(), NOW, 3)
    header, lines = rows(schedule(), ticks, NOW)
    assert header == ("TICK", "IN", "RUN")
    assert [line[:2] for line in lines] == [
        ("2026-03-28 02:00:00 CET", "13h"),
        ("2026-03-29 03:00:00 CEST", "37h"),  # 02:00 is skipped
        ("2026-03-30 02:00:00 CEST", "2d"),
    ]
    assert [tick.run[-16:] for tick in ticks] == ["-20260328-010000", "-20260329-010000", "-20260330-000000"]


def test_quiet_hours_are_said() -> None:
    quiet = {"quietHours": {"start": "01:00", "end": "06:00", "timeZone": "Europe/Berlin", "days": ["Sat"]}}
    found = schedule(run=quiet)
    ticks = upcoming(found, NOW, 2)
    header, lines = rows(found, ticks, NOW)
    assert header[-1] == "BEGINS"
    assert [line[-1] for line in lines] == [
        "2026-03-28 06:00 CET (Europe/Berlin), after quiet hours",
        "at once",
    ]
    assert [tick.get("quietUntil") for tick in values(found, ticks)["ticks"]] == [
        "2026-03-28T05:00:00Z",
        None,
    ]


def test_ticks_that_a_clock_set_ahead_has_settled_are_not_to_come() -> None:
    ahead = schedule(settledTime="2026-03-29T01:00:00Z")
    (tick,) = upcoming(ahead, NOW, 1)
    assert tick.at == datetime(2026, 3, 30, tzinfo=UTC)


def test_an_interval_goes_on_from_its_anchor() -> None:
    every = schedule({"cron": None, "interval": "90m", "anchor": "2026-01-01T00:10:00Z"})
    first, second = upcoming(every, NOW, 2)
    assert (first.at - datetime(2026, 1, 1, 0, 10, tzinfo=UTC)) % timedelta(minutes=90) == timedelta()
    assert second.at - first.at == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("spec", "run", "said"),
    [
        ({"cron": "0 25 * * *"}, {}, "never ticks: spec.cron"),
        ({"cron": "0 0 30 2 *"}, {}, "never fires"),
        ({"timeZone": "Europe/Brelin"}, {}, "did you mean Europe/Berlin"),
        ({}, {"image": "flows:$(scheduledTime:%Y)"}, r"spec\.template\.spec\.image has a scheduled time"),
        ({"catchUp": "Soon"}, {}, "`daskflow version`"),
    ],
)
def test_a_schedule_that_makes_no_runs_is_a_sentence(spec: dict, run: dict, said: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(WrongUse, match=said):
        schedule(spec, run)


def test_an_unknown_zone_of_quiet_hours_is_a_sentence() -> None:
    quiet = schedule(run={"quietHours": {"start": "01:00", "end": "06:00", "timeZone": "Nowhere"}})
    with pytest.raises(WrongUse, match='"Nowhere" is not in the IANA'):
        upcoming(quiet, NOW, 1)
