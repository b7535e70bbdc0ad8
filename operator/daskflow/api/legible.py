"""Whether a status can be read: the schema lets people write more into it by hand than the operator does."""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any, TypeVar

from pydantic import ValidationError

from daskflow.api.conditions import instant
from daskflow.api.model import Model
from daskflow.api.remembered import Remembered

Status = TypeVar("Status", bound=Model)

_TIMES = frozenset({
    "startTime", "endTime", "completionTime", "suspendTime", "surplusSince", "settledTime",
    "lastScheduleTime", "scheduledTime",
    "lastClaimTime", "yieldTime", "failureTime",
})  # fmt: skip
_MOST = 10**9
"""No number in a status is as large: attempts, workers, seconds suspended."""


def legible(model: type[Model], status: object) -> bool:
    """Whether the status is one of this model, with times that are times and numbers of a sensible size."""
    return read(model, status) is not None


def read(model: type[Status], status: object) -> Status | None:
    """The status as this model, None where it is not legible."""
    if not status:
        return model()
    found: Status | None = _reading(model)(status) if isinstance(status, Mapping) else _read(model, status)
    return found


@cache
def _reading(model: type[Model]) -> Remembered[Any]:
    return Remembered(partial(_read, model))


def _read(model: type[Status], status: object) -> Status | None:
    try:
        found = model.model_validate(status)
    except ValidationError:
        return None
    sound = _sound({name: part for name, part in found.dump().items() if name != "result"})
    return found if sound else None


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
