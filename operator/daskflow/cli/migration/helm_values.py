"""Values of the chart `dask/dask`, as `helm get values` prints them, as a DaskCluster.

What the values leave open is the chart's default: three workers, and a notebook beside them.
"""

from collections.abc import Mapping
from typing import Any

from daskflow.api.crd import MAX_NAME
from daskflow.api.names import DASK_CLUSTER, SCHEDULER, WORKER
from daskflow.api.workers import DEFAULT_GROUP
from daskflow.cli.migration import commands, conversions, dask_options, pods
from daskflow.cli.migration.component import Component, combine
from daskflow.cli.migration.conversions import count, read, text
from daskflow.cli.migration.draft import END, Draft
from daskflow.cli.migration.leaves import Book, Node
from daskflow.cli.migration.networking import CLUSTER_IP, OWN_POD, let_in
from daskflow.cli.migration.options import Options

_REPOSITORY = "ghcr.io/dask/dask"
_REPLICAS = 3
_OURS = {
    "name": "since pods are named after the cluster",
    "strategy": "since pods of a cluster are not rolled",
    "default_resources": "which the chart uses for options only; workers.resources counts",
    "portDashboard": "since the cluster's dashboard is the scheduler's",
    "port": "since the operator knows its own ports",
    "servicePort": "since the scheduler is reached at port 8786",
    "livenessProbe": "since the operator has probes of its own",
    "readinessProbe": "since the operator has probes of its own",
    "loadBalancerIP": "since the Service is a ClusterIP",
}
_LOST = {
    "serviceType": CLUSTER_IP,
    "custom_scheduler_url": "but workers connect to the cluster's own scheduler; leave it out",
    "serviceAnnotations": "but the Service is the operator's; make one of your own beside it",
    "metrics": "but Dask's HTTP servers stay on 127.0.0.1; the operator's metrics are in docs/metrics.md",
}
_NOTEBOOK = f"which is a notebook; {OWN_POD}"


def migrate(document: Mapping[str, Any], where: str, options: Options) -> tuple[list[Draft], list[Book]]:
    """The one draft of a release's values."""
    book = Book(where, _said(document))
    values = book.node
    named = values.first("fullnameOverride", "nameOverride")
    name = conversions.name(named.value or "dask", MAX_NAME) or "dask"
    if named.there:
        named.take()
    draft = Draft(DASK_CLUSTER, name, book)
    scheduler = _component(Component(SCHEDULER), values.get("scheduler"))
    default = _component(Component(WORKER), values.get("worker"))
    groups = [_group(item, values.get("worker")) for item in values.get("additional_worker_groups").items()]
    _web(scheduler, values.get("webUI"))
    _notebook(book, values.get("jupyter"))
    combine(draft, [scheduler, default, *groups], options.image)
    let_in(draft)
    return [draft], [book]


def _said(values: Any) -> Any:
    """Without texts that are empty, which say nothing to the chart; those of variables do."""
    if isinstance(values, list):
        return [_said(each) for each in values]
    if not isinstance(values, Mapping):
        return values
    return {key: _said(each) for key, each in values.items() if each != "" or key == "value"}


def _component(made: Component, values: Node) -> Component:
    if made.kind == WORKER:
        replicas = values.get("replicas")
        number = read(replicas, f"{made.field}.replicas", count)
        made.put(
            ("replicas",), _REPLICAS if number is None else number, *([] if number is None else [replicas])
        )
    elif values.get("replicas").value in (None, 1):
        values.get("replicas").ours("which is so anyway")
    if values.get("enabled").value is False:
        values.get("enabled").lose("but a cluster has a scheduler of its own")
    _image(made, values.get("image"))
    for name, node in values.entries():
        if name == "env":
            for item in node.items():
                pods.carry_variable(made, item)
        elif name == "resources":
            pods.carry_resources(made, node)
        elif name == "extraArgs":
            dask_options.carry(made, commands.words(node.items()))
        elif name == "threads_per_worker":
            if (threads := read(node, f"{made.field}.threads", count)) is not None:
                made.put(("threads",), threads, node)
        elif name == "mounts":
            pods.carry_pod(made, node)
            for item in node.get("volumeMounts").items():
                made.in_container(("volumeMounts", END), pods.renamed(item.take()), item)
        elif name == "annotations":
            pods.carry_metadata(made, values)
        elif name == "serviceType" and node.value == "ClusterIP":
            node.ours("as ours is")
        elif name == "enabled" and node.value is True:
            node.ours("which is so anyway")
        elif name in _LOST:
            node.lose(_LOST[name]) if _switched_on(node) else node.ours("which is off")
        elif name in _OURS:
            node.ours(_OURS[name])
    own = ("tolerations", "affinity", "nodeSelector", "securityContext", "serviceAccountName")
    pods.carry_fields(made, [(name, values.get(name)) for name in own if values.get(name).there])
    return made


def _switched_on(node: Node) -> bool:
    return not isinstance(node.value, dict) or node.value.get("enabled", True) is not False


def _image(made: Component, image: Node) -> None:
    repository, tag = image.get("repository"), image.get("tag")
    where = read(repository, "image", text)
    version = read(tag, "image", text)
    if where or version:
        whole = f"{where or _REPOSITORY}:{version or 'latest'}"
        made.share("image", whole, *(node for node in (repository, tag) if node.there))
    if image.get("pullPolicy").there:
        made.share("imagePullPolicy", image.get("pullPolicy").peek(), image.get("pullPolicy"))
    if image.get("pullSecrets").there:
        made.share("imagePullSecrets", image.get("pullSecrets").peek(), image.get("pullSecrets"))
    program = image.get("dask_worker")
    if program.there:
        found = commands.split(program)
        if commands.program(found)[0] == WORKER and not commands.runs_cuda(found):
            program.ours("as ours run")
        else:
            program.lose(dask_options.CUDA)


def _group(item: Node, worker: Node) -> Component:
    """A further group, which has of the workers what it does not say itself."""
    name = item.get("name")
    short = conversions.name(name.value, 20).lstrip("0123456789-") if isinstance(name.value, str) else ""
    group = short if short and short != DEFAULT_GROUP else f"g{item.name}"
    if name.there:
        name.take() if group == name.value else name.lose(
            f"which is no name of a group; it is called {group}"
        )
    inherited = worker.value if isinstance(worker.value, dict) else {}
    whole = _over(inherited, item.value) if isinstance(item.value, dict) else inherited
    whole = {key: value for key, value in whole.items() if key != "name"}
    return _component(Component(WORKER, group), Node(item.book, item.path, whole))


def _over(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{key: _over(below.get(key), value) for key, value in above.items()}}
    return above if above is not None else below


def _web(scheduler: Component, web: Node) -> None:
    scheduler.dashboard(True)
    ingress = web.get("ingress")
    for name, node in web.entries():
        if name != "ingress":
            node.ours("since the dashboard is on 127.0.0.1 of the scheduler's pod")
    if ingress.get("enabled").value is True:
        ingress.lose(
            "but the dashboard asks nobody who they are; use daskflow dashboard, or kubectl port-forward"
        )
    else:
        ingress.ours("which is off")


def _notebook(book: Book, jupyter: Node) -> None:
    if jupyter.get("enabled").value is False:
        jupyter.ours("which is off")
    elif jupyter.there:
        jupyter.lose(_NOTEBOOK)
    else:
        book.say(f"jupyter is not switched off, {_NOTEBOOK}")
