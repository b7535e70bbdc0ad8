"""Finds all about a run, and makes files of it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from daskflow import __version__
from daskflow.api.names import API_VERSION, DASK_CLUSTER, FLOW_RUN, LABEL_COMPONENT, LABEL_RUN
from daskflow.cli.checks import Line
from daskflow.cli.drawing import drawn
from daskflow.cli.explanation.found import Found, Object
from daskflow.cli.explanation.look import around_run
from daskflow.cli.explanation.sentences import explained
from daskflow.cli.printing import as_yaml
from daskflow.cli.reporting.redaction import MARK, Redactor
from daskflow.client.report.page import page
from daskflow.client.report.reading import figures_of
from daskflow.client.timeline.belonging import family
from daskflow.client.timeline.spans import timeline
from daskflow.client.timeline.svg import svg

if TYPE_CHECKING:
    from daskflow.client.connection import Connection
    from daskflow.client.run import AsyncRun

LOG_BYTES = 1024 * 1024
"""Of each container, its last ones."""
MOST_PODS = 100
_WIDTH = 100


@dataclass
class Gathered:
    """What was found, as it is."""

    found: Found
    clusters: Sequence[Object] = ()
    logs: Mapping[str, str] = field(default_factory=dict)
    """By the name of the file."""
    checks: Sequence[Line] = ()
    missing: Sequence[str] = ()
    """What could not be had, each in a sentence."""


async def gathered(run: "AsyncRun", checks: Sequence[Line]) -> Gathered:
    """All of it, but for what the user may not see. Raises the errors of a connection."""
    found = await around_run(run)
    missing = [f"You may not look at {each}." for each in found.hidden]
    clusters: Sequence[Object] = ()
    from daskflow.client.errors import Forbidden

    try:
        selector = f"{LABEL_RUN}={run.name}"
        clusters = await run.connection.list(DASK_CLUSTER, run.namespace, selector=selector)
    except Forbidden:
        missing.append("You may not look at daskclusters.")
    logs: dict[str, str] = {}
    names = [(pod, name) for pod in found.pods[:MOST_PODS] for name in _containers(pod)]
    if len(found.pods) > MOST_PODS:
        missing.append(f"Of {len(found.pods)} pods only {MOST_PODS} have their logs here.")
    slots = asyncio.Semaphore(8)

    async def read(pod: Object, container: str) -> None:
        async with slots:
            text, why = await _log(run.connection, pod, container)
        if text:
            logs[f"logs/{_file(pod, container)}"] = text
        elif why:
            missing.append(f"There is no log of {container} in {pod['metadata']['name']}: {why}.")

    await asyncio.gather(*(read(pod, name) for pod, name in names))
    if not found.pods:
        missing.append("There are no pods any more, and no logs; spec.retention says how long they stay.")
    return Gathered(found, clusters, dict(sorted(logs.items())), checks, missing)


def _containers(pod: Object) -> list[str]:
    spec = pod.get("spec") or {}
    return [str(each["name"]) for each in (*(spec.get("initContainers") or ()), *spec.get("containers", ()))]


def _file(pod: Object, container: str) -> str:
    own = (pod["metadata"].get("labels") or {}).get(LABEL_COMPONENT) == container
    return f"{pod['metadata']['name']}.log" if own else f"{pod['metadata']['name']}.{container}.log"


async def _log(connection: "Connection", pod: Object, container: str) -> tuple[str, str]:
    """A container's last words of its log, or why there are none."""
    from daskflow.client.errors import DaskflowError

    metadata = pod["metadata"]
    query = {"container": container, "timestamps": "true", "tailLines": "50000"}
    kept, size = b"", 0
    try:
        opened = connection.open(
            "GET", "Pod", metadata["name"], metadata["namespace"], below="log", query=query, stream=True
        )
        async with opened as answer:
            async for part in answer.aiter_bytes():
                kept, size = (kept + part)[-LOG_BYTES:], size + len(part)
    except DaskflowError as error:
        return "", str(error)
    text = kept.decode(errors="replace")
    if size <= LOG_BYTES:
        return text, ""
    # What is left of the first line may be the end of a secret that nothing tells any more.
    whole = text.partition("\n")[2]
    return whole, "" if whole else "its last line alone is longer than 1 MiB"


def files(gathered: Gathered, now: datetime | None = None) -> tuple[dict[str, str], int]:
    """The files by their names, without secrets, and how many secrets were taken out. Pure."""
    now = now or datetime.now(timezone.utc)
    found = gathered.found
    events = [each for each in found.events if family(found.object, found.pods).concerns(each)]
    everything = (found.object, found.pods, gathered.clusters, events, found.quotas)
    redactor = Redactor(everything)
    run, pods, clusters, told, quotas = (redactor.object(each) for each in everything)
    seen = timeline(run, pods, told, now=now)
    letters = "\n".join("".join(text for text, _ in line).rstrip() for line in drawn(seen, _WIDTH))
    known = Found(run, pods, told, quotas, found.nodes, found.log, found.hidden, operators=found.operators)
    operators = [each._asdict() for each in found.operators or ()]
    made = {
        "manifest.yaml": as_yaml(_manifest(run)),
        "status.yaml": as_yaml(run.get("status") or {}),
        "events.yaml": _list("v1", "Event", told),
        "pods.yaml": _list("v1", "Pod", pods),
        "clusters.yaml": _list(API_VERSION, DASK_CLUSTER, clusters),
        "quotas.yaml": _list("v1", "ResourceQuota", quotas),
        "explain.txt": redactor.text("\n".join(explained(known, now))),
        "timeline.txt": redactor.text(letters),
        "check.txt": redactor.text("\n".join(map(str, gathered.checks))),
        "versions.yaml": as_yaml({"daskflow": __version__, "operators": redactor.object(operators)}),
        **{name: redactor.text(text) for name, text in gathered.logs.items()},
    }
    made = {name: text.rstrip("\n") + "\n" for name, text in made.items()}
    made["timeline.svg"] = svg(seen)
    if report := figures_of(run):
        made["report.html"] = page(report)
    readme = _readme(found, gathered.missing, sorted(made), redactor.count, now)
    return {"README.txt": redactor.text(readme), **made}, redactor.count


def _manifest(run: Object) -> dict[str, Any]:
    """The run as it could be applied again."""
    metadata = run["metadata"]
    kept = ("name", "namespace", "labels", "annotations", "creationTimestamp", "generation", "uid")
    return {
        "apiVersion": API_VERSION,
        "kind": FLOW_RUN,
        "metadata": {key: metadata[key] for key in kept if metadata.get(key)},
        "spec": run.get("spec") or {},
    }


def _list(version: str, kind: str, items: Sequence[Object]) -> str:
    named = [{"apiVersion": version, "kind": kind, **each} for each in items]
    return as_yaml({"apiVersion": "v1", "kind": "List", "items": named})


def _readme(found: Found, missing: Sequence[str], names: Sequence[str], secrets: int, now: datetime) -> str:
    said = [
        f"The run {found.name} in namespace {found.object['metadata']['namespace']}, as it was at "
        f"{now:%Y-%m-%d %H:%M:%S} UTC; packed by daskflow {__version__}.",
        "",
        "explain.txt says how it is and what to do; timeline.svg opens in a browser"
        f"{', and report.html, which says where time and memory went' if 'report.html' in names else ''}.",
        f"{secrets} values that looked like secrets stand as {MARK}. Secrets themselves were never read.",
        "A value that neither its name nor its shape gives away cannot be known: look before you send it.",
        *([""] if missing else []),
        *missing,
        "",
        *names,
    ]
    return "\n".join(said) + "\n"
