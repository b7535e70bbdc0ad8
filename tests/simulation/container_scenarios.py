"""Scenarios of pods with more than one container: sidecars of both kinds, and what comes before."""

from typing import Any

from daskflow.api.names import DASK_CLUSTER, RUNNER, SCHEDULER, WORKER

from tests.simulation.actions import each, workers_die
from tests.simulation.cluster_actions import idle
from tests.simulation.containers import AGENT, NATIVE
from tests.simulation.ingredients import AT, FAILED, LATE, LONG, LONGER, RETRY
from tests.simulation.scenario import Scenario

SIDECARS: dict[str, Any] = {
    "template": {
        "spec": {"containers": [AGENT], "initContainers": [NATIVE, {"name": "fetch", "image": "fetch:1"}]}
    }
}


def run(name: str, *phases: str, **more: Any) -> Scenario:
    """A run whose pods all have sidecars."""
    return Scenario(f"sidecars: {name}", phases, {**SIDECARS, **more.pop("spec", {})}, **more)


def cluster(name: str, *phases: str, **more: Any) -> Scenario:
    """A standalone cluster of such pods."""
    return Scenario(f"cluster with sidecars: {name}", phases, SIDECARS, kind=DASK_CLUSTER, **more)


CONTAINERS = (
    run("success", "Succeeded", core=True),
    run("retry", "Succeeded", spec=RETRY, flows=(FAILED, {}), garbage=LATE),
    run("scheduler dies", "Failed", flows=LONGER, actions=((AT, each(SCHEDULER, "kill")),)),
    run("runner killed, retry", "Succeeded", spec=RETRY, flows=LONG, actions=((AT, each(RUNNER, "kill")),)),
    run("runner deleted", "Failed", flows=LONG, actions=((AT, each(RUNNER, "delete")),)),
    run("runner evicted", "Succeeded", spec=RETRY, flows=LONG, actions=((AT, each(RUNNER, "evict")),)),
    run(
        "runner cut off",
        "Succeeded",
        spec=RETRY,
        flows=LONG,
        actions=((AT, each(RUNNER, "cut for long")),),
        swift=600.0,
    ),
    cluster("workers die", "Ready", workers=2, actions=((25.0, workers_die(60.0)),)),
    cluster("a worker out of memory", "Ready", workers=2, actions=((25.0, each(WORKER, "out of memory")),)),
    cluster("scheduler dies", "Failed", actions=((25.0, each(SCHEDULER, "kill")),), reason="SchedulerLost"),
    cluster("nobody uses it", "Stopped", actions=((25.0, idle),), reason="IdleTimeout"),
)
