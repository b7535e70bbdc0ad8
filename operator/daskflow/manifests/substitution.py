"""$(scheduledTime) in parameters: the tick's time where the flow wants to know it.

No template language: three words in parentheses behind a dollar, which Helm and Kustomize leave alone.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_PLACE = re.compile(r"(\$?)\$\((scheduledTime|previousScheduledTime)(?::([^()]*))?\)")


def substituted(value: Any, times: Mapping[str, datetime | None]) -> Any:
    """A JSON value with the times put into its strings, at any depth; keys of objects stay as they are.

    `times` has scheduledTime and previousScheduledTime, in the schedule's zone; one that is None becomes the
    empty string. Without a format a time is RFC 3339. `$$(scheduledTime)` stands for `$(scheduledTime)`.
    """
    if isinstance(value, str):
        return _PLACE.sub(lambda found: _text(found, times), value)
    if isinstance(value, Mapping):
        return {key: substituted(each, times) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [substituted(each, times) for each in value]
    return value


def _text(found: re.Match[str], times: Mapping[str, datetime | None]) -> str:
    escaped, name, form = found.groups()
    if escaped:
        return found[0][1:]
    time = times[name]
    if time is None:
        return ""
    if form is None:
        return time.isoformat(timespec="seconds")
    # Python's own %s takes any time for one of the machine's zone.
    form = re.sub("%.", lambda each: str(int(time.timestamp())) if each[0] == "%s" else each[0], form)
    return time.strftime(form)
