"""A check as data: what it does, step by step, and what it came to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from daskflow.cli.verification.observed import Observed

Object = dict[str, Any]
Name = Callable[[Observed], str]
Verdict = Literal["pass", "fail", "not provable"]
Need = Literal["distributed", "prefect", "own namespace", "stop operator", "upgrade"]
SECONDS = 60.0
"""For what a step waits, unless it says otherwise; for all of them on a cluster that is not in a hurry."""


class Moment(NamedTuple):
    """Something to wait for, pure."""

    what: str
    """The rest of a sentence: waited for …"""
    here: Callable[[Observed], bool]


Expectation = Callable[[Observed], str]
"""What is wrong, as a sentence; "" where nothing is."""


@dataclass(frozen=True)
class Make:
    """Creates an object; where `refused` is given the API server has to refuse it in these words."""

    what: Callable[[Observed], Object]
    refused: str = ""


@dataclass(frozen=True)
class Send:
    """Submits a run by the SDK with its code along: files by their path, and an entrypoint in them."""

    files: Mapping[str, str]
    entrypoint: str
    workers: int = 0


@dataclass(frozen=True)
class Change:
    """A merge patch; `below` is a subresource."""

    kind: str
    change: Object | Callable[[Observed], Object]
    name: Name = lambda seen: seen.slug
    below: str = ""


@dataclass(frozen=True)
class Remove:
    """Deletes an object, if it is there; `grace` in seconds, `orphan` leaves what it owns."""

    kind: str
    name: Name = lambda seen: seen.slug
    grace: int | None = None
    orphan: bool = False


@dataclass(frozen=True)
class Evict:
    """Evicts a pod, as a drain of its node does."""

    name: Name


@dataclass(frozen=True)
class Until:
    """Waits for a moment, at most so many seconds."""

    moment: Moment
    seconds: float = SECONDS


@dataclass(frozen=True)
class Stays:
    """The moment holds for so many seconds."""

    moment: Moment
    seconds: float


@dataclass(frozen=True)
class ReadLogs:
    """What pods of a component, or of one of the check's objects, have printed: into `Observed.logs`."""

    component: str = ""
    part: str = ""
    words: str = ""
    """What is waited for: a node may write down late what a container that has ended has printed."""
    seconds: float = 15.0


@dataclass(frozen=True)
class Look:
    """Lists these kinds into `Observed.listed`, again and again until the moment is there."""

    kinds: tuple[str, ...]
    moment: Moment
    seconds: float = SECONDS


@dataclass(frozen=True)
class Expect:
    """All of these hold."""

    expectations: tuple[Expectation, ...]


@dataclass(frozen=True)
class Unless:
    """Where this is so the check cannot prove anything, for this reason."""

    so: Callable[[Observed], bool]
    sentence: str
    remedy: str


@dataclass(frozen=True)
class Operator:
    """Something is done to the operator, once all checks that want that have come to it.

    delete: its pods are deleted, and their Deployment makes others. stop, start: there is none meanwhile.
    upgrade: the command of `--upgrade` is run.
    """

    act: Literal["delete", "stop", "start", "upgrade"]


Step: TypeAlias = (
    Make | Send | Change | Remove | Evict | Until | Stays | ReadLogs | Look | Expect | Unless | Operator
)


def expect(*expectations: Expectation) -> Expect:
    """The step in which all of these have to hold."""
    return Expect(expectations)


@dataclass(frozen=True)
class Check:
    """One thing that is proved of an installation."""

    slug: str
    """A word of at most 14 small letters and digits: its objects are called so, or `SLUG-…`."""
    proves: str
    """The whole sentence, as reports have it."""
    steps: tuple[Step, ...]
    quick: bool = False
    needs: tuple[Need, ...] = ()
    beside: bool = False
    """In the second namespace: what it makes there would disturb others."""
    weight: int = 1
    """About how many Python processes it starts at once; a bounded number runs at a time."""

    @property
    def disturbs(self) -> bool:
        """Whether it does something to the operator, which slows all others."""
        return any(isinstance(step, Operator) for step in self.steps)

    @property
    def seconds(self) -> float:
        """How long it may take at most, all waiting counted."""
        return sum(step.seconds for step in self.steps if isinstance(step, Until | Stays | Look)) + SECONDS


class Result(NamedTuple):
    """What a check came to."""

    check: Check
    verdict: Verdict
    sentence: str = ""
    remedy: str = ""
    seconds: float = 0.0
