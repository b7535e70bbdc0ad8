"""What people do to children and statuses by hand: each is soon to be as it was."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from daskflow.api.names import DASK_CLUSTER, LABEL_COMPONENT
from daskflow.plan.model import Key, Object

from tests.simulation.actions import Action

if TYPE_CHECKING:
    from tests.simulation.world import World


SOON = 8.0
"""Seconds."""


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


def secret_gone(world: "World") -> None:
    """Whoever has mounted it has a copy; who waits for it waits on."""
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
