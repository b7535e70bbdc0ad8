"""Which task runs of Prefect 3 failed: as workers tell in events, and in the flow's own process.

Asking for the states would move their data, which may be big, to the flow. Events are subscribed to: Dask
keeps the last 1,000 of a topic only, for all runs of a cluster together.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

from ..settings import say

TOPIC = "daskflow-task-runs"
"""Of the events by which workers tell of task runs that failed."""
EVENT_SECONDS = 10.0
"""How long events may be on their way."""

submitted: dict[Any, str] = {}
"""The tasks' names of all task runs that were submitted, by id."""
failures: dict[Any, str] = {}
"""What those said that failed, by id, in the order in which they were found."""

_RUN = uuid4().hex
"""Others may share the cluster."""
_marks: set[str] = set()
_marked = threading.Condition()
_listening: list[Any] = []
"""The client that does, once there is a task run."""


def report() -> None:
    """Patch what sends tasks to workers, so that they tell of task runs that fail, in an event."""
    from distributed import Client

    original = Client.submit

    def submit(self: Any, func: Any, *args: Any, **kwargs: Any) -> Any:
        if "task_run_id" in kwargs and kwargs.get("return_type") == "state":
            _listen(self)
            func = _reporting(func, TOPIC, _RUN)
        return original(self, func, *args, **kwargs)

    Client.submit = submit


def _reporting(func: Any, topic: str, flow: str) -> Any:
    # Pickled by value: workers of an external cluster have no such module.
    def run(*args: Any, **kwargs: Any) -> Any:
        state = func(*args, **kwargs)
        if state.is_failed() or state.is_crashed():
            from distributed import get_worker

            told = {"run": flow, "id": str(kwargs["task_run_id"]), "message": str(state.message)[:500]}
            get_worker().log_event(topic, told)
        return state

    run.__name__ = getattr(func, "__name__", "task")  # the key's prefix
    return run


def _listen(client: Any) -> None:
    """Before the first task run is submitted, by this client of its flow; the run's own stays longer."""
    if _listening:
        return
    from distributed import default_client

    try:
        _listening.append(default_client())
    except ValueError:  # closed by the flow's own code
        _listening.append(client)
    _listening[0].subscribe_topic(TOPIC, _received)
    await_events()


def _received(event: Any) -> None:
    """Called in the client's event loop."""
    _, told = event
    if told.get("run") != _RUN:
        return
    if "mark" in told:
        with _marked:
            _marks.add(told["mark"])
            _marked.notify_all()
    else:
        failures[UUID(told["id"])] = told["message"]


def await_events() -> None:
    """Wait for what workers have told so far: a mark of ours comes behind it."""
    if _listening:
        mark = uuid4().hex
        _listening[0].log_event(TOPIC, {"run": _RUN, "mark": mark})
        with _marked:
            if not _marked.wait_for(lambda: mark in _marks, EVENT_SECONDS):
                say("which task runs failed may not be known in full: the scheduler is slow to answer")
            _marks.discard(mark)


def listed(names: list[str]) -> str:
    """Tasks' names in a sentence: each once, five of them."""
    counted = [f"{name} ({count} times)" if count > 1 else name for name, count in Counter(names).items()]
    return ", ".join(counted[:5]) + (f" and {len(counted) - 5} more" if len(counted) > 5 else "")
