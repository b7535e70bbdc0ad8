"""Which task runs of Prefect 3 failed: as workers tell in events, and in the flow's own process.

Asking for the states would move their data, which may be big, to the flow.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

TOPIC = "daskflow-task-runs"
"""Of the events by which workers tell of task runs that failed."""

submitted: dict[Any, str] = {}
"""The tasks' names of all task runs that were submitted, by id."""
bad: dict[Any, str] = {}
"""What those said that failed, by id, in the order in which they were found."""


def report() -> None:
    """Patch what sends tasks to workers, so that they tell of task runs that fail, in an event."""
    from distributed import Client

    original = Client.submit

    def submit(self: Any, func: Any, *args: Any, **kwargs: Any) -> Any:
        if "task_run_id" in kwargs and kwargs.get("return_type") == "state":
            func = _reporting(func, TOPIC)
        return original(self, func, *args, **kwargs)

    Client.submit = submit


def _reporting(func: Any, topic: str) -> Any:
    # Pickled by value: workers of an external cluster have no such module.
    def run(*args: Any, **kwargs: Any) -> Any:
        state = func(*args, **kwargs)
        if state.is_failed() or state.is_crashed():
            from distributed import get_worker

            told = {"id": str(kwargs["task_run_id"]), "message": str(state.message)[:500]}
            get_worker().log_event(topic, told)
        return state

    run.__name__ = getattr(func, "__name__", "task")  # the key's prefix
    return run


def hear() -> None:
    """What workers have told so far."""
    if submitted and os.environ.get("DASK_SCHEDULER_ADDRESS"):
        from uuid import UUID

        from distributed import default_client

        for _, event in default_client().get_events(TOPIC):
            id_ = UUID(event["id"])
            if id_ in submitted:
                bad[id_] = event["message"]


def named(names: list[str]) -> str:
    """Tasks' names for a sentence: each once, five of them."""
    counted = [f"{name} ({count} times)" if count > 1 else name for name, count in Counter(names).items()]
    return ", ".join(counted[:5]) + (f" and {len(counted) - 5} more" if len(counted) > 5 else "")
