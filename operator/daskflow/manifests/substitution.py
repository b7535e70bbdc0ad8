"""$(scheduledTime) in a schedule's template: the tick's time where the flow wants to know it.

No template language: three words in parentheses behind a dollar, which Helm and Kustomize leave alone.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

_PLACE = re.compile(r"(\$?)\$\((scheduledTime|previousScheduledTime)(?::([^()]*))?\)")

_FLOW = ("parameters", "command", "script")


def in_spec(spec: Mapping[str, Any], times: Mapping[str, datetime | None]) -> dict[str, Any]:
    """A FlowRun's spec with the times where they may stand: in what the flow is told, and in `env`."""
    found = dict(spec)
    if "flow" in found:
        told = {key: substituted(found["flow"][key], times) for key in _FLOW if key in found["flow"]}
        found["flow"] = {**found["flow"], **told}
    if "env" in found:
        found["env"] = [
            {**each, "value": substituted(each["value"], times)} if "value" in each else each
            for each in found["env"]
        ]
    return found


def refusal(spec: Mapping[str, Any]) -> str | None:
    """What to say of a schedule in whose runs' spec a time stands that would stay as it is written."""
    if (where := _misplaced(spec)) is None:
        return None
    return (
        f"spec.template.spec.{where} has a scheduled time in it, which is put into flow.parameters, "
        "flow.command, flow.script and the values of env only; write $$(scheduledTime) to keep the text."
    )


def _misplaced(spec: Mapping[str, Any]) -> str | None:
    """The first such place."""
    flow = {key: value for key, value in (spec.get("flow") or {}).items() if key not in _FLOW}
    env = [{key: value for key, value in each.items() if key != "value"} for each in spec.get("env") or ()]
    return next(_places({**spec, "flow": flow, "env": env}, ""), None)


def _places(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str):
        if any(not escaped for escaped, _, _ in _PLACE.findall(value)):
            yield path
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _places(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _places(each, f"{path}[{index}]")


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
