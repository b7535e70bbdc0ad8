"""Tasks of fire_and_forget: the flow is over when they are, since its cluster goes with it."""

from __future__ import annotations

import functools
import sys
import time
from typing import Any

from ..settings import say

_keys: set[Any] = set()
"""Of this process's tasks, by which they are told from those of others on a shared cluster."""
_LATE = 0.2
"""Seconds that the word of a task may take to the scheduler."""


def watch() -> None:
    """Called once in the flow's process, before the user's code is imported."""
    import distributed

    original = distributed.fire_and_forget

    @functools.wraps(original)
    def fire_and_forget(obj: Any) -> Any:
        _keys.update(future.key for future in distributed.futures_of(obj))
        return original(obj)

    for name in ("distributed", "distributed.client", "dask.distributed"):
        if name in sys.modules:
            sys.modules[name].fire_and_forget = fire_and_forget  # type: ignore[attr-defined]


def wait(client: Any) -> None:
    """Until there is none left, which the log says if it takes a moment."""
    told, pause = 0, _LATE
    seen_none = False
    while True:
        left, more = _left(client)
        if not left and (seen_none or not more):
            return
        seen_none = not left
        if left and left != told and (not told or pause >= 2):
            say(f"the flow has returned, and waits for {_tasks(left)} of fire_and_forget")
            told = left
        time.sleep(pause if left else _LATE)
        pause = min(pause * 1.3, 2)


def warn_of_dropped(client: Any) -> None:
    """Say how many are left of a flow that has failed."""
    left = _left(client)[0] if _keys else 0
    if left:
        say(f"the flow has failed, and {_tasks(left)} of fire_and_forget may be dropped")


def _tasks(count: int) -> str:
    return "1 task" if count == 1 else f"{count} tasks"


def _left(client: Any) -> tuple[int, bool]:
    """How many have not ended, 0 if nobody can tell, and whether the word of further ones may be on its way.

    Of a run's own cluster all, those of tasks too. Of a scheduler that is too busy to answer: one, if there
    have been any.
    """
    if getattr(client, "status", "") != "running":
        return 0, False

    import distributed

    # Pickled by value: workers of an external cluster have no such module.
    def ask(keys: Any, dask_scheduler: Any = None) -> tuple[int, bool]:
        import os

        wanted = dask_scheduler.clients["fire-and-forget"].wants_what
        if os.environ.get("DASKFLOW_OWNED") == "1":
            # Tasks that submit have a client of their worker's.
            return len(wanted), any("-worker-" in str(name) for name in dask_scheduler.clients)
        return -1 if keys is None else sum(task.key in keys for task in wanted), False

    try:
        left, tasks = client.sync(client._run_on_scheduler, ask, None, callback_timeout=5)
        if left < 0 and _keys:
            left, _ = client.sync(client._run_on_scheduler, ask, _keys, callback_timeout=5)
    except distributed.TimeoutError:  # it reads a large graph, or is gone, of which the supervisor hears
        return (1 if _keys else 0), bool(_keys)
    except Exception as error:
        say(f"whether tasks of fire_and_forget are left is not known: {error!r}")
        return 0, False
    return max(left, 0), bool(_keys or tasks)
