"""What is tried: a run, how its flow goes attempt by attempt, and what users and the world do meanwhile."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from daskflow.api.names import API_VERSION, RUNNER, SCHEDULER, WORKER
from daskflow.controller.api import ApiError
from daskflow.plan.model import Key

if TYPE_CHECKING:
    from tests.simulation.world import World

RUN = Key("FlowRun", "default", "run")
Action = Callable[["World"], None]


@dataclass(frozen=True)
class Scenario:
    """`phases` are the terminal phases that are right (empty: the run is deleted)."""

    name: str
    phases: tuple[str, ...]
    spec: Mapping[str, Any] = field(default_factory=dict)
    flows: tuple[Mapping[str, Any], ...] = ({},)
    """One an attempt, the last for all further ones; see `nodes.Script`."""
    actions: tuple[tuple[float, Action], ...] = ()
    """At these virtual seconds."""
    seconds: float = 900.0
    """In which the run must have ended once faults have stopped; a dropped event may add a relist."""

    def run(self) -> dict[str, Any]:
        """The FlowRun as its user writes it."""
        spec: dict[str, Any] = {
            "image": "registry.example/flows:1",
            "flow": {"entrypoint": "flows:flow"},
            "cluster": {"workers": {"replicas": 2}},
            "retention": {
                "pods": {"onSuccess": "0s", "onFailure": "1m"},
                "runner": {"onSuccess": "1m", "onFailure": "2m"},
            },
            **self.spec,
        }
        return {
            "apiVersion": API_VERSION,
            "kind": RUN.kind,
            "metadata": {"name": RUN.name, "namespace": RUN.namespace},
            "spec": spec,
        }


def _set(**fields: Any) -> Action:
    def act(world: "World") -> None:
        if RUN in world.server.objects:
            run = world.server.objects[RUN]
            world.server.update(RUN, spec={**run["spec"], **fields})

    return act


def _delete(world: "World") -> None:
    if RUN in world.server.objects:
        world.server.delete(RUN)


def _recreate(world: "World") -> None:
    _delete(world)
    world.server.create(world.scenario.run())


def _each(component: str, what: str) -> Action:
    """Something happens to the first pod of a kind that lives while a flow runs; if none does yet, later."""

    def act(world: "World") -> None:
        flows = [life for life in world.nodes.living(RUNNER) if life.begun]
        if not flows:
            asyncio.get_running_loop().call_later(1.0, act, world)
        for life in world.nodes.living(component)[:1] if flows else ():
            if what == "kill":
                life.kill()
            elif what == "evict":
                life.terminate("Evicted")
            elif what == "lose":
                world.nodes.lose_node_of(life)
            else:
                world.server.delete(life.key)

    return act


def _quota(on: bool) -> Action:
    refusal = ApiError(403, "Forbidden", 'pods "x" is forbidden: exceeded quota: q, requested: pods=1')

    def act(world: "World") -> None:
        world.server.refuse = lambda body: refusal if on and body["kind"] == "Pod" else None

    return act


def _room(there: bool) -> Action:
    def act(world: "World") -> None:
        world.nodes.schedulable = lambda pod: there

    return act


FAILED = {"outcome": "Failed", "reason": "FlowFailed", "failure": {"exception": "ValueError", "message": "x"}}
RETRY = {"retries": {"limit": 2, "infrastructureLimit": 2, "backoff": {"initial": "5s", "factor": 2}}}
LONG = ({"seconds": 60},)

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario("success", ("Succeeded",)),
        Scenario("failure", ("Failed",), flows=(FAILED,)),
        Scenario("retry", ("Succeeded",), RETRY, flows=(FAILED, {})),
        Scenario("retries used up", ("Failed",), RETRY, flows=(FAILED,)),
        Scenario("cancel while starting", ("Cancelled",), flows=LONG, actions=((1.0, _set(cancel=True)),)),
        Scenario("cancel while running", ("Cancelled",), flows=LONG, actions=((30.0, _set(cancel=True)),)),
        Scenario("cancel at the end", ("Cancelled", "Succeeded"), actions=((12.0, _set(cancel=True)),)),
        Scenario(
            "suspend and resume",
            ("Succeeded",),
            flows=LONG,
            actions=((20.0, _set(suspend=True)), (80.0, _set(suspend=False))),
        ),
        Scenario(
            "created suspended", ("Succeeded",), {"suspend": True}, actions=((60.0, _set(suspend=False)),)
        ),
        Scenario("active deadline", ("Failed",), {"deadlines": {"active": "30s"}}, flows=({"seconds": 300},)),
        Scenario(
            "start deadline", ("Failed",), {"deadlines": {"start": "60s"}}, actions=((0.0, _room(False)),)
        ),
        Scenario("delete while starting", (), flows=LONG, actions=((1.5, _delete),)),
        Scenario("delete while running", (), flows=LONG, actions=((30.0, _delete),)),
        Scenario("delete and create again", ("Succeeded",), flows=LONG, actions=((30.0, _recreate),)),
        Scenario("quota", ("Succeeded",), actions=((0.0, _quota(True)), (60.0, _quota(False)))),
        Scenario("no room", ("Succeeded",), actions=((0.0, _room(False)), (60.0, _room(True)))),
        Scenario("scheduler dies", ("Failed",), flows=LONG, actions=((30.0, _each(SCHEDULER, "kill")),)),
        Scenario(
            "scheduler dies, tried again",
            ("Succeeded",),
            RETRY,
            flows=LONG,
            actions=((30.0, _each(SCHEDULER, "kill")),),
        ),
        Scenario("scheduler deleted", ("Failed",), flows=LONG, actions=((30.0, _each(SCHEDULER, "delete")),)),
        Scenario("runner killed", ("Failed",), flows=LONG, actions=((30.0, _each(RUNNER, "kill")),)),
        Scenario(
            "runner evicted, tried again",
            ("Succeeded",),
            RETRY,
            flows=LONG,
            actions=((30.0, _each(RUNNER, "evict")),),
        ),
        Scenario("runner deleted", ("Failed",), flows=LONG, actions=((30.0, _each(RUNNER, "delete")),)),
        Scenario(
            "runner's node lost",
            ("Succeeded",),
            RETRY,
            flows=LONG,
            actions=((30.0, _each(RUNNER, "lose")),),
        ),
        Scenario("worker deleted", ("Succeeded",), flows=LONG, actions=((30.0, _each(WORKER, "delete")),)),
        Scenario("worker's node lost", ("Succeeded",), flows=LONG, actions=((30.0, _each(WORKER, "lose")),)),
    )
}
