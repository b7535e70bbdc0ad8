"""dask-kubernetes' `KubeCluster(…)`, and what its `make_cluster_spec` returns."""

from collections.abc import Mapping
from typing import Any

from daskflow.api.names import SCHEDULER, WORKER
from daskflow.cli.migration import commands, conversions, dask_kubernetes, pods, scaling
from daskflow.cli.migration.component import Component, combine
from daskflow.cli.migration.conversions import amount, count, duration, read, text
from daskflow.cli.migration.draft import NAME, Draft
from daskflow.cli.migration.leaves import Computed, Node
from daskflow.cli.migration.networking import CLUSTER_IP, let_in

NAMES = ("name", "namespace", "image", "n_workers", "resources", "env", "worker_command")
SPEC_NAMES = (
    "name",
    "image",
    "n_workers",
    "resources",
    "env",
    "worker_command",
    "scheduler_service_type",
    "idle_timeout",
    "jupyter",
)
CLASSIC = ("pod_template", "name", "namespace", "n_workers")
"""Arguments of the KubeCluster before there was an operator."""
WORKER_SPEC_NAMES = ("image", "n_workers", "resources", "env", "worker_command")
GROUP_NAMES = ("name", "n_workers", "image", "resources", "worker_command", "env", "custom_spec")
_CLIENTS_OWN = (
    "create_mode",
    "shutdown_on_close",
    "quiet",
    "port_forward_cluster_ip",
    "scheduler_forward_port",
    "loop",
    "asynchronous",
    "resource_timeout",
)


def cluster_spec(given: Mapping[str, Any]) -> Any:
    """What make_cluster_spec makes of its arguments, without what the operator sets by itself."""
    scheduler = {"name": "scheduler", **_container(given)}
    if given.get("jupyter") not in (None, False):
        scheduler["args"] = ["dask-scheduler", "--jupyter"]
    return {
        "metadata": {"name": given.get("name")},
        "spec": {
            "idleTimeout": given.get("idle_timeout"),
            "worker": worker_spec(given, None),
            "scheduler": {
                "spec": {"containers": [scheduler]},
                "service": {"type": given.get("scheduler_service_type")},
            },
        },
        **{key: value for key, value in given.items() if key not in SPEC_NAMES},
    }


def worker_spec(given: Mapping[str, Any], replicas: int | None = 3) -> dict[str, Any]:
    """The same of make_worker_spec."""
    command = given.get("worker_command", "dask-worker")
    args = command.split() if isinstance(command, str) else command
    container = {"name": "worker", **_container(given), "args": args}
    return {"replicas": given.get("n_workers", replicas), "spec": {"containers": [container]}}


def _container(given: Mapping[str, Any]) -> dict[str, Any]:
    env = given.get("env")
    if isinstance(env, dict):
        env = [{"name": name, "value": value} for name, value in env.items()]
    return {"image": given.get("image"), "env": env, "resources": given.get("resources")}


def carry(draft: Draft, call: Node, image: str | None, *, runner: Component | None = None) -> None:
    """All arguments of a call into a draft."""
    namespace = call.get("namespace")
    if (value := read(namespace, "metadata.namespace", text)) is not None:
        draft.at(("metadata", "namespace"), value, namespace)
    scheduler, workers = _components(call)
    custom = call.get("custom_cluster_spec")
    if isinstance(custom.value, dict):
        custom.get("apiVersion").hush()
        custom.get("kind").hush()
        custom.get("metadata", "name").hush()
        nothing = dask_kubernetes.Among((), ())
        given = dask_kubernetes.cluster_components(custom.get("spec"), "", nothing)
        scheduler, workers = (
            _over(own, each) for own, each in zip((scheduler, workers), given, strict=False)
        )
    elif custom.there:
        custom.lose("which is a file or computed; migrate that, or what yaml.safe_dump makes of it")
    _number(workers, call)
    groups = [_group(each) for each in call.get("add_worker_group").items()]
    timeout = call.get("idle_timeout")
    if timeout.value == 0:
        timeout.ours("which is none")
    elif (value := read(timeout, "idleTimeout", duration)) is not None:
        scheduler.of_cluster(("idleTimeout",), value, timeout)
    _rest(scheduler, call)
    scheduler.dashboard(True)
    combine(draft, [*([runner] if runner else []), scheduler, workers, *groups], image)


def name_of(call: Node, otherwise: str) -> str:
    """The cluster's name, without the fields that dask-kubernetes fills in."""
    given = call.get("name")
    if not given.there:
        given = call.get("custom_cluster_spec", "metadata", "name")
    found = given.value if isinstance(given.value, str) else ""
    name = conversions.name(found.replace("{user}", "").replace("{uuid}", ""), 50)
    if given.there and not isinstance(given.value, Computed) and name == given.value:
        given.take()
    else:
        what = "fixed name" if isinstance(given.value, Computed) or "{" in found else "name of ours"
        given.lose(f"which is no {what}; it is called {name or otherwise}")
    return name or otherwise


def _components(call: Node) -> tuple[Component, Component]:
    scheduler, workers = Component(SCHEDULER), Component(WORKER)
    for component in (scheduler, workers):
        _pod(component, call)
    return scheduler, workers


def _pod(component: Component, call: Node) -> None:
    image = call.get("image")
    if (value := read(image, "image", text)) is not None:
        component.share("image", value, image)
    for name, node in call.get("env").entries():
        if (value := read(node, f"the variable {name}", text)) is not None:
            component.variable(name, {"name": name, "value": value}, node)
    for item in call.get("env").items():
        pods.carry_variable(component, item)
    resources = call.get("resources")
    if not any(isinstance(each.value, dict) for _, each in resources.entries()):
        for name, node in resources.entries():
            if (size := read(node, f"{component.field}.resources", amount)) is not None:
                component.put(("resources", "limits", name), size, node)
    else:
        pods.carry_resources(component, resources)
    command = call.get("worker_command")
    if component.kind == WORKER and command.there:
        found = commands.split(command) if isinstance(command.value, str) else commands.words(command.items())
        pods.carry_words(component, found)


def _over(own: Component, given: Component) -> Component:
    """What a custom spec says; beside one dask-kubernetes heeds no other arguments."""
    for put in own.puts:
        for node in put.sources:
            node.lose("but custom_cluster_spec counts, as with dask-kubernetes")
    return given


def _number(workers: Component, call: Node) -> None:
    """How many: adapt, else scale, else n_workers."""
    adapted, scaled, given = call.get("adapt"), call.get("scale"), call.get("n_workers")
    asked = [node for node in (given, scaled.get("n"), scaled.get("jobs")) if node.there]
    number = read(asked[-1], "workers.replicas", count) if asked else None
    for node in asked[:-1]:
        node.ours("since scale(…) says another number")
    custom = any(put.place == ("replicas",) and put.sources for put in workers.puts)
    if number is not None:
        workers.put(("replicas",), number, asked[-1])
    elif not custom:
        workers.puts[:] = [put for put in workers.puts if put.place != ("replicas",)]
        workers.put(("replicas",), 0)
    scaling.autoscale(workers, adapted)


def _group(item: Node) -> Component:
    name = item.get("name")
    short = conversions.name(name.value, 20).lstrip("0123456789-") if isinstance(name.value, str) else ""
    group = Component(WORKER, short if short and short != "default" else f"g{item.name}")
    name.take() if group.group == name.value else name.lose(
        f"which is no name of a group; it is called {group.group}"
    )
    custom = item.get("custom_spec")
    if isinstance(custom.value, dict):
        dask_kubernetes.carry_workers(group, custom)
        return group
    number = item.get("n_workers")
    value = read(number, f"{group.field}.replicas", count)
    group.put(("replicas",), 3 if value is None else value, *([] if value is None else [number]))
    _pod(group, item)
    return group


def _rest(scheduler: Component, call: Node) -> None:
    kind = call.get("scheduler_service_type")
    if kind.value == "ClusterIP":
        kind.ours("as ours is")
    else:
        kind.lose(CLUSTER_IP)
    jupyter = call.get("jupyter")
    if jupyter.value is False:
        jupyter.ours("as is the case")
    else:
        jupyter.lose(
            "which opens a shell to whoever reaches the scheduler; run a notebook in a pod of its own"
        )
    for name in ("pod_template", "scheduler_pod_template"):
        call.get(name).lose("which is a pod; write its image, env, resources and template by hand")
    for name, node in call.entries():
        if name in _CLIENTS_OWN:
            node.ours("which is the client's own; daskflow.Cluster has arguments of its own: docs/clients.md")


def for_clients(draft: Draft, file: str) -> None:
    """How the program goes on."""
    let_in(draft)
    draft.closing = (
        f"the program goes on with daskflow.Cluster.from_name('{NAME}'), or makes its own by "
        f"daskflow.Cluster(…); daskflow run {file} runs it as a flow, in which Client() is the run's cluster"
    )
