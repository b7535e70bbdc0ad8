"""Scenarios in which objects are deleted and somebody's finalizer keeps them, or what they own stays."""

from daskflow.api.names import DASK_CLUSTER

from tests.simulation.actions.finalizers import delete_orphan, hold, keep
from tests.simulation.actions.nodes import each
from tests.simulation.actions.user import delete, delete_foreground
from tests.simulation.scenarios.ingredients import AT, FAILED, LONG, NO_RECORD, START_60, TOLERANT
from tests.simulation.scenarios.scenario import Scenario
from tests.simulation.scenarios.schedule_scenario import ScheduleScenario
from tests.simulation.scenarios.schedules import FOUR, TICKS

ENDLESS = ({"seconds": 600},)
WAITING = {"retries": {"limit": 2, "backoff": {"initial": "300s"}}}

KEPT = (
    Scenario(
        "deleted and kept", (), flows=ENDLESS, actions=((0.0, hold), (AT, delete)), swift=90.0, core=True
    ),
    Scenario("deleted and kept while starting", (), actions=((0.0, hold), (1.5, delete)), swift=60.0),
    Scenario(
        "deleted and kept between attempts",
        (),
        WAITING,
        flows=(FAILED,),
        actions=((0.0, hold), (40.0, delete)),
        swift=60.0,
    ),
    Scenario("deleted and kept after its end", (), actions=((0.0, hold), (60.0, delete)), swift=90.0),
    Scenario(
        "deleted in the foreground and kept",
        (),
        flows=ENDLESS,
        actions=((0.0, hold), (AT, delete_foreground)),
        swift=90.0,
    ),
    Scenario(
        "deleted and kept for ever",
        ("Cancelled",),
        {"retention": {**NO_RECORD["retention"], "runner": {"onFailure": "30s"}}},
        flows=ENDLESS,
        actions=((0.0, keep), (AT, delete)),
        swift=90.0,
    ),
    Scenario(
        "deleted and kept on a node that is dead and tolerated",
        (),
        TOLERANT,
        flows=ENDLESS,
        actions=((0.0, hold), (AT, each("runner", "cut off")), (40.0, delete)),
        swift=260.0,
        aftermath=1000.0,
    ),
    Scenario(
        "cluster deleted and kept",
        (),
        kind=DASK_CLUSTER,
        actions=((0.0, hold), (20.0, delete)),
        swift=60.0,
    ),
    ScheduleScenario(
        "schedule deleted and kept",
        (),
        FOUR,
        flows=ENDLESS,
        actions=((0.0, hold), (75.0, delete)),
        others=TICKS,
        swift=130.0,
    ),
    Scenario("run deleted, its children left", (), START_60, flows=LONG, actions=((AT, delete_orphan),)),
)
