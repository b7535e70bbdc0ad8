"""What plans ask of schedulers and tell them, and what was answered: plans know no other way to them.

A Question goes on for as long as plans ask it, over Dask's own protocol, to schedulers whose pods have no
listener of ours. A Tell is said once more until it is answered, to the listener of one that has.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True)
class Keys:
    """Whose certificate opens an encrypted scheduler: the uid of its cluster, and when that was created."""

    cluster_uid: str
    created: datetime


@dataclass(frozen=True)
class Question:
    """What a Dask scheduler is asked over Dask's own protocol, for as long as the plans of an object ask so.

    `scheduler` is the uid of the pod that is asked, at `address`. With `demand` how many workers its tasks
    want, with `idle` since when it computes nothing, once that is so for `idle_seconds`. Of the workers in
    `workers`, by name with the IP of their pods, `surplus` are to retire: the scheduler's word decides which.
    """

    scheduler: str
    address: str
    """As Dask writes it: tcp://10.1.2.3:8786."""
    keys: Keys | None = None
    """Of an address that begins with tls."""
    demand: bool = False
    idle: bool = False
    idle_seconds: float = 0
    workers: Mapping[str, str] = field(default_factory=dict)
    surplus: int = 0


@dataclass(frozen=True)
class Answer:
    """What the scheduler with this uid answered last; of what it was not asked, nothing.

    `idle_since` is None while it computes, and `holds` says that it has results in memory. `retired` are
    workers that have handed over what they had and are given no tasks any more. `lost`: it has not been
    reached for a while, and nothing else in here is true.
    """

    scheduler: str
    demand: int | None = None
    idle_since: datetime | None = None
    holds: bool = False
    retired: frozenset[str] = frozenset()
    lost: bool = False


@dataclass(frozen=True)
class Tell:
    """A word to the scheduler of one of our DaskClusters: a POST of JSON to this path of its listener.

    It is said after all writes of its plan went through, and may be heard more than once: it has to mean the
    same then. `scheduler` is the pod's uid, so that no other takes it for its own; `cluster` is a name.
    """

    cluster: str
    scheduler: str
    path: str
    body: Mapping[str, Any]
    code: tuple[str, ...] = ()
    """ConfigMaps whose archive goes along, as `archive` of the body."""


@dataclass(frozen=True)
class Told:
    """What became of a Tell: the scheduler took it, or refused it for good; or nobody has heard it. Lacking:
    what was to go along is gone for good; a scheduler may have heard it before.

    `since`: when that was first so. `retry`: it is time to say it again, of one that is unheard. `why` it was
    not taken, where that is known.
    """

    tell: Tell
    result: Literal["Taken", "Refused", "Unheard", "Lacking"]
    since: datetime
    retry: bool = False
    why: str = ""


def unsaid(tell: Tell, told: Iterable[Told]) -> tuple[Tell, ...]:
    """What a plan that wants this said is to hold: nothing, once it was answered, or for a while unheard."""
    known = next((each for each in told if each.tell == tell), None)
    return (tell,) if known is None or known.retry else ()
