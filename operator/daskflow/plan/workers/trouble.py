"""Why workers of a group die, in one sentence with the remedy."""

from datetime import datetime

from daskflow.api.reasons import Reason
from daskflow.plan.pod.init_containers import failure
from daskflow.plan.workers.backoff import failing, proven, removed
from daskflow.plan.workers.crew import Crew


def trouble(group: Crew, now: datetime, field: str) -> tuple[Reason, str] | None:
    """Why workers of this group died, until one of those made since has proved that workers can live.

    `field` is where the spec has them.
    """
    if not group.dead:
        return None
    since = proven(group, now)
    dead = [pod for pod in group.dead if pod.ordinal > since]
    if not dead:
        return None
    last = max(dead, key=lambda pod: pod.ordinal)
    if last.terminated.get("reason") == "OOMKilled":
        message = f"Workers need more memory than their limit; raise {field}.resources.limits.memory."
        return (Reason.WORKERS_FAILING if failing(group, now) else Reason.OUT_OF_MEMORY), message
    if removed(last):
        return Reason.WORKER_LOST, (
            f"The scheduler closed {last.name}, as client.restart() does; it is replaced. "
            f"With {field}.nanny: true a worker restarts in its pod."
        )
    if (broken := failure(last)) is not None:
        return (Reason.WORKERS_FAILING if failing(group, now) else Reason.INIT_CONTAINER_FAILED), broken[0]
    words = last.last_words.rstrip(".") or str((last.report or {}).get("reason") or "no message")
    how = f"{last.name} ended with exit code {last.terminated.get('exitCode')}: {words}."
    if last.disrupted:
        return Reason.EVICTED, f"Kubernetes took {last.name} away: {words}; it is replaced."
    if failing(group, now):
        return Reason.WORKERS_FAILING, f"Workers end as soon as they start; {how}"
    return Reason.WORKER_LOST, how
