"""Names of children: a function of their owner, so that creating twice is a conflict and not a double."""

import hashlib
from datetime import datetime
from functools import lru_cache

from daskflow.api.names import RUNNER, SCHEDULER, WORKER
from daskflow.api.workers import DEFAULT_GROUP
from daskflow.manifests.certificates import derived

_LONGEST_SUFFIX = len("-worker-") + 20 + len("-9999")
"""Of a worker's pod, with the longest group name the API takes."""
_LONGEST_LABEL = 63
_BASE = _LONGEST_LABEL - _LONGEST_SUFFIX
_LONGEST_RUN = 50
"""As the rule on names has it (`api.crd.MAX_NAME`)."""
_HASH = 8
"""282,000,000,000 of them: two alike among 10,000 runs of one schedule are met in one case of 5,600."""
_SECRET = 13
"""As many letters as hold 61 bits."""
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""As in Kubernetes' own generated names: no vowels (no words), no digits that look like letters."""


def uid_hash(uid: str) -> str:
    """Eight characters that tell incarnations of one name apart, and runs whose names begin alike."""
    return _letters(hashlib.sha256(uid.encode()).digest()[:8], _HASH)


@lru_cache(maxsize=4096)
def secret_name(base: str, root_key: bytes, of: str) -> str:
    """The Secret that pods mount, which nobody can guess without the root key.

    The operator cannot read Secrets, so that one which is there already is taken for its own: whoever could
    tell its name in advance could put another runtime in its place. `of` is what it is for: a uid.
    """
    return f"{base}-{_letters(derived(root_key, of, 'secret-name'), _SECRET)}"


def _letters(random: bytes, count: int) -> str:
    number = int.from_bytes(random, "big")
    letters = []
    for _ in range(count):
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


def base_of(scheduler: str) -> str | None:
    """The common beginning of a cluster's names, from its scheduler's; None if that is no such name."""
    base = scheduler.removesuffix(f"-{SCHEDULER}")
    return base if base != scheduler else None


def worker_name(base: str, ordinal: int, group: str = DEFAULT_GROUP) -> str:
    """A worker's pod; also the worker's name in Dask."""
    return f"{base}-{WORKER}-{ordinal}" if group == DEFAULT_GROUP else f"{base}-{WORKER}-{group}-{ordinal}"


def worker_ordinal(name: str) -> int:
    """The ordinal in a worker's name."""
    return int(name.rsplit("-", 1)[1])
