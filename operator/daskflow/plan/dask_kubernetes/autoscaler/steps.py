"""By how much the number of workers follows what the scheduler's tasks ask for.

Up at once and down in steps: a scheduler between two batches asks for nothing for a moment, and workers that
were let go take a minute to come back. How many are enough for results that are held is in the scheduler's
own number (`Scheduler.adaptive_target`), which lets no worker go whose memory the others could not take.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from daskflow.api.workers import MAX_WORKERS

PAUSE = timedelta(seconds=15)
"""That fewer must be wanted before a step down, and between two of them, as in the published operator."""
MISSED = timedelta(seconds=10)
"""A pause whose end nobody saw within this tells nothing: it begins anew. A scheduler is asked every two
seconds."""
SHARE = 4
"""At most one in so many goes at once."""


@dataclass(frozen=True)
class Step:
    """What is to be done: this number of workers, and until when it is then left alone (None: no change)."""

    replicas: int
    until: float | None = None


def step(now: datetime, replicas: int, wanted: int, cooldown: float) -> Step:
    """From `replicas` towards `wanted`, which is within the bounds. `cooldown`: see `cooldown_until`."""
    at = now.timestamp()
    pause = at + PAUSE.total_seconds()
    if wanted > replicas:
        return Step(wanted, pause)
    if wanted == replicas or at < cooldown <= pause:
        return Step(replicas)
    if at - cooldown > MISSED.total_seconds() or cooldown > pause:
        return Step(replicas, pause)
    return Step(max(wanted, replicas - max(1, replicas // SHARE)), pause)


def within(wanted: int, minimum: int, maximum: int | None) -> int:
    """The number that is wanted, within the bounds, and within what a group may have."""
    return min(max(minimum, wanted if maximum is None else min(wanted, maximum)), MAX_WORKERS)
