"""dask-jobqueue: sections of its YAML, and calls of its classes, as DaskClusters.

A job of a batch system is one pod; its `processes` are workers, and each is a pod here.
"""

import re
import shlex
from collections.abc import Mapping
from typing import Any

from daskflow.api.crd import MAX_NAME
from daskflow.api.names import DASK_CLUSTER, SCHEDULER, WORKER
from daskflow.cli.migration import commands, conversions, dask_options, scaling
from daskflow.cli.migration.component import Component, combine
from daskflow.cli.migration.conversions import count, divided, flag, memory, read
from daskflow.cli.migration.draft import Draft
from daskflow.cli.migration.leaves import Book, Node
from daskflow.cli.migration.networking import let_in
from daskflow.cli.migration.options import Options

_OURS = {
    "interface": "since pods have one network",
    "host": "since clients reach the scheduler by its Service",
    "death-timeout": "since workers wait for their scheduler as long as a run may take to start",
    "local-directory": "since workers spill to a volume of their own; workers.scratch.sizeLimit bounds it",
    "shared-temp-directory": "since certificates come from the cluster's Secret",
    "shebang": "since there is no script",
    "job-directives-skip": "since there is no script",
    "header-skip": "since there is no script",
    "log-directory": "since kubectl logs has what pods print",
    "worker-command": "since workers are `dask worker`",
    "silence-logs": "since logs are the pods'",
    "config-name": "since what it names is given itself",
    "asynchronous": "which is the client's own",
    "loop": "which is the client's own",
    "protocol": "since connections are encrypted as spec.security.tls says",
    "walltime": "since workers stay as long as they are needed; a run may be bounded by deadlines.active",
}
_BATCH = (
    "which is for the batch system; where pods run is said by nodeSelector, tolerations and affinity in "
    "spec.template"
)
_DIRECTIVES = ("job-extra", "job-extra-directives", "resource-spec", "submit-command-extra")
_GPUS = (
    "which is for the batch system, and asks it for GPUs; put nvidia.com/gpu, as many as a worker has, into "
    "workers.resources.limits, and the rest into spec.template"
)
_LOST = {
    "python": "but workers run the image's python3; build an image with your packages",
    "security": "but connections are encrypted as spec.security.tls says",
    "scheduler-cls": "but the scheduler is Dask's own",
    "job-cls": "but workers are pods",
    "memory-per-core-property-name": _BATCH,
    **dict.fromkeys(
        (
            "queue",
            "account",
            "project",
            "resource-spec",
            "job-cpu",
            "job-mem",
            "job-extra",
            "job-extra-directives",
            "ncpus",
            "mem",
            "use-stdin",
            "lsf-units",
            "disk",
            "submit-command-extra",
            "cancel-command-extra",
        ),
        _BATCH,
    ),
}
_EXPORT = re.compile(r"\s*export\s+([A-Za-z_][A-Za-z0-9_]*)=(.*)")


def migrate(document: Mapping[str, Any], where: str, options: Options) -> tuple[list[Draft], list[Book]]:
    """A draft for each section that says how large a job is."""
    book = Book(where, document)
    drafts = []
    for name, section in book.node.get("jobqueue").entries():
        if section.get("cores").there or section.get("memory").there:
            draft = Draft(DASK_CLUSTER, conversions.name(name, MAX_NAME) or "dask", book)
            carry(draft, section, options.image)
            let_in(draft)
            drafts.append(draft)
        elif isinstance(section.value, dict):
            section.ours("which says neither cores nor memory")
    for draft in drafts:
        _configure(draft, book.node)
    return drafts, [book]


def _configure(draft: Draft, configuration: Node) -> None:
    """What else the YAML says is Dask's configuration."""
    for name, node in configuration.entries():
        if name == "jobqueue":
            continue
        inner = list(node.entries())
        for key, each in inner:
            draft.cluster(("config", name, key), each.take(), each)
        if not inner and node.there:
            draft.cluster(("config", name), node.take(), node)


def carry(draft: Draft, node: Node, image: str | None, *, runner: Component | None = None) -> None:
    """What is said of jobs into a draft."""
    for named in (node.get(key) for key in ("name", "job-name", "job_name")):
        named.ours("which is the jobs' name; pods are named after the cluster")
    scheduler, workers = Component(SCHEDULER), Component(WORKER)
    _number(workers, node)
    _size(workers, node)
    for key, each in node.entries():
        _field(scheduler, workers, key.replace("_", "-"), each)
    combine(draft, [*([runner] if runner else []), scheduler, workers], image)


def _number(workers: Component, node: Node) -> None:
    """How many workers: those of adapt, scale, n_workers; else none, and it is said how to ask for some."""
    scaled, each = node.get("scale"), processes_of(node)
    jobs, total = scaled.get("jobs"), {name: scaled.get(name) for name in ("cores", "memory")}
    plain = scaled.get("n") if scaled.get("n").there else node.get("n_workers")
    workers.put(("replicas",), 0)
    if (number := read(jobs, "workers.replicas", count)) is not None:
        workers.put(("replicas",), number * each, jobs)
    elif (number := read(plain, "workers.replicas", count)) is not None:
        workers.put(("replicas",), number, plain)
    elif not any(part.there for part in total.values()) and not node.get("adapt").there:
        node.book.say(
            "a cluster of jobs begins without workers, as it did; kubectl scale asks for some", lost=False
        )
    for name, convert in (("cores", count), ("memory", memory)):
        amount: Any = read(total[name], f"workers.total.{name}", convert)
        if amount is not None:
            workers.put(("total", name), amount, total[name])
    scaling.autoscale(workers, node.get("adapt"), times=each)


def processes_of(node: Node) -> int:
    """Workers of one job."""
    value = node.get("processes").value
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 1


def _size(workers: Component, node: Node) -> None:
    parts = processes_of(node)
    processes = node.get("processes")
    if processes.value == parts:
        processes.ours("since each of a job's workers is a pod of its own")
    cores, size = node.get("cores"), node.get("memory")
    if (number := read(cores, "workers.threads", count)) is not None:
        threads = max(1, number // parts)
        workers.put(("threads",), threads, cores)
        workers.put(("resources", "requests", "cpu"), threads, cores)
    if (whole := read(size, "workers.resources.limits.memory", memory)) is not None:
        each = divided(whole, parts)
        workers.put(("resources", "requests", "memory"), each, size)
        workers.put(("resources", "limits", "memory"), each, size)


def _field(scheduler: Component, workers: Component, name: str, node: Node) -> None:
    if name in ("env-extra", "job-script-prologue"):
        for item in node.items():
            _prologue([scheduler, workers], item)
    elif name in ("worker-extra-args", "extra"):
        dask_options.carry(workers, commands.words(node.items()))
    elif name == "nanny":
        if (value := read(node, "workers.nanny", flag)) is not None:
            workers.put(("nanny",), value, node)
    elif name == "dashboard-address":
        _dashboard(scheduler, node)
    elif name == "scheduler-options":
        for key, each in node.entries():
            if key in ("dashboard_address", "dashboard"):
                _dashboard(scheduler, each)
            elif key in ("port", "host", "interface", "protocol"):
                each.ours("since clients reach the scheduler by its Service")
    elif name == "shebang" and node.value != "#!/usr/bin/env bash":
        node.lose(_BATCH)
    elif name in _OURS:
        node.ours(_OURS[name])
    elif name in _DIRECTIVES and "gpu" in str(node.value).lower():
        node.lose(_GPUS)
    elif name in _LOST:
        node.lose(_LOST[name])


def _dashboard(scheduler: Component, node: Node) -> None:
    scheduler.dashboard(bool(node.value))
    node.ours("since the dashboard has a field")


def _prologue(components: list[Component], item: Node) -> None:
    """A line of the job's script: `export NAME=value` is a variable."""
    found = _EXPORT.fullmatch(item.value) if isinstance(item.value, str) else None
    try:
        words = shlex.split(found[2]) if found else []
    except ValueError:
        words = []
    if not found or len(words) > 1 or "$" in found[2] or "`" in found[2]:
        item.lose(
            "but no script runs before a worker; do it in the image, or in an initContainer of spec.template"
        )
        return
    for component in components:
        component.variable(found[1], {"name": found[1], "value": "".join(words)}, item)
