"""Scenarios of clusters that wait, and of runs that claim them."""

from dataclasses import replace
from typing import Any

from daskflow.api.names import RUNNER, SCHEDULER, WORKER

from tests.simulation.actions import Action
from tests.simulation.actions.api_server import QUOTA, refuse
from tests.simulation.actions.expectations import expect_message
from tests.simulation.actions.nodes import each, room
from tests.simulation.actions.pools import (
    listeners_fall_silent,
    pool_changes,
    pool_comes,
    pool_goes,
    pool_goes_early,
    waiting_dies,
)
from tests.simulation.actions.user import change, delete, delete_cluster
from tests.simulation.scenarios.ingredients import FAILED, LONG, RETRY, TWELVE
from tests.simulation.scenarios.scenario import Scenario
from tests.simulation.scenarios.schedule_scenario import ScheduleScenario
from tests.simulation.scenarios.schedules import FOUR, TICKS

FROM_POOL: dict[str, Any] = {"image": None, "cluster": None, "pool": {"name": "pool", "otherwise": "Wait"}}
OR_COLD: dict[str, Any] = {**FROM_POOL, "pool": {"name": "pool"}}
COLD_RETRY = {**OR_COLD, **RETRY}
OTHER = {"spec": {"image": "registry.example/flows:2", "cluster": {"workers": {"replicas": 1}}}}


def pooled(
    name: str,
    *actions: tuple[float, Action],
    phases: tuple[str, ...] = ("Succeeded",),
    spec: dict[str, Any] | None = None,
    pool: dict[str, Any] | None = None,
    gone: float = 60.0,
    goes: Action = pool_goes,
    **more: Any,
) -> Scenario:
    """A run that names a pool of one cluster, which is deleted after a while."""
    return Scenario(
        name,
        phases,
        {**FROM_POOL, **(spec or {})},
        actions=((0.0, pool_comes(**(pool or {}))), *actions, (gone, goes)),
        pools=True,
        **more,
    )


AHEAD = ScheduleScenario(
    "schedule with clusters ahead",
    ("Scheduled",),
    {**FOUR, "prewarm": "20s"},
    ticks=TICKS,
    exact=True,
    punctual=True,
    quiet=240,
    swift=400,
    seconds=1200,
    pools=True,
)
REFUSED = replace(
    AHEAD,
    name="schedule whose cluster ahead is refused its pods",
    actions=(
        (35.0, refuse(QUOTA)),
        (50.0, expect_message(" is not ready: QuotaExceeded: ")),
        (55.0, refuse(None)),
    ),
)

SCENARIOS = (
    pooled("claimed", claimed=1, core=True),
    pooled("claimed by three", runs=3, claimed=3),
    pooled("claimed and tried again", spec=RETRY, flows=(FAILED, {}), attempts=2, claimed=2, core=True),
    pooled(
        "tried again without its pool",
        spec={**OR_COLD, **RETRY},
        flows=(FAILED, {}),
        gone=1.0,
        goes=pool_goes_early,
    ),
    pooled("claimed or cold", spec=OR_COLD, claimed=0),
    pooled("a claimed run is cancelled", (30.0, change(cancel=True)), phases=("Cancelled",), flows=LONG),
    pooled("a claimed run is deleted", (30.0, delete), phases=(), flows=LONG),
    pooled(
        "a claimed run is suspended",
        (25.0, change(suspend=True)),
        (60.0, change(suspend=False)),
        flows=LONG,
    ),
    pooled("the template changes", (8.0, pool_changes(template=OTHER)), claimed=1),
    pooled(
        "the template changes before a run begins",
        (12.0, pool_changes(template=OTHER)),
        (12.1, change(suspend=False)),
        spec={"suspend": True},
        claimed=1,
    ),
    pooled("the pool is scaled to nothing", (6.0, pool_changes(ready=0)), spec=OR_COLD, gone=60.0),
    pooled(
        "claimed while the pool is scaled to nothing",
        (12.12, pool_changes(ready=0)),
        (12.0, change(suspend=False)),
        spec={**OR_COLD, "suspend": True},
    ),
    pooled("the pool goes early", spec=OR_COLD, gone=1.0, goes=pool_goes_early),
    pooled("a unit's scheduler dies", (2.0, waiting_dies(SCHEDULER))),
    # Claimed by one who has not heard of it yet: nobody knows for certain that its flow had not begun.
    pooled("a unit's runner dies", (2.0, waiting_dies(RUNNER)), disturbed=("Failed",)),
    pooled("a unit's worker dies", (2.0, waiting_dies(WORKER))),
    pooled(
        "a claimed flow's runner dies",
        (30.0, each(RUNNER, "kill")),
        spec={**OR_COLD, "retries": {"infrastructureLimit": 2}},
        flows=LONG,
        phases=("Succeeded", "Failed"),
    ),
    pooled(
        "a claimed cluster is deleted at once",
        (0.5, delete_cluster),
        spec={**FROM_POOL, "retries": {"infrastructureLimit": 2}},
        pool={"ready": 2},
        flows=LONG,
        phases=("Succeeded", "Failed"),
        garbage=(2.0, 6.0),
    ),
    pooled(
        "claimed twelve times",
        spec={**FROM_POOL, **TWELVE},
        flows=(FAILED,),
        phases=("Failed",),
        gone=400.0,
        swift=900.0,
    ),
    AHEAD,
    pooled(
        "nobody hears of a claim",
        (0.0, listeners_fall_silent(80.0)),
        spec={"retries": {"startLimit": 0}},
        attempts=2,
        claimed=1,
        gone=100.0,
        core=True,
    ),
    pooled("no room for units", (0.0, room(False)), (40.0, room(True))),
    REFUSED,
)

CROWD = pooled("twelve runs of one pool", runs=12, pool={"ready": 3}, claimed=12, seconds=1500.0)
"""Too many to be tried in all ways."""
