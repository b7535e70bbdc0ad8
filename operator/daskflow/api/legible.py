"""Whether a status can be read: the schema lets people write more into it by hand than the operator does."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from daskflow.api.conditions import instant
from daskflow.api.model import Model

_TIMES = frozenset({
    "startTime", "endTime", "completionTime", "suspendTime", "surplusSince", "settledTime",
    "lastScheduleTime", "scheduledTime",
})  # fmt: skip
_MOST = 10**9
"""No number in a status is as large: attempts, workers, seconds suspended."""


def legible(model: type[Model], status: object) -> bool:
    """Whether the status is one of this model, with times that are times and numbers of a sensible size."""
    try:
        read = model.model_validate(status or {})
    except ValidationError:
        return False
    return _sound({name: part for name, part in read.dump().items() if name != "result"})


def _sound(part: Any) -> bool:
    if isinstance(part, Mapping):
        return all(
            _time(value) if name in _TIMES and isinstance(value, str) else _sound(value)
            for name, value in part.items()
        )
    if isinstance(part, list | tuple):
        return all(map(_sound, part))
    return not isinstance(part, int) or abs(part) <= _MOST


def _time(text: str) -> bool:
    try:
        at = instant(text)
    except ValueError:
        return False
    return at.tzinfo is not None and 1970 < at.year < 9000
