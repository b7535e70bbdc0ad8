"""A compose file with a Dask scheduler and workers; a service beside them that runs something is a flow.

One such service is a FlowRun with a cluster of its own. With several the cluster is a DaskCluster that all of
them use, as they did; with none it is all there is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daskflow.api.crd import MAX_NAME
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, RUNNER, SCHEDULER, WORKER
from daskflow.api.workers import DEFAULT_GROUP
from daskflow.cli.migration import conversions, dask_options, flows
from daskflow.cli.migration.component import Component, combine
from daskflow.cli.migration.compose_files.interpolation import interpolated
from daskflow.cli.migration.compose_files.service import component_of
from daskflow.cli.migration.dask_options import Word
from daskflow.cli.migration.draft import Draft
from daskflow.cli.migration.leaves import Book, Node
from daskflow.cli.migration.networking import OWN_POD, let_in
from daskflow.cli.migration.options import Options

_NOTEBOOKS = ("jupyter", "notebook")


@dataclass(frozen=True)
class Service:
    """One of the file's services."""

    name: str
    node: Node
    words: Sequence[Word]

    @property
    def kind(self) -> str:
        """scheduler, worker or ""."""
        return dask_options.program(self.words)[0]


def migrate(document: Mapping[str, Any], where: str, options: Options) -> tuple[list[Draft], list[Book]]:
    """The drafts of a file."""
    missing: set[str] = set()
    book = Book(where, interpolated(dict(document), options.variables, missing))
    for name in sorted(missing):
        book.say(f"${{{name}}} is not set, and stands for nothing; set it, or write ${{{name}:-a default}}")
    services = [Service(name, node, _words(node)) for name, node in book.node.get("services").entries()]
    cluster = [each for each in services if each.kind]
    clients = [each for each in services if not each.kind and _is_client(each, cluster)]
    for each in services:
        if each not in cluster and each not in clients:
            each.node.lose(_why_not(each))
    _top(book)
    if not cluster:
        return [], [book]
    return _drafts(book, cluster, clients, options), [book]


def _drafts(book: Book, cluster: list[Service], clients: list[Service], options: Options) -> list[Draft]:
    given = book.node.get("name")
    name = conversions.name(given.value or "dask", MAX_NAME) or "dask"
    if given.there:
        given.take()
    if len(clients) == 1:
        draft = _flow(book, clients[0])
        runner = component_of(RUNNER, clients[0].node, options)
        combine(draft, [runner, *_components(cluster, options)], options.image)
        return [draft]
    whole = Draft(DASK_CLUSTER, name, book)
    combine(whole, _components(cluster, options), options.image)
    let_in(whole)
    drafts = [whole]
    for client in clients:
        draft = _flow(book, client)
        combine(draft, [component_of(RUNNER, client.node, options)], options.image)
        draft.put(("clusterRef",), {"name": whole.name})
        drafts.append(draft)
    return drafts


def _flow(book: Book, client: Service) -> Draft:
    draft = Draft(FLOW_RUN, conversions.name(client.name, MAX_NAME) or "flow", book)
    flows.carry_command(draft, client.words)
    return draft


def _components(cluster: Sequence[Service], options: Options) -> list[Component]:
    components: list[Component] = []
    for service in cluster:
        if service.kind == SCHEDULER and any(each.kind == SCHEDULER for each in components):
            service.node.lose("but a cluster has one scheduler; give each its own file")
            continue
        group = DEFAULT_GROUP
        if service.kind == WORKER and any(each.kind == WORKER for each in components):
            group = conversions.name(service.name, 20).lstrip("0123456789-") or f"g{len(components)}"
        component = component_of(service.kind, service.node, options, group)
        of_program = dask_options.program(service.words)[1]
        for word in service.words[:of_program]:
            word.node.book.carried.add(word.node.path)
        dask_options.carry(component, service.words[of_program:])
        components.append(component)
    return components


def _words(service: Node) -> list[Word]:
    entrypoint, command = service.get("entrypoint"), service.get("command")
    lists = [
        each.items() if isinstance(each.value, list) else [each]
        for each in (entrypoint, command)
        if each.there
    ]
    found = dask_options.words(*lists)
    if len(found) == len({word.node.path for word in found}) and not any(
        "[" in word.node.field for word in found
    ):
        # Texts are split as a shell would.
        return [inner for word in found for inner in dask_options.split(word.node)]
    return found


def _is_client(service: Service, cluster: Sequence[Service]) -> bool:
    """Whether it runs something that uses the cluster."""
    if not service.words or _is_notebook(service):
        return False
    names = [each.name for each in cluster]
    spoken = f"{service.node.peek()}"
    depends = service.node.get("depends_on").peek() or []
    return (
        any(name in depends for name in names)
        or "DASK_SCHEDULER_ADDRESS" in spoken
        or any(f"{name}:8786" in spoken for name in names)
    )


def _is_notebook(service: Service) -> bool:
    spoken = [word.text for word in service.words] + [str(service.node.get("image").value)]
    return any(name in text for name in _NOTEBOOKS for text in spoken)


def _why_not(service: Service) -> str:
    if _is_notebook(service):
        return f"which is a notebook and no flow; {OWN_POD}"
    if not service.words:
        return "whose command is the image's own, which is not known; give it a command if it is a flow"
    return "which is no part of a Dask cluster and uses none; deploy it by itself"


def _top(book: Book) -> None:
    for name, node in book.node.entries():
        if name in ("version", "networks") or name.startswith("x-"):
            node.ours("which says nothing of pods")
        elif name == "volumes":
            for volume, each in node.entries():
                each.ours(f"see what is said of the volume {volume} where it is mounted")
