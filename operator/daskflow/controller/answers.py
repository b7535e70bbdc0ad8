"""What creates were answered, where the object itself cannot tell: created unread, name taken, refused.

By the uid of the object that was to control the child, so that all of it goes when that object goes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from daskflow.plan.model import Key, Occupied, Refusal

OCCUPIED_SECONDS = 2.0
"""How long a taken name is believed before the create is tried again: pods take seconds to go."""
REFUSED_SECONDS = 10.0
REFUSED_SECONDS_AT_MOST = 60.0
"""A refusal is tried again after 10 s, then twice that, up to a minute: a quota may be short for hours."""


@dataclass
class _Refused:
    refusal: Refusal
    until: float
    times: int = 1


@dataclass
class _Answers:
    created: set[Key] = field(default_factory=set)
    occupied: dict[Key, tuple[Occupied, float]] = field(default_factory=dict)
    refused: dict[Key, _Refused] = field(default_factory=dict)


class Answers:
    """All times are of the loop's clock, in seconds."""

    def __init__(self) -> None:
        self._by_owner: dict[str, _Answers] = {}

    def succeeded(self, owner: str, key: Key, *, readable: bool) -> None:
        """A create worked (or had worked before): nothing bad is true of this key any more."""
        answers = self._by_owner.get(owner)
        if answers is not None:
            answers.occupied.pop(key, None)
            answers.refused.pop(key, None)
        if not readable:
            self._of(owner).created.add(key)

    def taken(self, owner: str, occupied: Occupied, now: float) -> None:
        """A create was answered with 409, by an object that is not ours."""
        self._of(owner).occupied[occupied.key] = (occupied, now + OCCUPIED_SECONDS)

    def refuse(self, owner: str, refusal: Refusal, now: float) -> None:
        """A create was answered with another 4xx. Each time in a row it is believed for longer."""
        before = self._of(owner).refused.get(refusal.key)
        times = 1 if before is None else before.times + 1
        seconds = min(REFUSED_SECONDS_AT_MOST, REFUSED_SECONDS * 2 ** (times - 1))
        self._of(owner).refused[refusal.key] = _Refused(refusal, now + seconds, times)

    def forget(self, owner: str) -> None:
        """The object that these creates were for is gone."""
        self._by_owner.pop(owner, None)

    def forget_refusals(self, owner: str) -> None:
        """The object that these creates were for has changed its wish: what was refused may be right now."""
        if owner in self._by_owner:
            self._by_owner[owner].refused.clear()

    def created(self, owners: Iterable[str]) -> frozenset[Key]:
        """Keys of children that cannot be read back and have been created since the operator started."""
        return frozenset(key for each in self._some(owners) for key in each.created)

    def occupied(self, owners: Iterable[str], now: float) -> tuple[Occupied, ...]:
        """Names found taken a moment ago."""
        return tuple(
            taken for each in self._some(owners) for taken, until in each.occupied.values() if until > now
        )

    def refusals(self, owners: Iterable[str], now: float) -> tuple[Refusal, ...]:
        """Creates refused, each with the word whether it is due to be tried again.

        In the order of their names, not of the answers: two operators, for a moment, tell the same of them.
        """
        found = (
            replace(refused.refusal, retry=refused.until <= now)
            for each in self._some(owners)
            for refused in each.refused.values()
        )
        return tuple(sorted(found, key=lambda refusal: refusal.key))

    def next_expiry(self, owners: Iterable[str], now: float) -> float | None:
        """The earliest time at which an answer told by the above is told no longer."""
        times = [
            until
            for each in self._some(owners)
            for until in (
                *(until for _, until in each.occupied.values()),
                *(refused.until for refused in each.refused.values()),
            )
            if until > now
        ]
        return min(times, default=None)

    def _of(self, owner: str) -> _Answers:
        return self._by_owner.setdefault(owner, _Answers())

    def _some(self, owners: Iterable[str]) -> list[_Answers]:
        return [self._by_owner[owner] for owner in owners if owner in self._by_owner]
