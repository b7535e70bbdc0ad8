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
from daskflow.cli.migration import commands, conversions, dask_options, flows
from daskflow.cli.migration.commands import Word
from daskflow.cli.migration.component import Component, combine
from daskflow.cli.migration.compose_files.extending import extended
from daskflow.cli.migration.compose_files.interpolation import Interpolation
from daskflow.cli.migration.compose_files.service import component_of
from daskflow.cli.migration.draft import Draft
from daskflow.cli.migration.leaves import Book, Node, shown
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
        return commands.program(self.words)[0]


def migrate(document: Mapping[str, Any], where: str, options: Options) -> tuple[list[Draft], list[Book]]:
    """The drafts of a file."""
    variables = Interpolation(options.variables)
    book = Book(where, extended(variables.of(document)))
    for text in sorted(variables.wrong):
        book.say(f"{shown(text)} is no text to Docker Compose; write $$ for a dollar sign, or ${{NAME}}")
    for name in sorted(variables.missing):
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
        dask_options.carry_command(component, service.words)
        components.append(component)
    return components


def _words(service: Node) -> list[Word]:
    """Entrypoint and command; of each a text is split as a shell would, a list is taken as it is."""
    found: list[Word] = []
    for each in (service.get("entrypoint"), service.get("command")):
        items = [Word(str(item.value), item) for item in each.items() if item.there]
        found += items if isinstance(each.value, list) else commands.split(each) if each.there else []
    return commands.of_shell(commands.without_entry(found))


def _is_client(service: Service, cluster: Sequence[Service]) -> bool:
    """Whether it runs something that uses the cluster."""
    if not service.words or _is_notebook(service):
        return False
    names = [each.name for each in cluster]
    spoken = f"{service.node.peek()}"
    depends = [str(each.value) for each in service.node.get("depends_on").items()]
    depends += [name for name, _ in service.node.get("depends_on").entries()]
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
