"""Who leads: what one of several operators may do with the Lease that they share.

The rules are those of client-go's leader election. No clock is compared with anybody else's: a lease is over
when it has not been seen to change for as long as it says that it lasts, by the clock of whoever looks; and
its holder stops a third before that, by its own, counted from when it sent the last renewal that worked.
`renewTime` and `acquireTime` are for people.

All times are seconds of a clock that nobody sets, and that goes on while the machine sleeps.
"""

from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from daskflow.plan.model import Object

LEASE_SECONDS = 15
"""For so long nobody else takes it after a renewal."""
RENEW_SECONDS = 10.0
"""For so long its holder writes after a renewal. What was sent by then has the rest to arrive in."""
RETRY_SECONDS = 2.0
"""From one renewal, or try of one, to the next."""
LOOK_SECONDS = 1.0
"""From one look at another's lease to the next: a lease that is given back is found within 1.2 s."""
JITTER = 0.2
"""Waits are longer by up to this part."""
LONGEST_SECONDS = 60.0
"""What a lease may say of itself at most: one that was edited by hand blocks nobody for ever."""


@dataclass(frozen=True)
class Seen:
    """A lease as it was read last."""

    holder: str
    """Empty: nobody's."""
    seconds: float
    """How long it lasts: as it says, but for as long as its holder takes it to last, and not for ever."""
    version: str
    """Its resourceVersion: it changes with every renewal."""
    since: float
    """When this version was read for the first time."""
    uid: str
    spec: Object


def seen(lease: Object, before: Seen | None, now: float) -> Seen:
    """What has just been read; `before` is what had been read before that."""
    meta, spec = lease["metadata"], lease.get("spec") or {}
    version = str(meta.get("resourceVersion", ""))
    same = before is not None and (before.uid, before.version) == (meta["uid"], version)
    return Seen(
        holder=spec.get("holderIdentity") or "",
        seconds=min(LONGEST_SECONDS, max(LEASE_SECONDS, float(spec.get("leaseDurationSeconds") or 0))),
        version=version,
        since=before.since if same and before is not None else now,
        uid=meta["uid"],
        spec=spec,
    )


def free_at(found: Seen | None, me: str) -> float:
    """From when on `me` may write it: one of nobody's, or one's own, at any time.

    Of a lease that was seen and has been deleted, too: its holder may not know yet.
    """
    if found is None or found.holder in ("", me):
        return -inf
    return found.since + found.seconds


def until_next_look(found: Seen | None, me: str, now: float, chance: float) -> float:
    """Seconds, for one who does not lead; `chance` is between 0 and 1."""
    look = LOOK_SECONDS * (1 + JITTER * chance)
    left = free_at(found, me) - now
    return min(look, left) if left > 0 else look


def valid(renewed: float | None, now: float) -> bool:
    """Whether its holder may write: `renewed` is when it sent the last renewal that worked, if one did."""
    return renewed is not None and renewed <= now < renewed + RENEW_SECONDS


def held_by(me: str, before: Object | None, at: datetime) -> dict[str, Any]:
    """The spec with which `me` takes it or holds on to it; `before` is the spec as it was."""
    spec, now = before or {}, f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
    mine = spec.get("holderIdentity") == me
    return {
        "holderIdentity": me,
        "leaseDurationSeconds": LEASE_SECONDS,
        "acquireTime": (mine and spec.get("acquireTime")) or now,
        "renewTime": now,
        "leaseTransitions": int(spec.get("leaseTransitions") or 0) + (not mine and before is not None),
    }


def given_back(at: datetime) -> dict[str, Any]:
    """What its holder changes of the spec: nobody need wait."""
    return {"holderIdentity": None, "leaseDurationSeconds": 1, "renewTime": f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"}
