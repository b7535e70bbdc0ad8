"""Why a DaskCluster is as it is."""

from collections.abc import Iterator
from datetime import datetime

from daskflow.api.daskcluster import TERMINAL_PHASES
from daskflow.api.names import DASK_CLUSTER, LABEL_RUN
from daskflow.api.reasons import Reason
from daskflow.api.wording import one_line
from daskflow.cli.explanation.found import Found, Object
from daskflow.cli.explanation.images import unpulled
from daskflow.cli.explanation.nodes import unplaced
from daskflow.cli.explanation.parts import hidden, joined, limits, unattended, warnings
from daskflow.cli.explanation.pods import pods_in
from daskflow.cli.explanation.remedies import NOT_SEEN
from daskflow.cli.tables.ages import age


def cluster_explained(found: Found, now: datetime) -> list[str]:
    """All of it, line by line, without control characters."""
    over = found.status.get("phase") in TERMINAL_PHASES
    said = one_line(str(found.status.get("message") or ""))

    def concerns(event: Object) -> bool:
        about = event.get("involvedObject") or {}
        name = str(about.get("name") or "")
        own = {pod["metadata"]["name"] for pod in found.pods}
        if about.get("kind") == DASK_CLUSTER:
            return name == found.name
        return about.get("kind") == "Pod" and (name in own or name.startswith(_base(found)))

    return joined((
        _headline(found, now),
        () if over else unattended(found),
        _groups(found),
        () if over else unpulled(found.pods, found.events),
        () if over else unplaced(found.pods, found.nodes),
        pods_in(found, now, said),
        warnings(found, concerns, now, said),
        limits(found, concerns, said),
        hidden(found),
    ))  # fmt: skip


def _base(found: Found) -> str:
    """What the names of its pods begin with; none begins with an empty line."""
    pod = str((found.status.get("scheduler") or {}).get("pod") or "")
    return f"{pod.removesuffix('-scheduler')}-" if pod.endswith("-scheduler") else "\n"


def _headline(found: Found, now: datetime) -> Iterator[str]:
    status = found.status
    phase, reason = status.get("phase"), str(status.get("reason") or "")
    if not phase:
        yield f"{found.name} was created {age(found.object, now)} ago and nothing has happened since."
        if not found.operators or any(each.ready for each in found.operators):
            yield f"What to do: {NOT_SEEN}"
        return
    workers = status.get("workers") or {}
    because = f", {reason}" if reason else ""
    yield (
        f"The DaskCluster {found.name} is {phase}{because}: {workers.get('ready', 0)} of "
        f"{workers.get('desired', 0)} workers are ready, {age(found.object, now)} old."
    )
    if status.get("message"):
        yield str(status["message"])
    known = Reason.of(reason)
    if known and known.remedy and phase != "Ready":
        yield f"What to do: {known.remedy.replace('`', '')}"
    run = (found.object["metadata"].get("labels") or {}).get(LABEL_RUN)
    if run:
        yield f"It is a run's: daskflow explain {run} --namespace {found.object['metadata']['namespace']}"


def _groups(found: Found) -> Iterator[str]:
    for group in (found.status.get("workers") or {}).get("groups") or ():
        if group.get("reason") or group.get("message"):
            counts = f"{group.get('ready', 0)} of {group.get('desired', 0)} workers"
            yield f"  group {group.get('name')}: {counts}, {group.get('reason')}: {group.get('message')}"
