"""What writes were answered, where the object itself cannot tell: created unread, name taken, refused.

By the uid of the object that was to control the child, or whose plan held the patch or delete, so that all of
it goes when that object goes.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import inf

from daskflow.plan.model import UNDONE, Key, Object, Occupied, Patch, Refusal, Verb

CREATED_SECONDS = 30.0
"""How long what cannot be read back is believed to be there, where anybody has a reason to ask."""
OCCUPIED_SECONDS = 2.0
"""How long a taken name is believed before the create is tried again: pods take seconds to go."""
REFUSED_SECONDS = 10.0
REFUSED_SECONDS_AT_MOST = 60.0
"""A refusal is tried again after 10 s, then twice that, up to a minute: a quota may be short for hours."""
UNWANTED_SECONDS = 30.0
"""A patch or delete that was not tried again for so long after it was due is not asked for any more."""
UNDONE_SECONDS = 5.0
"""A patch that is wanted again within this was undone, by a webhook or controller: people are slower."""


@dataclass
class _Refused:
    refusal: Refusal
    until: float
    times: int = 1


@dataclass
class _OfOwner:
    created: dict[Key, float] = field(default_factory=dict)
    """When it was answered."""
    occupied: dict[Key, tuple[Occupied, float]] = field(default_factory=dict)
    refused: dict[tuple[Verb, Key], _Refused] = field(default_factory=dict)
    patched: OrderedDict[Key, tuple[Object, float]] = field(default_factory=OrderedDict)
    """What was patched a moment ago, and when."""


class WriteAnswers:
    """All times are of the loop's clock, in seconds.

    `deleted` says of a uid that its object is gone: what it was answered late is not kept.
    """

    def __init__(self, deleted: Callable[[str], bool] = lambda uid: False) -> None:
        self._deleted = deleted
        self._by_owner: dict[str, _OfOwner] = {}
        self._wanted: dict[Key, str] = {}

    @contextmanager
    def wanting(self, owner: str, keys: Collection[Key]) -> Iterator[None]:
        """While this owner asks for these objects, which others may want as well and only one will get."""
        self._wanted |= dict.fromkeys(keys, owner)
        try:
            yield
        finally:
            for key in keys:
                self._wanted.pop(key, None)

    def wanted_by_others(self, owner: str) -> frozenset[Key]:
        """What others than this owner are just asking for."""
        return frozenset(key for key, who in self._wanted.items() if who != owner)

    def succeeded(self, owner: str, key: Key, now: float, *, readable: bool) -> None:
        """A create worked (or had worked before): nothing bad is true of this key any more."""
        answers = self._by_owner.get(owner)
        if answers is not None:
            answers.occupied.pop(key, None)
            answers.refused.pop(("create", key), None)
        if not readable:
            self._of(owner).created[key] = now

    def taken(self, owner: str, occupied: Occupied, now: float) -> None:
        """A create met an object of that name that is not ours."""
        self._of(owner).occupied[occupied.key] = (occupied, now + OCCUPIED_SECONDS)

    def refuse(self, owner: str, refusal: Refusal, now: float) -> None:
        """A write was answered with a 4xx. Each time in a row it is believed for longer."""
        what = refusal.verb, refusal.key
        before = self._of(owner).refused.get(what)
        times = 1 if before is None else before.times + 1
        seconds = min(REFUSED_SECONDS_AT_MOST, REFUSED_SECONDS * 2.0 ** min(times - 1, 20))
        self._of(owner).refused[what] = _Refused(refusal, now + seconds, times)

    def accepted(self, owner: str, verb: Verb, key: Key) -> None:
        """A patch, delete or status write worked, or what it was about is gone."""
        if owner in self._by_owner:
            self._by_owner[owner].refused.pop((verb, key), None)

    def patched(self, owner: str, patch: Patch, now: float) -> None:
        """A patch worked. Whether it lasts shows when its like is not wanted again at once."""
        answers = self._of(owner)
        before = answers.refused.get(("patch", patch.key))
        if before is not None and before.refusal.status != UNDONE:
            del answers.refused["patch", patch.key]
        answers.patched[patch.key] = (patch.body, now)
        answers.patched.move_to_end(patch.key)
        while now - next(iter(answers.patched.values()))[1] > UNDONE_SECONDS:
            answers.patched.popitem(last=False)

    def undone(self, owner: str, patch: Patch, now: float) -> bool:
        """Whether the very same patch has worked a moment ago, in vain."""
        body, at = self._of(owner).patched.get(patch.key, (None, 0.0))
        return body == patch.body and now - at <= UNDONE_SECONDS

    def forget(self, owner: str) -> None:
        """The object that these creates were for is gone."""
        self._by_owner.pop(owner, None)

    def forget_refusals(self, owner: str) -> None:
        """The object that these creates were for has changed its wish: what was refused may be right now."""
        if owner in self._by_owner:
            self._by_owner[owner].refused.clear()

    def created(self, owners: Iterable[str], now: float) -> frozenset[Key]:
        """Keys of children that cannot be read back and were made, or were there, within CREATED_SECONDS."""
        return frozenset(
            key
            for each in self._some(owners)
            for key, at in each.created.items()
            if now - at <= CREATED_SECONDS
        )

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
            refused
            for each in self._some(owners)
            for (verb, _), refused in each.refused.items()
            if verb == "create"
        )
        return _in_order(found, now)

    def refused_writes(self, owner: str, now: float) -> tuple[Refusal, ...]:
        """The same of all other writes that this object's plan holds."""
        found = self._by_owner.get(owner, _OfOwner()).refused
        for what in [each for each, refused in found.items() if _unwanted(each, refused) <= now]:
            del found[what]
        return _in_order((each for (verb, _), each in found.items() if verb != "create"), now)

    def next_expiry(self, owners: Iterable[str], now: float) -> float | None:
        """The earliest time at which an answer told by the above is told no longer."""
        times = [
            until
            for each in self._some(owners)
            for until in (
                *(until for _, until in each.occupied.values()),
                *(refused.until for refused in each.refused.values()),
                *(_unwanted(*item) for item in each.refused.items()),
            )
            if until > now
        ]
        earliest = min(times, default=inf)
        return None if earliest == inf else earliest

    def _of(self, owner: str) -> _OfOwner:
        return _OfOwner() if self._deleted(owner) else self._by_owner.setdefault(owner, _OfOwner())

    def _some(self, owners: Iterable[str]) -> list[_OfOwner]:
        return [self._by_owner[owner] for owner in owners if owner in self._by_owner]


def _in_order(refused: Iterable[_Refused], now: float) -> tuple[Refusal, ...]:
    found = (replace(each.refusal, retry=each.until <= now) for each in refused)
    return tuple(sorted(found, key=lambda refusal: (refusal.key, refusal.verb)))


def _unwanted(what: tuple[Verb, Key], refused: _Refused) -> float:
    """From when on a refusal that was not met again is forgotten; creates are remembered."""
    return inf if what[0] == "create" else refused.until + UNWANTED_SECONDS
