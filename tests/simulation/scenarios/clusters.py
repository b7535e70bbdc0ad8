"""Scenarios of standalone clusters: groups, scaling, demand, dying workers, suspension, idleness."""

from typing import Any

from daskflow.api.names import DASK_CLUSTER, SCHEDULER, WORKER

from tests.simulation.actions import Action
from tests.simulation.actions.api_server import QUOTA, refuse
from tests.simulation.actions.clusters import actor, client, crashing, deaf, group, idle, load
from tests.simulation.actions.expectations import expect_live, expect_pods
from tests.simulation.actions.nodes import each, room, workers_die
from tests.simulation.actions.user import change, create_again, delete, scale
from tests.simulation.scenarios.ingredients import LONG
from tests.simulation.scenarios.scenario import Scenario

AUTO: dict[str, Any] = {"workers": {"autoscale": {"minimum": 0, "maximum": 5, "scaleDownDelay": "10s"}}}
GROUPS: dict[str, Any] = {
    "workers": {"replicas": 1},
    "workerGroups": [{"name": "gpu", "replicas": 2}, {"name": "big", "replicas": 0}],
}
SHORT: dict[str, Any] = {"workers": {"replicas": 4, "drainTimeout": "5s"}}
NO_CLIENT: dict[str, Any] = {"noClientTimeout": "30s"}
SUSPEND, RESUME = change(suspend=True), change(suspend=False)


def cluster(
    name: str,
    workers: int,
    *actions: tuple[float, Action],
    phases: tuple[str, ...] = ("Ready",),
    spec: dict[str, Any] | None = None,
    **more: Any,
) -> Scenario:
    """A scenario of one DaskCluster of two workers, unless its spec says otherwise."""
    return Scenario(name, phases, spec or {}, kind=DASK_CLUSTER, workers=workers, actions=actions, **more)


SAWTOOTH = tuple((20.0 + 6.0 * turn, load(4 * (turn % 2))) for turn in range(10))

CLUSTERS = (
    cluster("cluster", 2, core=True),
    cluster("cluster grows and shrinks", 1, (20.0, scale(4)), (40.0, scale(1))),
    cluster("cluster deleted by its user", 0, (20.0, delete), phases=()),
    cluster("cluster deleted and made again", 2, (20.0, create_again)),
    cluster("cluster's scheduler dies", 0, (20.0, each(SCHEDULER, "out of memory")), phases=("Failed",)),
    cluster("cluster's workers die", 2, (20.0, workers_die(60.0))),
    cluster("cluster without quota", 2, (0.0, refuse(QUOTA)), (40.0, refuse(None))),
    cluster(
        "groups",
        3,
        (20.0, group("gpu", replicas=1)),
        (20.0, group("big", replicas=1)),
        (32.0, expect_live(default=1, gpu=1, big=1)),
        spec=GROUPS,
        groups={"default": 1, "gpu": 1, "big": 1},
        core=True,
    ),
    cluster("scaled back and forth", 3, *((20.0 + n, scale(1 + n % 3)) for n in range(9)), core=True),
    cluster(
        "raised while workers retire",
        4,
        (20.0, scale(4)),
        (30.0, scale(1)),
        (31.0, scale(4)),
        (90.0, change()),
    ),
    cluster("scaled to nothing and back", 2, (20.0, scale(0)), (40.0, scale(2))),
    cluster(
        "shrinks before its pods have room",
        1,
        (0.0, room(False)),
        (10.0, scale(1)),
        (20.0, expect_pods(1)),
        (30.0, room(True)),
    ),
    cluster(
        "listener out of reach",
        1,
        (20.0, deaf(True)),
        (21.0, scale(1)),
        spec=SHORT,
        seconds=600.0,
        swift=300.0,
    ),
    cluster(
        "listener out of reach for a while", 1, (20.0, deaf(True)), (21.0, scale(1)), (35.0, deaf(False))
    ),
    cluster("a worker with an actor", 1, (20.0, actor)),
    cluster(
        "a worker dies while others retire",
        2,
        (20.0, scale(5)),
        (40.0, scale(2)),
        (41.0, each(WORKER, "kill")),
    ),
    cluster(
        "workers that crash at once",
        2,
        (10.0, crashing(True)),
        (11.0, each(WORKER, "kill", count=2)),
        (400.0, crashing(False)),
        most_workers=30,
        seconds=900.0,
        swift=700.0,
    ),
    cluster("a worker's node is lost", 2, (20.0, each(WORKER, "lose"))),
)

DEMAND = (
    cluster(
        "up and down with demand",
        0,
        (20.0, load(3)),
        (30.0, expect_live(default=3)),
        (60.0, load(0)),
        spec=AUTO,
        groups={"default": 0},
        core=True,
    ),
    cluster("demand beyond the bounds", 5, (20.0, load(99)), spec=AUTO, groups={"default": 5}),
    cluster("demand like a saw", 4, *SAWTOOTH, spec=AUTO, groups={"default": 4}, most_workers=12),
    cluster(
        "bounds change under demand",
        2,
        (20.0, load(4)),
        (40.0, change(workers={"autoscale": {"maximum": 2, "scaleDownDelay": "10s"}})),
        spec=AUTO,
        groups={"default": 2},
    ),
    cluster(
        "from demand to a number",
        3,
        (20.0, load(5)),
        (40.0, change(workers={"replicas": 3})),
        spec=AUTO,
    ),
    cluster(
        "from a number to demand",
        1,
        (0.0, load(1)),
        (20.0, change(**AUTO)),
        groups={"default": 1},
    ),
    cluster(
        "demand of one group",
        3,
        (20.0, load(2, "gpu")),
        spec={"workers": {"replicas": 1}, "workerGroups": [{"name": "gpu", **AUTO["workers"]}]},
        groups={"default": 1, "gpu": 2},
    ),
    cluster(
        "demand without quota",
        2,
        (20.0, refuse(QUOTA)),
        (20.0, load(4)),
        (40.0, load(2)),
        (60.0, refuse(None)),
        spec=AUTO,
        groups={"default": 2},
        phases=("Ready", "Degraded"),
    ),
    Scenario(
        "a run with demand",
        ("Succeeded",),
        {"cluster": AUTO},
        flows=LONG,
        actions=((15.0, load(3)), (25.0, expect_live(default=3))),
        core=True,
    ),
    Scenario(
        "a run with groups",
        ("Succeeded",),
        {"cluster": {"workers": {"replicas": 1}, "workerGroups": [{"name": "gpu", "replicas": 1}]}},
        flows=LONG,
        actions=((20.0, expect_live(default=1, gpu=1)),),
    ),
)

LIVES = (
    cluster("cluster suspended and resumed", 2, (20.0, SUSPEND), (60.0, RESUME)),
    cluster("cluster suspended for a moment", 2, (20.0, SUSPEND), (20.5, RESUME), core=True),
    cluster("cluster suspended while starting", 2, (1.5, SUSPEND), (40.0, RESUME)),
    cluster("cluster created suspended", 2, (40.0, RESUME), spec={"suspend": True}),
    cluster("cluster stays suspended", 0, (20.0, SUSPEND), phases=("Suspended",)),
    cluster(
        "suspended while workers retire",
        2,
        (20.0, scale(5)),
        (40.0, scale(2)),
        (40.5, SUSPEND),
        (80.0, RESUME),
    ),
    cluster("scaled while suspended", 3, (20.0, SUSPEND), (40.0, scale(3)), (60.0, RESUME)),
    cluster("deleted while it is suspended", 0, (20.0, SUSPEND), (21.0, delete), phases=()),
    cluster("nobody uses it", 0, (20.0, idle), phases=("Stopped",), reason="IdleTimeout", core=True),
    cluster("no client comes", 0, spec=NO_CLIENT, phases=("Stopped",), reason="NoClientTimeout", core=True),
    cluster(
        "the last client goes",
        0,
        (0.0, client(True)),
        (70.0, expect_live(default=2)),
        (80.0, client(False)),
        (100.0, expect_live(default=2)),
        (105.0, client(True)),
        (120.0, client(False)),
        (140.0, expect_live(default=2)),
        spec=NO_CLIENT,
        phases=("Stopped",),
        reason="NoClientTimeout",
    ),
    cluster(
        "suspended without a client",
        2,
        (20.0, SUSPEND),
        (80.0, RESUME),
        (80.0, client(True)),
        spec=NO_CLIENT,
        core=True,
    ),
)

LARGE = cluster("three hundred workers", 300, spec={"workers": {"replicas": 300}})
"""Too many to be tried in all ways."""

CLUSTER_SCENARIOS = (*CLUSTERS, *DEMAND, *LIVES)
