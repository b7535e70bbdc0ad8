"""Dead workers are made again under a new name, later and later if they keep dying."""

import math
from datetime import datetime, timedelta

from daskflow.plan.pod.pod import Pod
from daskflow.plan.workers.crew import REMOVED, Crew

SHORT_LIFE = timedelta(minutes=1)
"""A worker that lived for less counts as one that cannot live."""
FIRST_WAIT = timedelta(seconds=2)
"""Before a dead worker is made again."""
AFTER_LEAVING = timedelta(seconds=10)
"""The same after one that left by itself, as all do when their scheduler ends: that will be seen by then."""
LONGEST_WAIT = timedelta(minutes=1)
FAILING_ROUNDS = 3
"""After so many generations of short-lived workers the cluster says that they are failing."""
KEPT_DEAD = 10
"""Stopped worker pods of a group that are kept for their logs."""


def forgotten(group: Crew) -> list[Pod]:
    """All dead but the newest, and those that retired; never the highest ordinal, if only its pod tells it.

    So no name is ever used again, and whatever is still said of a worker that went is said of no other.
    """
    by_age = sorted(group.dead, key=lambda pod: pod.ordinal)
    written = -1 if group.used is None else group.used
    kept = max(written, group.last_ordinal - 1)
    gone = (*by_age[:-KEPT_DEAD], *group.retired)
    return [pod for pod in gone if not pod.deleting and pod.ordinal <= kept]


def due(group: Crew, now: datetime) -> datetime | None:
    """When the next workers may be made, None for at once."""
    ends = [pod.finished_at for pod in group.dead if pod.finished_at]
    if not ends:
        return None
    left = any(
        pod.terminated.get("exitCode") == 0 and not pod.deleting and not removed(pod) for pod in group.dead
    )
    doublings: int = 2 ** max(rounds(group, now) - 1, 0)
    last: datetime = max(ends)
    return last + min((AFTER_LEAVING if left else FIRST_WAIT) * doublings, LONGEST_WAIT)


def rounds(group: Crew, now: datetime) -> int:
    """How many whole generations of workers have died young, since the newest that proved it can live.

    Counted by ordinals, since of a large generation only the last pods are kept; but each left one dead.
    """
    if not group.dead:
        return 0
    since = proven(group, now)
    living = sum(pod.ordinal > since for pod in group.present)
    generations = math.ceil((group.last_ordinal - since - living) / max(group.desired, 1))
    return min(generations, len(_young(group, since)))


def _young(group: Crew, since: int) -> list[Pod]:
    """Those that died after a short life, and since the one that proved that workers can live."""
    return [
        pod
        for pod in group.dead
        if pod.finished_at
        and not removed(pod)
        and pod.finished_at - pod.created_at < SHORT_LIFE
        and pod.ordinal > since
    ]


def removed(pod: Pod) -> bool:
    """Whether its scheduler closed it and expects it back."""
    return (pod.report or {}).get("reason") == REMOVED


def proven(group: Crew, now: datetime) -> int:
    """The ordinal of the newest worker that has lived for long enough; -1 without one."""
    return max((pod.ordinal for pod in group.pods if pod.started and proof(pod) <= now), default=-1)


def proof(pod: Pod) -> datetime:
    """When a worker that runs has lived long enough to prove that workers can."""
    return (pod.ready_at or pod.created_at) + SHORT_LIFE


def failing(group: Crew, now: datetime) -> bool:
    """Whether workers of this group do not live."""
    return rounds(group, now) >= FAILING_ROUNDS
