"""Scenarios with quiet hours. The world begins at midnight of 1 January 2026."""

from tests.simulation.actions.expectations import expect_message
from tests.simulation.actions.user import change
from tests.simulation.scenarios.ingredients import FAILED
from tests.simulation.scenarios.scenario import Scenario

QUIET_HOURS = (
    Scenario(
        "created within quiet hours",
        ("Succeeded",),
        {"quietHours": {"start": "23:00", "end": "00:02"}},
        actions=((30.0, expect_message("the next attempt begins at 2026-01-01 00:02 UTC")),),
        attempts=1,
        swift=160.0,
    ),
    Scenario(
        "a retry within quiet hours",
        ("Succeeded",),
        {
            "quietHours": {"start": "00:01", "end": "00:05"},
            "deadlines": {"active": "200s"},
            "retries": {"limit": 1, "backoff": {"initial": "60s"}},
        },
        flows=(FAILED, {}),
        actions=((150.0, expect_message("the next attempt begins at 2026-01-01 00:05 UTC")),),
        attempts=2,
        swift=340.0,
        core=True,
    ),
    Scenario(
        "quiet hours begin while the flow runs",
        ("Succeeded",),
        {"quietHours": {"start": "00:01", "end": "23:00"}},
        flows=({"seconds": 90},),
        attempts=1,
    ),
    Scenario(
        "quiet hours are put off",
        ("Succeeded",),
        {"quietHours": {"start": "23:00", "end": "12:00"}},
        actions=((60.0, change(quietHours={"start": "20:00", "end": "21:00"})),),
        attempts=1,
        swift=100.0,
    ),
    Scenario(
        "a retry with a time zone that is unknown, until it is corrected",
        ("Succeeded",),
        {"retries": {"limit": 1, "backoff": {"initial": "30s"}}},
        flows=({"seconds": 20, **FAILED}, {}),
        actions=(
            (10.0, change(quietHours={"start": "20:00", "end": "21:00", "timeZone": "Mars"})),
            (120.0, expect_message("No attempt begins before it is corrected.")),
            (130.0, change(quietHours={"start": "20:00", "end": "21:00"})),
        ),
        attempts=2,
        swift=170.0,
    ),
    Scenario(
        "cancelled within quiet hours",
        ("Cancelled",),
        {"quietHours": {"start": "23:00", "end": "12:00"}},
        actions=((60.0, change(cancel=True)),),
        swift=70.0,
    ),
)
