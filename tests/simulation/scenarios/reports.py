"""Scenarios of reports: of runs that end in every way, lost on their way, and made up by users' pods."""

from typing import Any

from daskflow.api.names import RUNNER, SCHEDULER

from tests.simulation.actions.nodes import each
from tests.simulation.actions.user import change
from tests.simulation.dask.recorded import recorded
from tests.simulation.scenarios.ingredients import AT, FAILED, LONG, LONGER, RETRY, WORDY
from tests.simulation.scenarios.scenario import Scenario
from tests.simulation.scenarios.shared import HERE, ON_IT

_DEEP: Any = []
for _ in range(200):
    _DEEP = [_DEEP]
_LIES: tuple[Any, ...] = (
    "all is well",
    _DEEP,
    [1] * 500,
    {**recorded(7, 1.0), "seconds": float("nan")},
    {**recorded(7, 1.0), "tasks": -1},
    {"seconds": float("inf"), "tasks": 10**300},
)

REPORTS = (
    Scenario("a report of a success", ("Succeeded",), flows=LONG, reported=True, core=True),
    Scenario("a report of a failure", ("Failed",), flows=(FAILED,), reported=True),
    Scenario("a report of each attempt", ("Succeeded",), RETRY, (FAILED, FAILED, {}), reported=True),
    Scenario(
        "a report after a killed runner",
        ("Failed",),
        flows=LONG,
        actions=((AT, each(RUNNER, "kill")),),
        reported=True,
    ),
    Scenario(
        "a report after a cancellation",
        ("Cancelled",),
        flows=LONGER,
        actions=((AT, change(cancel=True)),),
        reported=True,
    ),
    Scenario(
        "no report after a killed scheduler",
        ("Failed",),
        {"retries": {"limit": 1, "infrastructureLimit": 0, "backoff": {"initial": "5s"}}},
        (FAILED, {"seconds": 50, "unreported": True}),
        ((30.0, each(SCHEDULER, "kill")),),
        disturbed=("Succeeded",),
    ),
    Scenario("a report beside long words", ("Failed",), flows=({**WORDY, "seconds": 30},)),
    Scenario("a report lost at the handover", ("Succeeded",), flows=({"unreported": True},)),
    Scenario("a report of a share", ("Succeeded",), ON_IT, LONG, (HERE,), workers=2, reported=True),
    *(
        Scenario(f"a report that is none: {number}", ("Succeeded",), flows=({"report": lie},), attempts=1)
        for number, lie in enumerate(_LIES, 1)
    ),
)
