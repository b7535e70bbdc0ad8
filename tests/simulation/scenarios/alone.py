"""Scenarios of runs without a cluster: the runner's pod and its scheduling gate are all that guards them."""

import asyncio
from typing import TYPE_CHECKING

from daskflow.api.names import FLOW_RUN, RUNNER
from daskflow.plan.model import Object

from tests.simulation.actions import Action
from tests.simulation.actions.api_server import POLICY, QUOTA, refuse, stranger
from tests.simulation.actions.nodes import each, registry, room
from tests.simulation.actions.user import change, create_again, delete, scale
from tests.simulation.scenarios.ingredients import AT, FAILED, LIMITED, LONG, LONGER, RETRY, START_60
from tests.simulation.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from tests.simulation.kubernetes.pods import Life
    from tests.simulation.world import World

ALONE = {"cluster": {"workers": {"replicas": 0}}}
_RETRY = {**ALONE, **RETRY}


def gated_pods_go(count: int, latest: float) -> Action:
    """The first runner's pods are deleted while their gates are closed, or just after they were opened."""

    def act(world: "World") -> None:
        left = [count]

        def hear(type_: str, before: Object | None, now: Object) -> None:
            if type_ == "ADDED" and now["kind"] == "Pod" and now["spec"].get("schedulingGates") and left[0]:
                left[0] -= 1
                life = world.nodes.lives[now["metadata"]["uid"]]
                at = world.nodes.chance.uniform(0, latest)
                asyncio.get_running_loop().call_later(
                    at, lambda: world.server.delete(life.key) if life.pod() else None
                )

        world.server.changed.append(hear)

    return act


def gone_as_it_ends(world: "World") -> None:
    """The flow ends, and somebody deletes its pod, while the operator still writes that it runs.

    No scheduler has a copy of its word: an operator that is not there to hear it cannot know it.
    """

    def hear(type_: str, before: Object | None, now: Object) -> None:
        if type_ == "MODIFIED" and now["kind"] == FLOW_RUN and now["status"].get("phase") == "Running":
            for life in world.nodes.living(RUNNER):
                asyncio.get_running_loop().call_soon(end, life)

    def end(life: "Life") -> None:
        if life.alive:
            if not world.case.plain:
                world.nodes.unheard.add(life.uid)
            life.role.succeed()
            world.server.delete(life.key, grace=0)

    world.server.changed.append(hear)


def once_running(action: Action) -> Action:
    """As soon as a flow runs."""

    def act(world: "World") -> None:
        if any(life.role.begun for life in world.nodes.living(RUNNER)):
            action(world)
        else:
            asyncio.get_running_loop().call_later(1.0, act, world)

    return act


ORDINARY = (
    Scenario("alone for a minute", ("Succeeded", "Failed"), {**ALONE, **START_60}, ({"seconds": 60},)),
    Scenario("alone", ("Succeeded",), ALONE, core=True, attempts=1),
    Scenario("alone, failure", ("Failed",), ALONE, (FAILED,), reason="FlowFailed", attempts=1),
    Scenario("alone, retry", ("Succeeded",), _RETRY, (FAILED, {}), core=True, attempts=2),
    Scenario("two alone at once", ("Succeeded",), ALONE, runs=2),
)

WISHES = (
    Scenario(
        "alone, cancelled while starting",
        ("Cancelled",),
        ALONE,
        LONG,
        ((0.3, change(cancel=True)),),
        core=True,
    ),
    Scenario("alone, cancelled", ("Cancelled",), ALONE, LONG, ((AT, change(cancel=True)),), core=True),
    Scenario(
        "alone, suspended and resumed",
        ("Succeeded",),
        ALONE,
        LONG,
        ((AT, change(suspend=True)), (60.0, change(suspend=False))),
        core=True,
    ),
    Scenario(
        "alone, suspended while starting",
        ("Succeeded",),
        ALONE,
        actions=((0.3, change(suspend=True)), (30.0, change(suspend=False))),
    ),
    Scenario("alone, deleted while starting", (), ALONE, LONG, ((0.3, delete),)),
    Scenario("alone, deleted", (), ALONE, LONG, ((AT, delete),)),
    Scenario("alone, created again", ("Succeeded",), ALONE, LONG, ((AT, create_again),)),
    Scenario(
        "alone, then not",
        ("Succeeded",),
        _RETRY,
        ({"seconds": 30, **FAILED}, {}),
        ((AT, scale(2)),),
        attempts=2,
    ),
    Scenario(
        "with workers, then alone",
        ("Succeeded",),
        RETRY,
        ({"seconds": 30, **FAILED}, {}),
        ((AT, once_running(scale(0))),),
        attempts=2,
    ),
    Scenario(
        "alone, active deadline",
        ("Failed",),
        {**ALONE, "deadlines": {"active": "25s"}},
        ({"seconds": 300},),
        reason="DeadlineExceeded",
    ),
)

OBSTACLES = (
    Scenario(
        "alone, no room for long",
        ("Failed",),
        {**ALONE, **START_60},
        actions=((0.0, room(False)),),
        reason="DeadlineExceeded",
    ),
    Scenario("alone, quota", ("Succeeded",), ALONE, actions=((0.0, refuse(QUOTA)), (40.0, refuse(None)))),
    Scenario("alone, refused", ("Failed",), ALONE, actions=((0.0, refuse(POLICY)),), reason="Refused"),
    Scenario(
        "alone, quota of Secrets",
        ("Succeeded",),
        ALONE,
        actions=((0.0, refuse(QUOTA, "Secret")), (40.0, refuse(None))),
        core=True,
    ),
    Scenario(
        "alone, Secret refused",
        ("Failed",),
        ALONE,
        actions=((0.0, refuse(POLICY, "Secret")),),
        reason="Refused",
    ),
    Scenario(
        "alone, no image",
        ("Failed",),
        ALONE,
        actions=((0.0, registry("not found")),),
        reason="ImagePullFailed",
    ),
    Scenario(
        "alone, name taken",
        ("Succeeded",),
        ALONE,
        actions=((0.0, stranger("Pod", "-runner")),),
        attempts=1,
    ),
)

FAULTS = (
    Scenario(
        "alone, gated pod deleted", ("Succeeded",), _RETRY, actions=((0.0, gated_pods_go(1, 0.5)),), core=True
    ),
    Scenario(
        "alone, gated pods deleted", ("Succeeded", "Failed"), ALONE, actions=((0.0, gated_pods_go(5, 0.2)),)
    ),
    Scenario(
        "alone, pod gone as it ends",
        ("Succeeded", "Failed"),
        ALONE,
        LONG,
        ((0.0, gone_as_it_ends),),
        attempts=1,
    ),
    Scenario("alone, killed", ("Failed",), ALONE, LONG, ((AT, each(RUNNER, "kill")),), reason="RunnerLost"),
    Scenario(
        "alone, out of memory",
        ("Failed",),
        {**ALONE, **LIMITED},
        LONG,
        ((AT, each(RUNNER, "out of memory")),),
        reason="OutOfMemory",
    ),
    Scenario("alone, evicted, retry", ("Succeeded",), _RETRY, LONG, ((AT, each(RUNNER, "evict")),)),
    Scenario("alone, pod deleted", ("Failed",), ALONE, LONG, ((AT, each(RUNNER, "delete")),), core=True),
    Scenario(
        "alone, pod deleted, retry", ("Succeeded",), _RETRY, LONG, ((AT, each(RUNNER, "delete")),), core=True
    ),
    Scenario("alone, node lost", ("Failed",), ALONE, LONGER, ((AT, each(RUNNER, "lose")),)),
    Scenario("alone, node lost, retry", ("Succeeded",), _RETRY, LONGER, ((AT, each(RUNNER, "lose")),)),
    Scenario("alone, cut off", ("Succeeded",), _RETRY, LONGER, ((AT, each(RUNNER, "cut for a while")),)),
    Scenario(
        "alone, cut off for long",
        ("Succeeded",),
        _RETRY,
        LONG,
        ((AT, each(RUNNER, "cut for long")),),
        swift=600.0,
    ),
    Scenario(
        "alone, cut off for ever",
        ("Succeeded",),
        _RETRY,
        LONGER,
        ((AT, each(RUNNER, "cut for ever")),),
        swift=600.0,
    ),
)

SCENARIOS = (*ORDINARY, *WISHES, *OBSTACLES, *FAULTS)
