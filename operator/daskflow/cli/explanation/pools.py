"""Why fewer clusters of a ClusterPool wait than are wanted, and which runs wait for one."""

from collections.abc import Iterator
from datetime import datetime

from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER
from daskflow.api.reasons import Reason
from daskflow.cli.explanation.found import Found, Object
from daskflow.cli.explanation.images import unpulled
from daskflow.cli.explanation.nodes import unplaced
from daskflow.cli.explanation.parts import hidden, joined, limits, unattended, warnings
from daskflow.cli.explanation.pods import pods_in
from daskflow.cli.explanation.remedies import NOT_SEEN
from daskflow.cli.tables.ages import age


def pool_explained(found: Found, now: datetime) -> list[str]:
    """All of it, line by line, without control characters."""
    names = {each["metadata"]["name"] for each in (*found.clusters, *found.pods)}

    def concerns(event: Object) -> bool:
        about = event.get("involvedObject") or {}
        own = about.get("kind") == CLUSTER_POOL and about.get("name") == found.name
        return own or (about.get("kind") in (DASK_CLUSTER, "Pod") and about.get("name") in names)

    said = str(found.status.get("message") or "")
    return joined((
        _headline(found, now),
        unattended(found),
        _clusters(found, now),
        _runs(found, now),
        unpulled(found.pods, found.events),
        unplaced(found.pods, found.nodes),
        pods_in(found, now, said),
        warnings(found, concerns, now, said),
        limits(found, concerns, said),
        hidden(found),
    ))  # fmt: skip


def _headline(found: Found, now: datetime) -> Iterator[str]:
    status = found.status
    if status.get("observedGeneration") is None:
        yield f"{found.name} was created {age(found.object, now)} ago and nothing has happened since."
        if not found.operators or any(each.ready for each in found.operators):
            yield f"What to do: {NOT_SEEN}"
        return
    wanted = (found.object.get("spec") or {}).get("ready", 1)
    reason = str(status.get("reason") or "")
    because = f", {reason}" if reason else ""
    ready, claimed = status.get("ready") or 0, status.get("claimed") or 0
    yield f"Of ClusterPool {found.name} wait {ready} of {wanted}{because}; {claimed} were claimed."
    if status.get("message"):
        yield str(status["message"])
    known = Reason.of(reason)
    if ready < wanted and known and known.remedy:
        yield f"What to do: {known.remedy.replace('`', '')}"
    for each in status.get("conditions") or ():
        if each.get("type") == "Unused" and each.get("status") == "True":
            yield str(each.get("message"))


def _clusters(found: Found, now: datetime) -> Iterator[str]:
    if found.clusters:
        yield "Its clusters:"
    for each in sorted(found.clusters, key=lambda cluster: str(cluster["metadata"]["creationTimestamp"])):
        status = each.get("status") or {}
        said = f": {status['message']}" if status.get("message") else ""
        reason = f" ({status['reason']})" if status.get("reason") else ""
        phase = status.get("phase") or "Pending"
        yield f"  {each['metadata']['name']}: {phase}{reason}, {age(each, now)} old{said}"


def _runs(found: Found, now: datetime) -> Iterator[str]:
    if found.runs:
        yield "Runs that wait for it:"
    for run in found.runs:
        message = (run.get("status") or {}).get("message") or ""
        yield f"  {run['metadata']['name']}, {age(run, now)} old: {message}"
