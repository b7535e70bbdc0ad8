"""Names of children: a function of their owner, so that creating twice is a conflict and not a double."""

import hashlib
from datetime import datetime

from daskflow.api.names import RUNNER, SCHEDULER, WORKER
from daskflow.api.workers import DEFAULT_GROUP

_LONGEST_SUFFIX = len("-worker-") + 20 + len("-9999")
"""Of a worker's pod, with the longest group name the API takes."""
_LONGEST_LABEL = 63
_BASE = _LONGEST_LABEL - _LONGEST_SUFFIX
_LONGEST_RUN = 50
"""As the rule on names has it (`api.crd.MAX_NAME`)."""
_HASH = 5
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""As in Kubernetes' own generated names: no vowels (no words), no digits that look like letters."""


def uid_hash(uid: str) -> str:
    """Five characters that tell incarnations of one name apart."""
    number = int.from_bytes(hashlib.sha256(uid.encode()).digest()[:8], "big")
    letters = []
    for _ in range(_HASH):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)


def base_name(owner_name: str, owner_uid: str, attempt: int | None = None) -> str:
    """The common beginning of the names of all that belongs to one cluster, at most 30 characters.

    Valid as the name of a Service whatever the owner's: those begin with a letter.
    """
    tail = f"-{uid_hash(owner_uid)}" + (f"-{attempt}" if attempt is not None else "")
    head = owner_name if owner_name[0].isalpha() else f"x{owner_name}"
    return head[: _BASE - len(tail)].rstrip("-") + tail


def scheduled_run_name(schedule_name: str, schedule_uid: str, tick: datetime) -> str:
    """The FlowRun of one tick (in UTC), at most 50 characters; sorts by time."""
    tail = f"-{uid_hash(schedule_uid)}-{tick:%Y%m%d-%H%M%S}"
    return schedule_name[: _LONGEST_RUN - len(tail)].rstrip("-") + tail


def cluster_name(run_name: str, run_uid: str, attempt: int) -> str:
    """The DaskCluster of one attempt."""
    return base_name(run_name, run_uid, attempt)


def runner_name(run_name: str, run_uid: str, attempt: int) -> str:
    """The runner's pod of one attempt."""
    return f"{base_name(run_name, run_uid, attempt)}-{RUNNER}"


def scheduler_name(base: str) -> str:
    """The scheduler's pod; `base` is the common beginning of the cluster's names."""
    return f"{base}-{SCHEDULER}"


def worker_name(base: str, ordinal: int, group: str = DEFAULT_GROUP) -> str:
    """A worker's pod; also the worker's name in Dask."""
    return f"{base}-{WORKER}-{ordinal}" if group == DEFAULT_GROUP else f"{base}-{WORKER}-{group}-{ordinal}"


def worker_ordinal(name: str) -> int:
    """The ordinal in a worker's name."""
    return int(name.rsplit("-", 1)[1])
