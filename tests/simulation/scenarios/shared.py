"""Scenarios of runs on a DaskCluster that is not their own: it comes late, goes, and serves several."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from daskflow.api.names import API_VERSION, DASK_CLUSTER, RUNNER, SCHEDULER
from daskflow.plan.model import Key

from tests.simulation.actions import Action
from tests.simulation.actions.nodes import each, room
from tests.simulation.actions.user import change, create_again, delete
from tests.simulation.scenarios.alone import gated_pods_go
from tests.simulation.scenarios.ingredients import AT, FAILED, LONG, LONGER, RETRY, START_60
from tests.simulation.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from tests.simulation.world import World

SHARED = Key(DASK_CLUSTER, "default", "shared")
ON_IT: Mapping[str, Any] = {"cluster": None, "clusterRef": {"name": SHARED.name}}
_RETRY = {**ON_IT, **RETRY}


def cluster_comes(image: str = "registry.example/flows:1", **spec: Any) -> Action:
    """Somebody makes the cluster that the runs name."""

    def act(world: "World") -> None:
        world.server.create(
            {
                "apiVersion": API_VERSION,
                "kind": DASK_CLUSTER,
                "metadata": {"name": SHARED.name, "namespace": SHARED.namespace},
                "spec": {"image": image, "workers": {"replicas": 2}, **spec},
            }
        )

    return act


def cluster_goes(world: "World") -> None:
    """Somebody deletes it, while a flow runs."""
    if not any(life.role.begun for life in world.nodes.living(RUNNER)):
        asyncio.get_running_loop().call_later(1.0, cluster_goes, world)
        return
    world.server.delete(SHARED)


def cluster_is_replaced(world: "World") -> None:
    """Deleted while a flow runs, and made again under the same name some time later."""
    if not any(life.role.begun for life in world.nodes.living(RUNNER)):
        asyncio.get_running_loop().call_later(1.0, cluster_is_replaced, world)
        return
    world.server.delete(SHARED)
    asyncio.get_running_loop().call_later(20.0, cluster_comes(), world)


HERE = (0.0, cluster_comes())

ORDINARY = (
    Scenario("shared", ("Succeeded",), ON_IT, actions=(HERE,), workers=2, attempts=1, core=True),
    Scenario(
        "a run is a client",
        ("Succeeded",),
        ON_IT,
        ({"seconds": 500},),
        (
            (0.0, cluster_comes(noClientTimeout="400s")),
        ),  # a list heals what an operator has missed within that
        attempts=1,
        seconds=1500.0,
        swift=600.0,
        aftermath=400.0,
    ),
    Scenario("two on one cluster", ("Succeeded",), ON_IT, actions=(HERE,), workers=2, runs=2, core=True),
    Scenario("shared, image left out", ("Succeeded",), {**ON_IT, "image": None}, actions=(HERE,), workers=2),
    Scenario(
        "shared, failure", ("Failed",), ON_IT, (FAILED,), (HERE,), workers=2, reason="FlowFailed", attempts=1
    ),
    Scenario("shared, retry", ("Succeeded",), _RETRY, (FAILED, {}), (HERE,), workers=2, attempts=2),
    Scenario(
        "shared, comes late", ("Succeeded",), ON_IT, actions=((40.0, cluster_comes()),), workers=2, core=True
    ),
)

WISHES = (
    Scenario("shared, cancelled", ("Cancelled",), ON_IT, LONG, (HERE, (AT, change(cancel=True))), workers=2),
    Scenario(
        "shared, cancelled while it is missing", ("Cancelled",), ON_IT, actions=((5.0, change(cancel=True)),)
    ),
    Scenario(
        "shared, suspended and resumed",
        ("Succeeded",),
        ON_IT,
        LONG,
        (HERE, (AT, change(suspend=True)), (60.0, change(suspend=False))),
        workers=2,
    ),
    Scenario("shared, run deleted", (), ON_IT, LONG, (HERE, (AT, delete)), workers=2),
    Scenario("shared, created again", ("Succeeded",), ON_IT, LONG, (HERE, (AT, create_again)), workers=2),
)

OBSTACLES = (
    Scenario("shared, never comes", ("Failed",), {**ON_IT, **START_60}, reason="ClusterMissing", core=True),
    Scenario(
        "shared, never ready",
        ("Failed",),
        {**ON_IT, **START_60},
        actions=(HERE, (0.0, room(False)), (100.0, room(True))),
        workers=2,
        reason="ClusterNotReady",
    ),
    Scenario(
        "shared, other image",
        ("Failed",),
        ON_IT,
        actions=((0.0, cluster_comes("registry.example/flows:2")),),
        workers=2,
        reason="ClusterUnfit",
        attempts=1,
    ),
)

FAULTS = (
    Scenario("shared, scheduler dies", ("Failed",), ON_IT, LONGER, (HERE, (AT, each(SCHEDULER, "kill")))),
    Scenario("shared, deleted", ("Failed",), ON_IT, LONGER, (HERE, (AT, cluster_goes)), core=True),
    Scenario(
        "shared, replaced, retry",
        ("Succeeded",),
        _RETRY,
        LONGER,
        (HERE, (AT, cluster_is_replaced)),
        workers=2,
        attempts=2,
        core=True,
    ),
    Scenario(
        "shared, gated pod deleted",
        ("Succeeded",),
        _RETRY,
        actions=(HERE, (0.0, gated_pods_go(1, 0.5))),
        workers=2,
    ),
    Scenario(
        "shared, runner deleted", ("Failed",), ON_IT, LONG, (HERE, (AT, each(RUNNER, "delete"))), workers=2
    ),
    Scenario(
        "shared, runner lost, retry",
        ("Succeeded",),
        _RETRY,
        LONGER,
        (HERE, (AT, each(RUNNER, "lose"))),
        workers=2,
    ),
)

SCENARIOS = (*ORDINARY, *WISHES, *OBSTACLES, *FAULTS)
