"""What a proxy does to a call, decided by a seed: pure, so that a seed decides the same each time.

A seed says what befalls the n-th call of a verb and kind, since it is such calls that come in the same order
each time and not all of them.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from random import Random

WRITES = ("create", "update", "patch", "delete")
_PATH = re.compile(
    r"/(?:api/v1|apis/[^/]+/[^/]+)(?:/namespaces/(?P<namespace>[^/]+))?/(?P<plural>[^/]+)"
    r"(?:/(?P<name>[^/]+))?(?:/(?P<part>[^/]+))?$"
)


@dataclass(frozen=True)
class Call:
    """One request. `resource` is a plural, with its subresource where it has one: `flowruns/status`."""

    verb: str
    resource: str
    namespace: str = ""
    name: str = ""
    first: bool = True
    """Of a list: whether it is the first page, and of no particular moment."""

    @property
    def write(self) -> bool:
        """Whether something is changed by it."""
        return self.verb in WRITES

    @property
    def what(self) -> str:
        """Verb and resource, by which calls are counted."""
        return f"{self.verb} {self.resource}"


def call_of(method: str, path: str, query: Mapping[str, str]) -> Call | None:
    """None for what is asked of no kind: versions, discovery, health."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    name, part = found["name"] or "", found["part"]
    resource = f"{found['plural']}/{part}" if part else found["plural"]
    verbs = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
    verb = verbs.get(method) or ("get" if name else "watch" if query.get("watch") else "list")
    first = "continue" not in query and "resourceVersion" not in query
    return Call(verb, resource, found["namespace"] or "", name, first)


class Fault(Enum):
    """What can befall a call; the values are the words of the table."""

    CONFLICT = "409 Conflict"
    TAKEN = "409 AlreadyExists"
    QUOTA = "409 of a quota"
    BUSY = "429 with Retry-After"
    BROKEN = "500"
    DOWN = "503"
    TIMEOUT = "504"
    CLOSED_BEFORE = "closed before it took effect"
    CLOSED_AFTER = "closed after it took effect"
    LATE = "closed, took effect later"
    SLOW = "slow"
    GARBLED = "a byte flipped"
    GONE = "410 Gone"
    STALE = "a list of an older past"
    CUT = "a watch cut"
    GONE_LATER = "410 within a watch"


@dataclass(frozen=True)
class Refusal:
    """An answer that the API server did not give. Without a reason it is text, as proxies write it."""

    code: int
    reason: str
    message: str
    retry_after: int = 0


_MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"
REFUSALS: Mapping[Fault, Refusal] = {
    Fault.CONFLICT: Refusal(409, "Conflict", f"Operation cannot be fulfilled: {_MODIFIED}"),
    Fault.TAKEN: Refusal(409, "AlreadyExists", "already exists"),
    Fault.QUOTA: Refusal(
        409, "Conflict", f'Operation cannot be fulfilled on resourcequotas "quota": {_MODIFIED}'
    ),
    Fault.BUSY: Refusal(429, "", "Too many requests, please try again later.", retry_after=1),
    Fault.BROKEN: Refusal(500, "InternalError", "Internal error occurred: etcdserver: leader changed"),
    Fault.DOWN: Refusal(503, "", "upstream connect error or disconnect/reset before headers"),
    Fault.TIMEOUT: Refusal(504, "Timeout", "Timeout: request did not complete within the allotted time"),
    Fault.GONE: Refusal(410, "Expired", "The resourceVersion for the provided list or watch is too old."),
}

_ANYWHERE = (Fault.BUSY, Fault.BROKEN, Fault.DOWN, Fault.TIMEOUT, Fault.CLOSED_BEFORE, Fault.SLOW)
_ANSWERED = (*_ANYWHERE, Fault.CLOSED_AFTER, Fault.GARBLED)
_WRITTEN = (*_ANSWERED, Fault.LATE)
_POSSIBLE: Mapping[str, tuple[Fault, ...]] = {
    "create": (*_WRITTEN, Fault.TAKEN, Fault.QUOTA),
    "update": (*_WRITTEN, Fault.CONFLICT),
    "patch": (*_WRITTEN, Fault.CONFLICT),
    "delete": (*_WRITTEN, Fault.CONFLICT),
    "get": _ANSWERED,
    "list": (*_ANSWERED, Fault.GONE, Fault.STALE),
    "watch": (*_ANYWHERE, Fault.GONE, Fault.CUT, Fault.GONE_LATER, Fault.GARBLED),
}
SECONDS: Mapping[Fault, tuple[float, float]] = {Fault.SLOW: (0.2, 5.0), Fault.LATE: (0.5, 30.0)}
"""An API server may work for a minute on what its client has given up."""
PAST_SECONDS = 60.0
EVENTS = 12
"""Of a watch that is cut or garbled, before that."""


@dataclass(frozen=True)
class Happening:
    """A fault with its measures: `seconds` of delay, `events` of a watch before it, `share` of an answer's
    bytes before it, and how many seconds ago a stale list was so."""

    fault: Fault
    seconds: float = 0.0
    events: int = 0
    share: float = 0.0
    ago: float = 0.0


def possible(call: Call) -> tuple[Fault, ...]:
    """What can befall this call.

    A page of a list that is of one moment cannot become older. Of an object that nobody may read the word
    that it is there is believed; no API server lies about that.
    """
    out = {fault for fault, holds in (
        (Fault.STALE, not call.first),
        (Fault.TAKEN, call.resource == "secrets"),
    ) if holds}  # fmt: skip
    return tuple(fault for fault in _POSSIBLE[call.verb] if fault not in out)


@dataclass
class Fate:
    """Decides call by call. `rate`: how many of a hundred calls are hit, of watches `watch_rate`; no more
    than `limit` in all, and none after `ends` was called."""

    seed: int
    limit: int
    rate: float = 8.0
    watch_rate: float = 50.0
    happened: Counter[Fault] = field(default_factory=Counter)
    _calls: Counter[str] = field(default_factory=Counter)

    @property
    def left(self) -> int:
        """How many are still to come."""
        return max(0, self.limit - self.happened.total())

    def ends(self) -> None:
        """All goes well from now on."""
        self.limit = 0

    def of(self, call: Call) -> Happening | None:
        """What befalls the next call of this verb and kind; it counts as having happened."""
        self._calls[call.what] += 1
        if not self.left:
            return None
        found = decided(
            self.seed,
            call,
            self._calls[call.what],
            (self.watch_rate if call.verb == "watch" else self.rate) / 100,
        )
        if found is not None:
            self.happened[found.fault] += 1
        return found


def decided(seed: int, call: Call, number: int, probability: float) -> Happening | None:
    """What a seed has for the call of this number among its like (from 1)."""
    chance = Random(f"{seed} {call.what} {number}")
    if chance.random() >= probability:
        return None
    fault = chance.choice(possible(call))
    return Happening(
        fault,
        chance.uniform(*SECONDS.get(fault, (0.0, 0.0))),
        chance.randrange(EVENTS),
        chance.random(),
        chance.uniform(0.0, PAST_SECONDS),
    )
