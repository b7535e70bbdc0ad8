"""What a scheduler says of its workers, without what else is in its answer.

It may be anybody's code: a message of some megabytes can hold a hundred times as much in objects of Python.
So of each worker only a few small values are made, and of too many workers none.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import DecodeError, Meta, Raw, Struct
from msgspec.msgpack import Decoder, decode

MOST_WORKERS = 10_000
_LONGEST = 1024
"""Bytes of a name or a number."""
_STATES = 64
"""A worker counts its tasks by a dozen of them."""


class _Metrics(Struct):
    managed_bytes: Raw = Raw()
    task_counts: Annotated[dict[str, Raw], Meta(max_length=_STATES)] = {}


class _Worker(Struct):
    name: Raw = Raw()
    status: Raw = Raw()
    host: Raw = Raw()
    last_seen: Raw = Raw()
    metrics: Raw = Raw()


class _Outcome(Struct):
    status: Raw = Raw()
    exception_text: Raw = Raw()


class _Identity(_Outcome):
    workers: Annotated[dict[str, _Worker], Meta(max_length=MOST_WORKERS)] | None = None


_identity, _metrics, _outcome = Decoder(_Identity), Decoder(_Metrics), Decoder(_Outcome)


def identity(text: bytes | memoryview) -> Mapping[str, Any]:
    """The answer to `identity`; raises msgspec.DecodeError or RecursionError for what is none."""
    found = _identity.decode(text)
    if found.workers is None:
        return _failure(found)
    return {"workers": {address: _worker(each) for address, each in found.workers.items()}}


def outcome(text: bytes | memoryview) -> Mapping[str, Any]:
    """The answer to what tells of each worker and is only to be done: its error, if it is one."""
    try:
        return _failure(_outcome.decode(text))
    except (DecodeError, RecursionError):
        return {}


def _failure(said: _Outcome) -> dict[str, Any]:
    return {"status": _plain(said.status), "exception_text": _plain(said.exception_text)}


def _worker(said: _Worker) -> dict[str, Any]:
    return {
        "name": _plain(said.name),
        "status": _plain(said.status),
        "host": _plain(said.host),
        "last_seen": _plain(said.last_seen),
        "metrics": _counted(said.metrics),
    }


def _counted(said: Raw) -> dict[str, Any]:
    try:
        found = _metrics.decode(said)
    except (DecodeError, RecursionError):
        return {}
    counts = {state: _plain(number) for state, number in found.task_counts.items()}
    return {"managed_bytes": _plain(found.managed_bytes), "task_counts": counts}


def _plain(said: Raw) -> Any:
    """A small value; None for what is none."""
    text = bytes(said)
    return decode(text) if 0 < len(text) <= _LONGEST else None
