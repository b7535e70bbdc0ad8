"""What the API server refuses or changes: quotas, webhooks, rights and older definitions."""

import asyncio
from typing import TYPE_CHECKING, Any

from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.manifests.naming import cluster_name
from daskflow.plan.model import Key

from tests.simulation.actions import Action
from tests.simulation.operators.client import CLASH

if TYPE_CHECKING:
    from tests.simulation.world import World


QUOTA = ApiError(403, "Forbidden", 'pods "x" is forbidden: exceeded quota: q, requested: pods=1')

WEBHOOK = ApiError(
    500,
    "InternalError",
    'Internal error occurred: failed calling webhook "inject.example.com": Post "https://inject": refused',
)

POLICY = ApiError(403, "Forbidden", 'pods "x" is forbidden: violates PodSecurity "restricted"')

GUARD = ApiError(403, "Forbidden", 'admission webhook "guard.example" denied the request: hands off')


def refuse(error: ApiError | None, kind: str = "Pod") -> Action:
    """The API server refuses objects of a kind; None: no more."""

    def act(world: "World") -> None:
        world.server.refuse = lambda body: error if body["kind"] == kind else None

    return act


def clash(world: "World") -> None:
    """The first create of each kind, and again of the runner's pod, collides in the quota's bookkeeping."""
    met: set[str] = set()

    def refuse(body: Any) -> ApiError | None:
        labels = body["metadata"].get("labels") or {}
        what = f"{body['kind']} {labels.get('daskflow.dev/component', '')}"
        if body["kind"] == "Event" or what in met:
            return None
        met.add(what)
        return CLASH

    world.server.refuse = refuse


def rightless(kind: str, seconds: float) -> Action:
    """For so long the operator may not create objects of a kind; somebody replaces its ClusterRole."""
    message = (
        f'{kind.lower()}s is forbidden: User "system:serviceaccount:daskflow-system:daskflow" cannot create '
        f'resource "{kind.lower()}s" in API group "" in the namespace "default"'
    )

    def act(world: "World") -> None:
        refuse(ApiError(403, "Forbidden", message), kind)(world)
        asyncio.get_running_loop().call_later(seconds, refuse(None), world)

    return act


def resist(verb: str, seconds: float) -> Action:
    """For so long a webhook refuses what an operator wants: patch, delete, status (several: with commas)."""
    verbs = verb.split(",")

    def act(world: "World") -> None:
        world.server.resist = lambda asked, key: GUARD if asked in verbs else None
        asyncio.get_running_loop().call_later(seconds, _give_in, world)

    return act


def _give_in(world: "World") -> None:
    world.server.resist = lambda asked, key: None


def outdated(seconds: float, *fields: str) -> Action:
    """For so long the definitions know nothing of these fields of a status (of attempts: `attempts.x`)."""

    def act(world: "World") -> None:
        world.server.prune = lambda kind, status: _without(status, [each.split(".") for each in fields])
        asyncio.get_running_loop().call_later(seconds, _upgrade, world)

    return act


def unknown_phase(phase: str, seconds: float) -> Action:
    """For so long the definitions do not know this phase."""

    def act(world: "World") -> None:
        def refuse(kind: str, status: dict[str, Any]) -> dict[str, Any]:
            if kind == "FlowRun" and status.get("phase") == phase:
                raise ApiError(422, "Invalid", f'status.phase: Unsupported value: "{phase}"')
            return status

        world.server.prune = refuse
        asyncio.get_running_loop().call_later(seconds, _upgrade, world)

    return act


def _without(value: Any, paths: list[list[str]]) -> Any:
    if isinstance(value, list | tuple):
        return [_without(each, paths) for each in value]
    deeper = {name: [path[1:] for path in paths if path[0] == name] for name in value}
    return {
        name: _without(each, deeper[name]) if deeper[name] else each
        for name, each in value.items()
        if [] not in deeper[name]
    }


def _upgrade(world: "World") -> None:
    world.server.prune = lambda kind, status: status


def decorate(world: "World") -> None:
    """A mutating webhook adds labels, annotations and defaults to all that an operator makes."""

    def mutate(body: dict[str, Any]) -> None:
        meta = body["metadata"]
        meta["labels"] = {**(meta.get("labels") or {}), "mesh.example/inject": "true"}
        meta["annotations"] = {**(meta.get("annotations") or {}), "mesh.example/status": "injected"}
        if body["kind"] == "Service":
            body["spec"] = {**body["spec"], "sessionAffinity": "None"}
        if body["kind"] == "Pod":
            body["spec"] = {
                **body["spec"],
                "tolerations": [{"operator": "Exists", "effect": "PreferNoSchedule"}],
            }

    world.server.mutate = mutate


def stranger(kind: str, suffix: str = "") -> Action:
    """An object that is nobody's has a name that the first attempt wants."""

    def act(world: "World") -> None:
        for key in world.subjects:
            name = cluster_name(key.name, world.server.objects[key]["metadata"]["uid"], 1) + suffix
            meta = {"name": name, "namespace": key.namespace}
            world.server.create({"apiVersion": "v1", "kind": kind, "metadata": meta, "spec": {}})
            world.strangers.add(Key(kind, key.namespace, name))

    return act
