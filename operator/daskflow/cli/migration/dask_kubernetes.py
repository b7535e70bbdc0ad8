"""Objects of kubernetes.dask.org/v1: each DaskJob a FlowRun, each DaskCluster a DaskCluster.

DaskWorkerGroups and DaskAutoscalers are looked for among all that was given, and become part of theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from daskflow.api.crd import MAX_NAME
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, RUNNER, SCHEDULER, WORKER
from daskflow.cli.migration import commands, conversions, flows, pods
from daskflow.cli.migration.component import Component, combine
from daskflow.cli.migration.conversions import count, duration, read, text
from daskflow.cli.migration.draft import Draft, Put
from daskflow.cli.migration.leaves import Book, Node
from daskflow.cli.migration.networking import CLUSTER_IP, let_in
from daskflow.cli.migration.options import Options

GROUP = "kubernetes.dask.org"
_LONGEST_GROUP = 20
_OURS = frozenset(
    [
        "managedFields",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "finalizers",
        "ownerReferences",
        "selfLink",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ]
)
"""What the API server, or another operator, has written into an object's metadata."""


@dataclass(frozen=True)
class Among:
    """What else was given."""

    groups: Sequence[Book]
    autoscalers: Sequence[Book]

    def of(self, whole: Book) -> "Among":
        """Those of this job or cluster."""
        return Among(
            *([each for each in books if _is_of(each, whole)] for books in (self.groups, self.autoscalers))
        )


_ENDED = ("Successful", "Failed")


def migrate(books: Sequence[Book], options: Options) -> list[Draft]:
    """All drafts of these objects."""
    for book in books:
        book.node.get("apiVersion").hush()
        book.node.get("kind").hush()
    own = [book for book in books if not _is_made_by_job(book) and not _has_ended(book)]
    of = {kind: [book for book in own if book.root.get("kind") == kind] for kind in _KINDS}
    among = Among(of["DaskWorkerGroup"], of["DaskAutoscaler"])
    makers = {"DaskJob": _job, "DaskCluster": _cluster_draft}
    drafts = [make(book, among.of(book), options) for kind, make in makers.items() for book in of[kind]]
    for book in (*among.groups, *among.autoscalers):
        _part_of_another(book)
        if any(_is_of(book, whole) for whole in (*of["DaskJob"], *of["DaskCluster"])):
            book.node.get("spec", "cluster").hush()
        else:
            book.node.get("spec").lose("whose cluster is not among the objects given; give its manifest, too")
    return drafts


_KINDS = ("DaskJob", "DaskCluster", "DaskWorkerGroup", "DaskAutoscaler")


def _name(book: Book) -> str:
    return str(book.node.get("metadata", "name").value)


def _namespace(book: Book) -> str:
    return str(book.node.get("metadata", "namespace").value or "")


def _cluster(book: Book) -> str:
    return str(book.node.get("spec", "cluster").value)


def _is_of(part: Book, whole: Book) -> bool:
    """Whether a group or autoscaler is of this job's or this cluster; files may leave out the namespace."""
    namespaces = {_namespace(part), _namespace(whole)} - {""}
    return _cluster(part) == _name(whole) and len(namespaces) <= 1


def _is_made_by_job(book: Book) -> bool:
    """Whether it is the cluster that the old operator has made for a job; then that is said."""
    owners = book.node.get("metadata", "ownerReferences").items()
    made = book.root.get("kind") == "DaskCluster" and any(
        each.get("kind").value == "DaskJob" for each in owners
    )
    if made:
        book.node.hush()
        book.say("it was made for the DaskJob of its name, whose run makes its own", lost=False)
    return made


def _has_ended(book: Book) -> bool:
    """Whether it is a job that was run; then that is said."""
    status = book.node.get("status", "jobStatus").value
    ended = book.root.get("kind") == "DaskJob" and status in _ENDED
    if ended:
        book.node.hush()
        book.say(f"the job has ended ({status}), and is left out; to run it again, take its status away")
    return ended


def _part_of_another(book: Book) -> None:
    """What an object has that becomes a part of another's manifest."""
    metadata = book.node.get("metadata")
    if book.root.get("kind") == "DaskWorkerGroup" or _name(book) == _cluster(book):
        metadata.get("name").hush()
    else:
        metadata.get("name").ours("which needs no name")
    metadata.get("namespace").ours("as that of its cluster")
    for part in ("labels", "annotations"):
        for key, node in metadata.get(part).entries():
            if pods.foreign(key):
                node.ours("which tools have written")
    _of_the_server(book)


def _of_the_server(book: Book) -> None:
    """What only the API server, or the old operator, writes into an object."""
    for key, node in book.node.get("metadata").entries():
        if key in _OURS:
            node.ours("which is the old object's")
    book.node.get("status").ours("which is the old object's")


def _job(book: Book, among: Among, options: Options) -> Draft:
    draft = begun(FLOW_RUN, book)
    carry_job(draft, book, among, options)
    return draft


def carry_job(draft: Draft, book: Book, among: Among, options: Options) -> None:
    """The spec of a DaskJob into the draft of a run."""
    job, cluster = book.node.get("spec", "job"), book.node.get("spec", "cluster")
    runner = Component(RUNNER)
    pods.carry_metadata(runner, job.get("metadata"))
    spec = job.get("spec")
    pods.carry_pod(runner, spec)
    if not spec.get("restartPolicy").there:  # the API's own default is OnFailure
        runner.run.append(Put(("retries", "limit"), pods.RESTARTS, ()))
    if (active := read(spec.get("activeDeadlineSeconds"), "deadlines.active", duration)) is not None:
        runner.run.append(Put(("deadlines", "active"), active, (spec.get("activeDeadlineSeconds"),)))
    _flow(draft, pods.main_container(RUNNER, spec))
    others = cluster_components(cluster.get("spec"), _name(book), among)
    for each in others:
        own, each.pod[:] = list(each.pod), []
        pods.carry_metadata(each, cluster.get("metadata"))
        each.pod += own
    components = [runner, *others]
    combine(draft, components, options.image)
    sizes = [put for each in components for put in each.puts if put.place[0] in ("replicas", "autoscale")]
    if not any(put.value for put in sizes):
        draft.book.say(
            "there are no workers, and a flow without any runs alone in its pod; give workers.replicas"
        )


def _flow(draft: Draft, container: Node) -> None:
    command, args = container.get("command").items(), container.get("args").items()
    found = [commands.Word(str(node.value), node) for node in (*command, *args) if node.there]
    if not found:
        draft.book.say(
            "the container of spec.job has neither command nor args, and what its image runs is not known; "
            "write flow.command by hand"
        )
        return
    if not command:
        draft.book.say(
            "args of the job were given to the image's entrypoint, and are run without it", lost=False
        )
    flows.carry_command(draft, found)


def _cluster_draft(book: Book, among: Among, options: Options) -> Draft:
    draft = begun(DASK_CLUSTER, book)
    combine(draft, cluster_components(book.node.get("spec"), _name(book), among), options.image)
    let_in(draft)
    return draft


def begun(kind: str, book: Book) -> Draft:
    """A draft with the name and metadata of an object."""
    metadata = book.node.get("metadata")
    given = metadata.get("name")
    name = conversions.name(given.value, MAX_NAME) if isinstance(given.value, str) else ""
    draft = Draft(kind, name or "dask", book)
    if name == given.value:
        given.take()
    else:
        given.lose(f"which is no name of ours (at most {MAX_NAME} characters); it is called {draft.name}")
    if (namespace := read(metadata.get("namespace"), "metadata.namespace", text)) is not None:
        draft.at(("metadata", "namespace"), namespace, metadata.get("namespace"))
    for part in ("labels", "annotations"):
        for key, node in metadata.get(part).entries():
            if pods.foreign(key):
                node.ours("which tools have written")
            elif (value := read(node, f"metadata.{part}", text)) is not None:
                draft.at(("metadata", part, key), value, node)
    _of_the_server(book)
    return draft


def cluster_components(spec: Node, name: str, among: Among) -> list[Component]:
    """Scheduler and groups of workers of a cluster's spec."""
    scheduler, workers = Component(SCHEDULER), Component(WORKER)
    own = spec.get("scheduler")
    pods.carry_metadata(scheduler, own.get("metadata"))
    pods.carry_pod(scheduler, own.get("spec"))
    pods.carry_command(scheduler, pods.main_container(SCHEDULER, own.get("spec")))
    _service(scheduler, own.get("service"))
    timeout = spec.get("idleTimeout")
    if timeout.value == 0:
        timeout.ours("which is none")
    elif (value := read(timeout, "idleTimeout", duration)) is not None:
        scheduler.of_cluster(("idleTimeout",), value, timeout)
    carry_workers(workers, spec.get("worker"))
    groups = []
    for book in among.groups:
        if _name(book) == f"{name}-default":
            _as_scaled(workers, book)
        else:
            groups.append(_group(book, name))
    for book in among.autoscalers:
        _autoscale(workers, book.node.get("spec"))
    return [scheduler, workers, *groups]


def _as_scaled(workers: Component, book: Book) -> None:
    """The group that the old operator has made of the cluster's workers: only its number may differ."""
    replicas = book.node.get("spec", "worker", "replicas")
    number = read(replicas, "workers.replicas", count)
    if number is not None:
        workers.put(("replicas",), number, replicas)
    book.node.get("spec", "worker").ours("which are the cluster's own workers, scaled")


def carry_workers(workers: Component, worker: Node) -> None:
    """A group of workers: how many, and their pods."""
    replicas = worker.get("replicas")
    number = read(replicas, "workers.replicas", count)
    workers.put(("replicas",), 1 if number is None else number, *([replicas] if number is not None else []))
    pods.carry_metadata(workers, worker.get("metadata"))
    pods.carry_pod(workers, worker.get("spec"))
    pods.carry_command(workers, pods.main_container(WORKER, worker.get("spec")))


def _autoscale(workers: Component, spec: Node) -> None:
    minimum, maximum = spec.get("minimum"), spec.get("maximum")
    bounds = {
        name: value
        for name, node in (("minimum", minimum), ("maximum", maximum))
        if (value := read(node, f"workers.autoscale.{name}", count)) is not None
    }
    if "maximum" in bounds:
        workers.put(("autoscale",), bounds, *(node for node in (minimum, maximum) if node.name in bounds))
    else:
        minimum.lose("but without a maximum nothing is adapted; write workers.autoscale by hand")


def _group(book: Book, cluster: str) -> Component:
    full = _name(book)
    short = conversions.name(full.removeprefix(f"{cluster}-"), _LONGEST_GROUP).lstrip("0123456789-")
    group = Component(WORKER, group=short if short and short != "default" else f"g-{short}"[:_LONGEST_GROUP])
    if full != f"{cluster}-{group.group}":
        book.say(f"the group {full} is called {group.group}", lost=False)
    carry_workers(group, book.node.get("spec", "worker"))
    return group


def _service(scheduler: Component, service: Node) -> None:
    kind = service.get("type")
    if kind.value in (None, "ClusterIP"):
        kind.ours("as ours is")
    else:
        kind.lose(CLUSTER_IP)
    service.get("selector").ours("which the operator knows")
    for port in service.get("ports").items():
        numbers = {port.get("port").value, port.get("targetPort").value, port.get("name").value}
        if numbers & {8786, "tcp-comm"}:
            port.ours("since the scheduler is reached at port 8786")
        elif numbers & {8787, "http-dashboard"}:
            scheduler.dashboard(True)
            port.ours("since the dashboard has a field")
        else:
            port.lose("but the Service has the scheduler's port only; make one of your own beside it")
