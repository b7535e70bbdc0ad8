"""What there is to say of one of dask-kubernetes' kinds, in a status and in Events."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from daskflow.api.conditions import READY, RECONCILING, STALLED, Condition, updated
from daskflow.api.reasons import Reason
from daskflow.plan.model import Event, Object, Observed
from daskflow.plan.pod.obstacles import causes_of
from daskflow.plan.pod.pod import Pod
from daskflow.plan.refusals import explained


class Words(NamedTuple):
    """A reason and a sentence."""

    reason: Reason
    message: str


WELL = Words(Reason.READY, "")


def in_the_way(seen: Observed, pods: Iterable[Pod], now: datetime) -> Iterator[Words]:
    """What the API server refuses, names that are taken, and why pods do not run: the worst comes first."""
    for refusal in seen.refusals:
        yield Words(*explained(refusal))
    for taken in seen.occupied:
        if not taken.deleting:
            what = f"{taken.key.kind} {taken.key.name}"
            message = f"{what} exists and is not ours; it goes on when that is deleted."
            yield Words(Reason.NAME_CONFLICT, message)
    for pod in pods:
        for cause in causes_of(pod, now):
            yield Words(cause.reason, cause.message)


def free(bodies: Iterable[Object], seen: Observed) -> tuple[Object, ...]:
    """Those of the objects to be made that are not held back by an answer to an earlier try."""
    held = {(each.key.kind, each.key.name) for each in seen.refusals if not each.retry}
    held |= {(each.key.kind, each.key.name) for each in seen.occupied}
    return tuple(body for body in bodies if (body["kind"], body["metadata"]["name"]) not in held)


def told(old: str, words: Words) -> tuple[Event, ...]:
    """An Event where the reason is another than before, and somebody is to hear of it."""
    if words.reason.shown == old or words.reason.ordinary:
        return ()
    return (Event("Warning", words.reason.value, words.message),)


def conditions(
    old: tuple[Condition, ...], words: Words, now: datetime, *, generation: int, ready: bool, stalled: bool
) -> tuple[Condition, ...]:
    """Ready, Reconciling and Stalled, as kstatus reads them."""
    holds = {READY: ready, RECONCILING: not ready and not stalled, STALLED: stalled}
    new = [
        Condition(
            type=type_,
            status="True" if value else "False",
            reason=words.reason.value,
            message=words.message,
            observed_generation=generation,
        )
        for type_, value in holds.items()
    ]
    return updated(list(old), new, now)
