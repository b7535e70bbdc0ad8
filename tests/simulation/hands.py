"""What people do to children by hand, and the scenarios of it: each is soon to be as it was."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from daskflow.api.names import DASK_CLUSTER, LABEL_CLUSTER, LABEL_COMPONENT, RUNNER, SCHEDULER, WORKER
from daskflow.plan.model import Key, Object

from tests.simulation.actions import Action, absent, each, expect_workers
from tests.simulation.ingredients import AT, LONG, LONGER
from tests.simulation.scenario import Scenario

if TYPE_CHECKING:
    from tests.simulation.world import World

SOON = 8.0
"""Seconds."""
STOLEN = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "x", "controller": True}]


def _of(kind: str, component: str = "") -> Callable[[Object], bool]:
    def wanted(body: Object) -> bool:
        labels = body["metadata"].get("labels") or {}
        return bool(body["kind"] == kind and component in ("", labels.get(LABEL_COMPONENT)))

    return wanted


def removed(kind: str) -> Action:
    """Somebody deletes what there is of a kind; soon they are there again, as they were."""

    def act(world: "World") -> None:
        before = {key: body for key, body in world.server.objects.items() if key.kind == kind}
        for key in before:
            world.server.delete(key)
        for key, body in before.items():
            _expect(world, key, {"spec": body["spec"]})

    return act


def edited(kind: str, component: str = "", **parts: Any) -> Action:
    """Somebody edits them: parts of `metadata` and `spec` are replaced; soon they are as they were."""

    def act(world: "World") -> None:
        found = {key: body for key, body in world.server.objects.items() if _of(kind, component)(body)}
        assert found, f"there is no {kind} {component}"
        for key, body in found.items():
            now = {name: {**body[name], **changes} for name, changes in parts.items()}
            world.server.update(key, **now)
            was = {name: {each: body[name].get(each) for each in parts[name]} for name in parts}
            _expect(world, key, was)

    return act


def _expect(world: "World", key: Key, was: dict[str, Any]) -> None:
    if not world.case.plain:
        return

    def look() -> None:
        body = world.server.objects.get(key)
        for name, fields in was.items():
            for field, value in fields.items():
                present = body[name].get(field) if body else None
                if field == "ownerReferences":  # others may stay beside ours
                    present = [each for each in present or () if each in value]
                if present != value:
                    world.watcher.faults.append(f"{key.kind} {key.name} lacks its {name}.{field}")

    asyncio.get_running_loop().call_later(SOON, look)


EDITS: tuple[tuple[str, Action], ...] = (
    ("its Service is deleted", removed("Service")),
    ("its NetworkPolicy is deleted", removed("NetworkPolicy")),
    ("its Service has another selector", edited("Service", spec={"selector": {"app": "x"}})),
    ("its Service has other ports", edited("Service", spec={"ports": [{"name": "x", "port": 1}]})),
    ("its Service loses its labels", edited("Service", metadata={"labels": {}})),
    ("its Service loses its owner", edited("Service", metadata={"ownerReferences": []})),
    ("its NetworkPolicy lets all in", edited("NetworkPolicy", spec={"ingress": [{}]})),
    ("its NetworkPolicy loses its labels", edited("NetworkPolicy", metadata={"labels": {}})),
    ("its scheduler loses its labels", edited("Pod", SCHEDULER, metadata={"labels": {}})),
    ("its scheduler loses its owner", edited("Pod", SCHEDULER, metadata={"ownerReferences": []})),
    ("its scheduler is stolen", edited("Pod", SCHEDULER, metadata={"ownerReferences": STOLEN})),
    ("its workers lose their labels", edited("Pod", WORKER, metadata={"labels": {}})),
    ("its workers lose their owner", edited("Pod", WORKER, metadata={"ownerReferences": []})),
    (
        "its workers are called schedulers",
        edited("Pod", WORKER, metadata={"labels": {LABEL_CLUSTER: "x", LABEL_COMPONENT: SCHEDULER}}),
    ),
)
OF_RUNS: tuple[tuple[str, Action], ...] = (
    ("its runner loses its labels", edited("Pod", RUNNER, metadata={"labels": {}})),
    ("its runner loses its owner", edited("Pod", RUNNER, metadata={"ownerReferences": []})),
    ("its cluster loses its labels", edited(DASK_CLUSTER, metadata={"labels": {}})),
    ("its cluster loses its owner", edited(DASK_CLUSTER, metadata={"ownerReferences": []})),
)


def _secret_gone(world: "World") -> None:
    """Not while a pod waits for it: that one waits on, and the run says so."""
    pods = [body for key, body in world.server.objects.items() if key.kind == "Pod"]
    if not all(body["status"].get("phase") in ("Running", "Succeeded", "Failed") for body in pods):
        return
    for key in [key for key in world.server.objects if key.kind == "Secret"]:
        world.server.delete(key)


def status(**changes: Any) -> Action:
    """Somebody edits the status of all subjects; None takes a field away."""

    def act(world: "World") -> None:
        for key in world.subjects:
            world.watcher.edited = True
            wanted = {**world.server.objects[key]["status"], **changes}
            now = {name: value for name, value in wanted.items() if value is not None}
            world.server.update(key, status=now)

    return act


def of_clusters(**changes: Any) -> Action:
    """Somebody edits the status of all DaskClusters; soon it is as it was."""

    def act(world: "World") -> None:
        world.watcher.edited = True
        found = [(key, body) for key, body in world.server.objects.items() if key.kind == DASK_CLUSTER]
        assert found
        for key, body in found:
            world.server.update(key, status={**body["status"], **changes})
            _expect(
                world, key, {"status": {name: body["status"].get(name) for name in (*changes, "scheduler")}}
            )

    return act


def wiped(world: "World") -> None:
    """Somebody takes the whole status away."""
    world.watcher.edited = True
    for key in world.subjects:
        world.server.update(key, status={"observedGeneration": -1})


LIE = {"phase": "Failed", "message": "hacked", "address": "tcp://1.2.3.4:1"}
STRANGER = {"scheduler": {"pod": "another", "uid": "another"}}
BACK = status(phase="Running", completionTime=None, conditions=None)
FORGOTTEN = status(phase=None, attempts=None, attempt=None, completionTime=None, conditions=None)

LOST = ("Failed",)

STATUSES = (
    Scenario(
        "status set back after the end", ("Succeeded",), actions=((40.0, BACK),), attempts=1, disturbed=LOST
    ),
    Scenario(
        "status wiped after the end", ("Succeeded",), actions=((40.0, wiped),), attempts=1, disturbed=LOST
    ),
    Scenario(
        "attempts forgotten after the end",
        ("Succeeded",),
        actions=((40.0, FORGOTTEN),),
        attempts=1,
        disturbed=LOST,
    ),
    Scenario(
        "status wiped while it runs",
        ("Succeeded",),
        flows=LONG,
        actions=((AT, wiped),),
        attempts=1,
        disturbed=LOST,
    ),
    Scenario(
        "attempts forgotten while it runs",
        ("Succeeded",),
        flows=LONG,
        actions=((AT, FORGOTTEN),),
        attempts=1,
        disturbed=LOST,
    ),
    Scenario(
        "status set back while no operator looks",
        ("Succeeded",),
        actions=((40.0, absent(10.0)), (42.0, BACK)),
        edited=True,
    ),
    Scenario(
        "status wiped while no operator looks",
        ("Failed",),
        actions=((40.0, absent(10.0)), (42.0, wiped)),
        reason="StatusInvalid",
        edited=True,
    ),
    Scenario(
        "cluster, status wiped",
        ("Ready",),
        kind=DASK_CLUSTER,
        workers=2,
        actions=((20.0, wiped),),
    ),
    Scenario(
        "status says that it succeeded while it runs",
        ("Succeeded",),
        flows=LONG,
        actions=((AT, status(phase="Succeeded", message="hacked")),),
        attempts=1,
    ),
    *(
        Scenario(
            f"cluster, {what} by hand",
            ("Ready",),
            kind=DASK_CLUSTER,
            workers=2,
            actions=((20.0, of_clusters(**lie)),),
        )
        for what, lie in (("failed", LIE), ("suspended", {"phase": "Suspended"}), ("another's", STRANGER))
    ),
    *(
        Scenario(
            f"run, its cluster {what} by hand",
            ("Succeeded",),
            flows=LONG,
            actions=((AT, of_clusters(**lie)),),
            attempts=1,
        )
        for what, lie in (("failed", LIE), ("another's", STRANGER))
    ),
    Scenario(
        "cluster, failed by hand while no operator looks",
        ("Failed",),
        kind=DASK_CLUSTER,
        actions=((20.0, absent(10.0)), (22.0, status(phase="Failed", message="hacked"))),
        reason="StatusInvalid",
        edited=True,
    ),
)


CHILDREN = (
    *(
        Scenario(
            f"run, {what}",
            ("Succeeded",),
            flows=LONG,
            actions=((AT, act),),
            attempts=1,
        )
        for what, act in (*EDITS, *OF_RUNS)
    ),
    *(
        Scenario(
            f"cluster, {what}",
            ("Ready",),
            {"workers": {"replicas": 2}},
            kind=DASK_CLUSTER,
            workers=2,
            most_workers=2,
            actions=((20.0, act),),
        )
        for what, act in EDITS
    ),
    Scenario(
        "run, its Secret is deleted before a worker dies",
        ("Succeeded",),
        flows=LONGER,
        actions=((AT, _secret_gone), (AT + 1, each(WORKER, "kill")), (AT + 20, expect_workers(2))),
        attempts=1,
    ),
)

HANDS = tuple(replace(scenario, calm=True) for scenario in (*STATUSES, *CHILDREN))
