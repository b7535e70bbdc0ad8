"""What a scheduler's control listener says, typed and bounded before anything of it is believed.

Flows can put anything in the listener's place. What has another type than the contract says is refused, or,
where nothing rests on it, left out; names and sentences are cut, lists end. A refused answer is a
ControlError, like one that never came: `conversation` decides what follows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from daskflow.api.wording import one_line
from daskflow.api.workers import MAX_GROUPS, MAX_WORKERS
from daskflow.controller.kubernetes.decoding import strict
from daskflow.plan.model import Waiting

_LARGEST = 2**53
_VERSIONS = 4
_NAME = 63
_WORD = 40
_SENTENCE = 400


class ControlError(Exception):
    """No answer that could be used: unreachable, late, refused, too long, or not what the contract says."""


@dataclass(frozen=True)
class Answer:
    """One answer, with everything in it checked; `distributed`: the versions at work, if told.

    The rest is of scaling, see `plan.model.Scaling`.
    """

    version: int
    done: int
    total: int
    distributed: tuple[str, ...]
    begun: bool = False
    trouble: tuple[str, str] | None = None
    demand: Mapping[str, int] = field(default_factory=dict)
    retiring: frozenset[str] = frozenset()
    held: Mapping[str, str] = field(default_factory=dict)
    standby: Waiting | None = None


def parse_answer(body: bytes | bytearray) -> Answer:
    """Raises ControlError, or ValueError for what is no JSON of at most 200 levels."""
    answer = strict(body)
    counts = answer.get("counts") if isinstance(answer, dict) else None
    if not isinstance(counts, dict):
        raise ControlError("an answer without counts")
    return Answer(
        version=_number(answer.get("version")),
        done=_number(counts.get("done")),
        total=_number(counts.get("total")),
        distributed=tuple(_words(each, _WORD) for each in _texts(answer.get("distributed"), _VERSIONS)),
        begun=answer.get("begun") is True,
        trouble=_trouble(answer.get("trouble")),
        demand={name: _number(count) for name, count in _mapping(answer.get("demand"), MAX_GROUPS + 1)},
        retiring=frozenset(each[:_NAME] for each in _texts(answer.get("retiring"), MAX_WORKERS)),
        held={
            name: _words(what, _WORD)
            for name, what in _mapping(answer.get("held"), MAX_WORKERS)
            if isinstance(what, str)
        },
        standby=_standby(answer.get("standby"), answer.get("registered")),
    )


def _standby(value: Any, registered: Any) -> Waiting | None:
    """Of a cluster that waits for a run; what else it may be says nothing."""
    if not isinstance(value, dict):
        return None
    note, run = (each if isinstance(each, str) else "" for each in (value.get("note"), value.get("run")))
    count = None if registered is None else _number(registered)
    return Waiting(value.get("parked") is True, _words(note, _SENTENCE), run[:_NAME], count)


def _trouble(value: Any) -> tuple[str, str] | None:
    """A reason and a sentence; what else it may be says nothing."""
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(each, str) for each in value):
        return None
    return value[0][:_NAME], _words(value[1], _SENTENCE)


def _words(text: str, most: int) -> str:
    return one_line(text[:most])[:most]


def _texts(value: Any, most: int) -> list[str]:
    """Of a list, the first so many items, where they are text."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ControlError(f"{_shown(value)} is no list")
    return [each for each in islice(value, most) if isinstance(each, str)]


def _mapping(value: Any, most: int) -> list[tuple[str, Any]]:
    """Its items, names cut to what a pod's may have; at most so many."""
    if value is None:
        return []
    if not isinstance(value, dict):
        raise ControlError(f"{_shown(value)} is no mapping")
    return [(name[:_NAME], each) for name, each in islice(value.items(), most)]


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST:
        raise ControlError(f"{_shown(value)} is no count")
    return value


def _shown(value: Any) -> str:
    """Short, whatever it is: an integer of 200,000 digits is slow to write."""
    return repr(value)[:_WORD] if isinstance(value, str | float | None) else type(value).__name__
