"""A Python program that makes a Dask cluster: each call of a class that is known comes to a manifest."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from daskflow.api.names import DASK_CLUSTER
from daskflow.cli.local.validation import Invalid
from daskflow.cli.migration import conversions, jobqueue
from daskflow.cli.migration.draft import Draft
from daskflow.cli.migration.leaves import Book
from daskflow.cli.migration.options import Options
from daskflow.cli.migration.programs import coiled_cluster, kube_cluster, task_runner
from daskflow.cli.migration.programs.syntax import Program

_MAKERS = {
    "make_cluster_spec": (kube_cluster.SPEC_NAMES, kube_cluster.cluster_spec),
    "make_worker_spec": (kube_cluster.WORKER_SPEC_NAMES, kube_cluster.worker_spec),
}
_SCALE: Mapping[str, Sequence[str]] = {"KubeCluster": ("n", "worker_group"), "Cluster": ("n",)}
_ELSEWHERE = {
    "HelmCluster": "a release of the chart dask/dask is migrated by its values: helm get values NAME",
    "coiled.function": "it sends a function to machines of its own; submit a FlowRun: docs/sdk.md",
    "coiled.run": "it runs a program on machines of its own; submit a FlowRun: docs/sdk.md",
}


def migrate(text: str, where: str, options: Options) -> tuple[list[Draft], list[Book]]:
    """The drafts of a program. Raises Invalid with a sentence for what is no Python, or makes no cluster."""
    try:
        program = Program(text, _MAKERS)
        found = _found(program, where)
    except SyntaxError as error:
        raise Invalid(f"{where} is no Python: line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        why = f"{str(error) or 'nested too deep'}; give the part that makes the cluster"
        raise Invalid(f"{where} cannot be read as Python: {why}") from error
    drafts, books = [], []
    for name, node, book in found:
        books.append(book)
        draft = _draft(program, name, node, book, where, options)
        if draft:
            drafts.append(draft)
    if not found:
        raise Invalid(
            f"{where} has no call of KubeCluster, coiled.Cluster, DaskTaskRunner or one of dask_jobqueue; "
            "give the file that makes the cluster"
        )
    return drafts, books


def _found(program: Program, where: str) -> list[tuple[str, ast.Call, Book]]:
    found = []
    for node in program.calls():
        dotted = program.dotted(node.func)
        name = _known(dotted)
        before, _, way = dotted.rpartition(".")
        if (maker := _known(before)) and way.startswith("from_"):
            found.append((_OTHERWISE, node, _otherwise(f"{where}: line {node.lineno}: {maker}", way)))
        if not name:
            continue
        at = f"{where}: line {node.lineno}: {'coiled.Cluster' if name == 'Cluster' else name}"
        if name in _ELSEWHERE:
            book = Book(at, {})
            book.say(_ELSEWHERE[name])
            found.append((name, node, book))
            continue
        names = kube_cluster.CLASSIC if dotted in _CLASSIC else _NAMES.get(name, ("n_workers",))
        arguments: dict[str, Any] = program.arguments(node, names)
        if name == "DaskTaskRunner":
            of = next((each.value for each in node.keywords if each.arg == "cluster_class"), None)
            if of is not None and not isinstance(of, ast.Constant):
                arguments["cluster_class"] = program.dotted(of) or arguments["cluster_class"]
        else:
            arguments |= _told(program, name, node)
        found.append((name, node, Book(at, arguments)))
    return found


_OTHERWISE = "from_"
_CLASSIC = (
    "dask_kubernetes.KubeCluster",
    "dask_kubernetes.classic.KubeCluster",
    "dask_kubernetes.core.KubeCluster",
)


def _otherwise(at: str, way: str) -> Book:
    """A cluster that is not made of arguments."""
    book = Book(at, {})
    if way == "from_name":
        book.say(
            "from_name(…) connects to a cluster that is there, as daskflow.Cluster.from_name does", lost=False
        )
    else:
        book.say(f"{way}(…) makes a cluster of a file or a pod; write a DaskCluster of what that says")
    return book


_NAMES: Mapping[str, Sequence[str]] = {
    "KubeCluster": kube_cluster.NAMES,
    "Cluster": coiled_cluster.NAMES,
    "DaskTaskRunner": task_runner.NAMES,
    "make_cluster_spec": kube_cluster.SPEC_NAMES,
}


def _known(dotted: str) -> str:
    """What is called, as it is named here; "" for anything else."""
    last = dotted.rpartition(".")[2]
    if last in ("KubeCluster", "DaskTaskRunner", "HelmCluster", *task_runner.JOBQUEUE):
        return last
    if dotted == "coiled.Cluster" or dotted.endswith(".coiled.Cluster"):
        return "Cluster"
    return dotted if dotted in _ELSEWHERE else ""


_BEFORE = " before line "


def _told(program: Program, name: str, node: ast.Call) -> dict[str, Any]:
    """What the cluster is told after it was made: scale, adapt, add_worker_group. Of several the last counts,
    and scale ends what adapt began."""
    variable = program.variable_of(node)
    found: dict[str, Any] = {}
    for method, call in program.methods(variable, node) if variable else ():
        if method == "add_worker_group":
            found.setdefault(method, []).append(program.arguments(call, kube_cluster.GROUP_NAMES))
        elif method in ("scale", "adapt"):
            names = (
                _SCALE.get(name, ("n", "jobs", "memory", "cores"))
                if method == "scale"
                else ("minimum", "maximum")
            )
            given = program.arguments(call, names)
            if "worker_group" in given:
                found[f"{method} in line {call.lineno}"] = given
                continue
            for ended in {method, "adapt"} & found.keys():
                found[f"{ended}{_BEFORE}{call.lineno}"] = found.pop(ended)
            found[method] = given
    return found


def _draft(
    program: Program, name: str, node: ast.Call, book: Book, where: str, options: Options
) -> Draft | None:
    if name in _ELSEWHERE or name == _OTHERWISE:
        return None
    if name == "DaskTaskRunner":
        return task_runner.draft(program, node, book, where, options)
    root = book.node
    for key, each in root.entries():
        if _BEFORE in key:
            each.ours("since the cluster is told otherwise later")
    if name == "KubeCluster":
        draft = Draft(DASK_CLUSTER, kube_cluster.name_of(root, "dask"), book)
        kube_cluster.carry(draft, root, options.image)
    elif name == "Cluster":
        draft = Draft(DASK_CLUSTER, kube_cluster.name_of(root, "dask"), book)
        coiled_cluster.carry(draft, root, options.image)
    else:
        otherwise = name.removesuffix("Cluster").lower()
        draft = Draft(DASK_CLUSTER, conversions.name(otherwise, 50), book)
        jobqueue.carry(draft, root, options.image)
    if draft.kind == DASK_CLUSTER:
        kube_cluster.for_clients(draft, where)
    return draft
