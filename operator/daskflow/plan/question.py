"""What a Dask scheduler is asked over Dask's own protocol, where its pod has no listener of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


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
