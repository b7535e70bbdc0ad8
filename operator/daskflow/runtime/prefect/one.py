"""Flows of Prefect 1.x: the executor comes from the environment, as their documentation teaches."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import Any

from ..errors import sentence
from ..flow import Failed, Flow, fit
from ..settings import say

_CLASS = "PREFECT__ENGINE__EXECUTOR__DEFAULT_CLASS"
_EXECUTOR = "prefect.executors.DaskExecutor"


def prepare() -> None:
    """Set the executor in the environment, before Prefect is imported: for flows that run themselves, too."""
    address = os.environ.get("DASK_SCHEDULER_ADDRESS")
    if not address:
        return
    given = os.environ.get(_CLASS, _EXECUTOR)
    if given.startswith("prefect.engine.executors."):
        say(f"{_CLASS}={given} would run the flow on one machine: it is taken as {_EXECUTOR}")
        given = _EXECUTOR
    os.environ[_CLASS] = given
    os.environ.setdefault("PREFECT__ENGINE__EXECUTOR__DASK__ADDRESS", address)


def recognise(target: Any, parameters: dict[str, Any]) -> Flow | None:
    """A Flow of Prefect 1.x."""
    module = sys.modules.get("prefect.core.flow")
    if module is None or not isinstance(target, module.Flow):
        return None
    known = sorted(target.parameters(), key=lambda parameter: str(parameter.name))
    required = [str(one.name) for one in known if one.required]
    shown = f"the flow {target.name!r} ({', '.join(str(one.name) for one in known) or 'no parameters'})"
    fit(shown, parameters, [str(one.name) for one in known], required)
    version = sys.modules["prefect"].__version__
    return Flow(f"Prefect flow ({version})", lambda: _run(target, parameters))


def _run(flow: Any, parameters: dict[str, Any]) -> Any:
    """The result of its terminal task; of several, by their names. Raises Failed, naming failed tasks."""
    if flow.schedule is not None:
        say(f"WARNING: the schedule of the flow {flow.name!r} is not followed: use a FlowSchedule")
    state = flow.run(parameters=parameters, run_on_schedule=False, **_executor(flow))
    states = state.result if isinstance(state.result, dict) else {}
    if not state.is_successful():
        raise _failure(flow, state, states)
    terminal = sorted(flow.terminal_tasks(), key=lambda task: str(flow.slugs[task]))
    results = {task: getattr(states.get(task), "result", None) for task in terminal}
    if len(terminal) == 1:
        return results[terminal[0]]
    names = Counter(task.name for task in terminal)
    return {flow.slugs[task] if names[task.name] > 1 else task.name: results[task] for task in terminal}


def _executor(flow: Any) -> dict[str, Any]:
    """The cluster's, unless the flow or the environment chose one that is somewhere else."""
    address = os.environ.get("DASK_SCHEDULER_ADDRESS")
    own = flow.executor
    if not address or getattr(own, "address", None):
        return {}
    from prefect.executors import DaskExecutor

    local = isinstance(own, DaskExecutor) or type(own).__name__ in ("LocalExecutor", "LocalDaskExecutor")
    if own is None and os.environ.get(_CLASS, _EXECUTOR) != _EXECUTOR:
        say(f"the executor is {os.environ[_CLASS]}, as the environment says")
        return {}
    if own is not None and not local:
        return {}
    if own is not None:
        say(f"the flow's {type(own).__name__} is for one machine: the run's cluster is used")
    return {"executor": DaskExecutor(address=address)}


def _failure(flow: Any, state: Any, states: dict[Any, Any]) -> Failed:
    """Named are the tasks that failed themselves, not those that were never started because of them."""
    errors: dict[str, Any] = {}
    for task, end in sorted(states.items(), key=lambda item: str(flow.slugs.get(item[0], ""))):
        ends = [end, *(getattr(end, "map_states", None) or ())]
        bad = [
            one for one in ends if one.is_failed() and type(one).__name__ not in ("TriggerFailed", "Mapped")
        ]
        for number, one in enumerate(ends[1:]):
            if one in bad:
                errors[f"{task.name}[{number}]"] = one
        if end in bad and not end.is_mapped():
            errors[task.name] = end
    names = list(errors)
    first = errors[names[0]] if names else state
    error = first.result if isinstance(first.result, BaseException) else None
    said = sentence(error) if error is not None else first.message or "it gave no reason"
    words = f"The Prefect flow {flow.name!r} is {type(state).__name__}: {said}"
    if names:
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        words += f"; failed tasks: {', '.join(names[:5])}{more}"
    return Failed(words + ".", error)
