"""What users and the world do to a run while it lives: the verbs of the scenarios."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from daskflow.api.names import RUNNER, WORKER
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.manifests.naming import cluster_name
from daskflow.plan.model import Key

from tests.simulation.client import CLASH

if TYPE_CHECKING:
    from tests.simulation.pods import Life
    from tests.simulation.world import World

Action = Callable[["World"], None]

QUOTA = ApiError(403, "Forbidden", 'pods "x" is forbidden: exceeded quota: q, requested: pods=1')
WEBHOOK = ApiError(
    500,
    "InternalError",
    'Internal error occurred: failed calling webhook "inject.example.com": Post "https://inject": refused',
)
POLICY = ApiError(403, "Forbidden", 'pods "x" is forbidden: violates PodSecurity "restricted"')

GUARD = ApiError(403, "Forbidden", 'admission webhook "guard.example" denied the request: hands off')


def change(**fields: Any) -> Action:
    """The user changes fields of the spec, of all runs."""

    def act(world: "World") -> None:
        for key in world.subjects:
            if key in world.server.objects:
                spec = world.server.objects[key]["spec"]
                world.server.update(key, spec={**spec, **fields})

    return act


def take_back_cancel(world: "World") -> None:
    """A tool applies the manifest again, after the operator has taken note of the wish."""
    status = world.server.objects[world.subjects[0]].get("status") or {}
    if status.get("reason") == "Cancelling":
        change(cancel=False)(world)
    elif status.get("phase") not in ("Succeeded", "Failed"):
        asyncio.get_running_loop().call_later(0.1, take_back_cancel, world)


def scale(replicas: int) -> Action:
    """Another number of workers, of a run or a DaskCluster."""

    def act(world: "World") -> None:
        for key in world.subjects:
            spec = world.server.objects[key]["spec"]
            part = spec["cluster"] if "flow" in spec else spec
            workers = {"workers": {**part["workers"], "replicas": replicas}}
            change(**({"cluster": {**part, **workers}} if "flow" in spec else workers))(world)

    return act


def delete(world: "World") -> None:
    """In the background, as kubectl does."""
    for key in world.subjects:
        if key in world.server.objects:
            world.server.delete(key)


def delete_foreground(world: "World") -> None:
    """The run stays, marked, until all it owns is gone."""
    for key in world.subjects:
        world.server.delete_foreground(key)


def absent(seconds: float) -> Action:
    """No operator runs for so long."""

    def act(world: "World") -> None:
        world.absent(seconds)

    return act


def jump(seconds: float) -> Action:
    """The clock of the operator's machine is put forward, or back."""

    def act(world: "World") -> None:
        world.jumped += seconds
        world.jumped_at = asyncio.get_running_loop().time()

    return act


def create_again(world: "World") -> None:
    """As `kubectl replace --force`: deleted, and at once another of the same name."""
    delete(world)
    for key in world.subjects:
        world.server.create(world.scenario.manifest(key.name))


def each(component: str, what: str, *, count: int = 1) -> Action:
    """Something happens to the first pods of a kind that live while a flow runs; if none does yet, later."""

    def act(world: "World") -> None:
        flows = [life for life in world.nodes.living(RUNNER) if life.role.begun]
        runs = world.scenario.kind == "FlowRun"
        found = world.nodes.living(component)
        if (runs and not flows) or not found:
            asyncio.get_running_loop().call_later(1.0, act, world)
            return
        for life in found[:count]:
            _DEEDS[what](world, life)

    return act


def _return(world: "World", life: "Life", seconds: float) -> None:
    world.nodes.cut_node_of(life)
    asyncio.get_running_loop().call_later(seconds, life.heal)


def _never_return(world: "World", life: "Life", seconds: float) -> None:
    """The machine answers no more, and after a while somebody deletes its Node; its processes end by then."""
    world.nodes.cut_node_of(life)
    asyncio.get_running_loop().call_later(seconds, world.nodes.remove_node_of, life)


_DEEDS: dict[str, Callable[["World", "Life"], object]] = {
    "kill": lambda world, life: life.kill(),
    "out of memory": lambda world, life: life.kill("OOMKilled"),
    "evict": lambda world, life: life.terminate("Evicted"),
    "lose": lambda world, life: world.nodes.lose_node_of(life),
    "delete": lambda world, life: world.server.delete(life.key),
    "cut for a moment": lambda world, life: _return(world, life, 10),
    "cut for a while": lambda world, life: _return(world, life, 120),
    "cut for long": lambda world, life: _return(world, life, 400),
    "cut for ever": lambda world, life: _never_return(world, life, 420),
    "cut off": lambda world, life: _never_return(world, life, 1000),
}


def lose_after_word(world: "World") -> None:
    """The runner's node goes between the flow's word and the pod's own message: the scheduler has a copy."""
    spoken = [life for life in world.nodes.living(RUNNER) if life.role.report is not None]
    for life in spoken:
        world.nodes.lose_node_of(life)
    if not spoken:
        asyncio.get_running_loop().call_later(0.05, lose_after_word, world)


def expect_workers(count: int) -> Action:
    """By now so many workers live, if nobody has disturbed the operator."""

    def act(world: "World") -> None:
        living = len(world.nodes.living(WORKER))
        if world.case.plain and living != count:
            world.watcher.faults.append(f"{living} workers live, {count} were asked for")

    return act


def delete_cluster(world: "World") -> None:
    """Somebody deletes the run's DaskCluster, while its flow runs."""
    if not any(life.role.begun for life in world.nodes.living(RUNNER)):
        asyncio.get_running_loop().call_later(1.0, delete_cluster, world)
        return
    for key in [key for key in world.server.objects if key.kind == "DaskCluster"]:
        world.server.delete(key)


def take(what: str) -> Action:
    """Somebody deletes all objects of these kinds, and all pods of these components (with commas)."""
    words = what.split(",")

    def act(world: "World") -> None:
        for key, body in list(world.server.objects.items()):
            if key.kind in words or (key.kind == "Pod" and _component(body) in words):
                world.server.delete(key)

    return act


def lands_late(kind: str, seconds: float, component: str = "") -> Action:
    """The operator's first create of this kind is given up, tried again, and takes effect at last."""

    def act(world: "World") -> None:
        left = [seconds]

        def late(body: Any) -> float:
            if body["kind"] != kind or (component and _component(body) != component):
                return 0.0
            return left.pop() if left else 0.0

        world.operator.client.lands_late = late

    return act


def refuse(error: ApiError | None, kind: str = "Pod") -> Action:
    """The API server refuses objects of a kind; None: no more."""

    def act(world: "World") -> None:
        world.server.refuse = lambda body: error if body["kind"] == kind else None

    return act


def expect_message(words: str) -> Action:
    """By now the status tells of this, if nobody has disturbed the operator."""

    def act(world: "World") -> None:
        for key in world.subjects:
            said = str((world.server.objects[key].get("status") or {}).get("message"))
            if world.case.plain and words not in said:
                world.watcher.faults.append(f"{words!r} is not told: {said}")

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


def _give_in(world: "World") -> None:
    world.server.resist = lambda asked, key: None


def room(there: bool, component: str = "") -> Action:
    """Whether nodes have room (for pods of a kind)."""

    def act(world: "World") -> None:
        world.nodes.schedulable = lambda pod: there or component not in ("", _component(pod))

    return act


def registry(says: str) -> Action:
    """What the registry answers instead of the image; empty: it gives it."""

    def act(world: "World") -> None:
        world.nodes.pull = lambda pod: says

    return act


def workers_die(seconds: float) -> Action:
    """Every worker that is there is killed now and then, until that time."""

    def act(world: "World") -> None:
        for life in world.nodes.living(WORKER):
            life.kill()
        loop = asyncio.get_running_loop()
        if loop.time() < seconds:
            loop.call_later(4.0, act, world)

    return act


def stranger(kind: str, suffix: str = "") -> Action:
    """An object that is nobody's has a name that the first attempt wants."""

    def act(world: "World") -> None:
        for key in world.subjects:
            name = cluster_name(key.name, world.server.objects[key]["metadata"]["uid"], 1) + suffix
            meta = {"name": name, "namespace": key.namespace}
            world.server.create({"apiVersion": "v1", "kind": kind, "metadata": meta, "spec": {}})
            world.strangers.add(Key(kind, key.namespace, name))

    return act


def _component(pod: Any) -> str:
    return str(pod["metadata"]["labels"].get("daskflow.dev/component", ""))
