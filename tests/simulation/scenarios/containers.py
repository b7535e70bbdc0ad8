"""Scenarios of pods with more than one container: sidecars of both kinds, and what comes before."""

from typing import Any

from daskflow.api.names import DASK_CLUSTER, RUNNER, SCHEDULER, WORKER

from tests.simulation.actions.clusters import idle
from tests.simulation.actions.expectations import expect_message
from tests.simulation.actions.nodes import each, workers_die
from tests.simulation.kubernetes.containers import AGENT, NATIVE
from tests.simulation.scenarios.ingredients import AT, FAILED, LATE, LONG, LONGER, RETRY, START_60
from tests.simulation.scenarios.scenario import Scenario

SIDECARS: dict[str, Any] = {
    "template": {
        "spec": {"containers": [AGENT], "initContainers": [NATIVE, {"name": "fetch", "image": "fetch:1"}]}
    }
}


def before(container: dict[str, Any]) -> dict[str, Any]:
    """A spec whose pods have this init container."""
    return {"template": {"spec": {"initContainers": [container]}}}


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
    Scenario(
        "init container without its image",
        ("Failed",),
        before({"name": "fetch", "image": "absent"}),
        reason="ImagePullFailed",
        attempts=1,
    ),
    Scenario(
        "init container that fails",
        ("Failed",),
        before({"name": "migrate", "image": "a", "command": ["exit", "1", "no database"]}),
        reason="InitContainerFailed",
        attempts=1,
    ),
    Scenario(
        "slow init container",
        ("Succeeded",),
        before({"name": "fetch", "image": "a", "command": ["sleep", "70"]}),
        actions=((60.0, expect_message("waits for its init container fetch")),),
    ),
    Scenario(
        "gate that nobody removes",
        ("Failed",),
        {**START_60, "template": {"spec": {"schedulingGates": [{"name": "example.com/wait"}]}}},
        actions=((45.0, expect_message("example.com/wait")),),
        reason="DeadlineExceeded",
    ),
    cluster("workers die", "Ready", workers=2, actions=((25.0, workers_die(60.0)),)),
    cluster("a worker out of memory", "Ready", workers=2, actions=((25.0, each(WORKER, "out of memory")),)),
    cluster("scheduler dies", "Failed", actions=((25.0, each(SCHEDULER, "kill")),), reason="SchedulerLost"),
    cluster("nobody uses it", "Stopped", actions=((25.0, idle),), reason="IdleTimeout"),
)
