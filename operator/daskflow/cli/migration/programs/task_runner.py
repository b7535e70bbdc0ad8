"""Prefect's `DaskTaskRunner(…)`: the flow is a FlowRun, whose tasks go to its cluster by themselves."""

import ast
from pathlib import PurePosixPath
from typing import Any

from daskflow.api.names import FLOW_RUN, RUNNER, SCHEDULER, WORKER
from daskflow.cli.migration import conversions, jobqueue, scaling
from daskflow.cli.migration.component import Component, combine
from daskflow.cli.migration.conversions import count, flag, memory, read, text
from daskflow.cli.migration.draft import Draft
from daskflow.cli.migration.leaves import Book, Computed, Node
from daskflow.cli.migration.options import Options
from daskflow.cli.migration.programs import coiled_cluster, kube_cluster
from daskflow.cli.migration.programs.syntax import Program

NAMES = ("cluster", "address", "cluster_class", "cluster_kwargs", "adapt_kwargs", "client_kwargs")
_LOCAL = ("", "LocalCluster")
JOBQUEUE = (
    "SLURMCluster",
    "PBSCluster",
    "SGECluster",
    "LSFCluster",
    "MoabCluster",
    "OARCluster",
    "HTCondorCluster",
)
_WORKERS = 2


def draft(program: Program, call: ast.Call, book: Book, file: str, options: Options) -> Draft | None:
    """The run of the flow that has this task runner."""
    flow = flow_of(program, call)
    if flow is None:
        book.say("no flow of this file is seen to have this task runner; write flow.entrypoint by hand")
        book.node.hush()
        return None
    name = conversions.name(flow, 50) or "flow"
    made = Draft(FLOW_RUN, name, book)
    place = PurePosixPath(file.replace("\\", "/"))
    path = place.name if place.is_absolute() or ".." in place.parts else str(place)
    if not path.endswith(".py"):
        path = "flow.py"
    made.put(("flow",), {"entrypoint": f"{path}:{flow}"})
    book.say(
        f"the image needs {path} in its working directory; daskflow run {path}:{flow} sends it along",
        lost=False,
    )
    for method, each in program.methods(flow, call):
        if method in ("serve", "deploy"):
            book.say(
                f"{flow}.{method}(…) in line {each.lineno} is Prefect's; where it has a schedule, write a "
                "FlowSchedule with this run's spec as its template"
            )
    _cluster(made, book.node, options)
    return made


def flow_of(program: Program, call: ast.Call) -> str | None:
    """The function that is decorated with it, or else the file's only flow."""
    variable = program.variable_of(call)
    flows = []
    for node in ast.walk(program.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for decorator in node.decorator_list:
            made = decorator.func if isinstance(decorator, ast.Call) else decorator
            if program.dotted(made).rpartition(".")[2] != "flow":
                continue
            flows.append(node.name)
            given = decorator.keywords if isinstance(decorator, ast.Call) else []
            for keyword in given:
                named = isinstance(keyword.value, ast.Name) and keyword.value.id == variable != ""
                if keyword.arg == "task_runner" and (keyword.value is call or named):
                    return node.name
    return flows[0] if len(flows) == 1 else None


def _cluster(made: Draft, node: Node, options: Options) -> None:
    kind = node.get("cluster_class")
    name = str(kind.value or "").rpartition(".")[2]
    given = node.get("cluster_kwargs")
    adapted = node.get("adapt_kwargs")
    address = node.get("address")
    if (where := read(address, "schedulerAddress", text)) is not None:
        made.put(("schedulerAddress",), where, address)
        combine(made, [Component(RUNNER)], options.image)
        return
    inner = Node(node.book, given.path, {**_mapping(given.value), **_bounds(adapted)})
    runner = Component(RUNNER)
    if kind.there and not isinstance(kind.value, Computed):
        kind.ours("since the operator makes the cluster")
    if name == "KubeCluster":
        inner.get("name").ours("since the cluster is the run's")
        inner = Node(node.book, given.path, {key: each for key, each in inner.value.items() if key != "name"})
        kube_cluster.carry(made, inner, options.image, runner=runner)
    elif name == "Cluster" and "coiled" in str(kind.value):
        coiled_cluster.carry(made, inner, options.image, runner=runner)
    elif name in JOBQUEUE:
        jobqueue.carry(made, inner, options.image, runner=runner)
    elif name in _LOCAL:
        _local(made, inner, options, runner)
    else:
        kind.lose("of which nothing is known; write spec.cluster by hand")
        combine(made, [runner], options.image)
    if adapted.there:
        node.book.carried.update(
            (*adapted.path, key) for key, _ in adapted.entries() if key in ("minimum", "maximum")
        )
    for key in ("cluster", "client_kwargs"):
        node.get(key).lose("but a flow's client is the run's; leave it out")
    report = node.get("performance_report_path")
    report.lose("but the runner's disk is read-only; write to /tmp, and save it from there")


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _bounds(adapted: Node) -> dict[str, Any]:
    return {"adapt": adapted.value} if isinstance(adapted.value, dict) else {}


def _local(made: Draft, given: Node, options: Options, runner: Component) -> None:
    """LocalCluster's arguments; without a number it takes the machine's cores, and here two workers."""
    workers, scheduler = Component(WORKER), Component(SCHEDULER)
    number, threads = given.get("n_workers"), given.first("threads_per_worker", "nthreads")
    value = read(number, "workers.replicas", count)
    workers.put(("replicas",), _WORKERS if value is None else value, *([] if value is None else [number]))
    if (each := read(threads, "workers.threads", count)) is not None:
        workers.put(("threads",), max(each, 1), threads)
    limit = given.get("memory_limit")
    if (size := read(limit, "workers.resources.limits.memory", memory)) is not None:
        workers.put(("resources", "limits", "memory"), size, limit)
    processes = given.get("processes")
    if (own := read(processes, "workers.nanny", flag)) is not None:
        workers.put(("nanny",), own, processes)
    for name, node in given.get("resources").entries():
        if isinstance(node.value, int | float):
            workers.put(("daskResources", name), node.value, node)
    for name in ("dashboard_address", "dashboard"):
        if given.get(name).there:
            scheduler.dashboard(True, given.get(name))
    given.get("security").lose("but connections are encrypted as spec.security.tls says")
    for name in (
        "silence_logs",
        "host",
        "scheduler_port",
        "protocol",
        "interface",
        "worker_dashboard_address",
    ):
        given.get(name).ours("since each is a pod of its own")
    scaling.autoscale(workers, given.get("adapt"))
    combine(made, [runner, scheduler, workers], options.image)
