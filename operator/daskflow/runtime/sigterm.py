"""SIGTERM in the flow's process ends the flow as Ctrl-C ends a program: its `finally` blocks run."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import Any


class Terminated(BaseException):
    """SIGTERM, raised in the flow."""


class _FromALoop(Terminated, SystemExit):
    """The same where an event loop runs: of what its tasks and callbacks raise it lets only this through."""


_hooked: list[bool] = []


def handle(handler: Any) -> None:
    """Set this process's own handler of SIGTERM. The forks of user code are as any: it ends them."""
    signal.signal(signal.SIGTERM, handler)
    if not _hooked:
        _hooked.append(True)
        os.register_at_fork(after_in_child=_forked)


def arm() -> None:
    """From here on SIGTERM ends the flow, unless the image has a handler of its own."""
    if signal.getsignal(signal.SIGTERM) in (signal.SIG_DFL, None):
        handle(_terminate)


def ignore(*_: Any) -> None:
    """SIGTERM has no effect any more. By a handler: programs that the flow starts would inherit SIG_IGN."""
    signal.signal(signal.SIGTERM, _ignored)


def cancelled() -> bool:
    """Cancel the main task of the event loop that runs in this thread, as asyncio does on Ctrl-C.

    False if there is none, or if it is its code that runs: an exception ends that at once.
    """
    asyncio: Any = sys.modules.get("asyncio")
    loop = asyncio and asyncio._get_running_loop()
    if loop is None:
        return False
    for task in asyncio.all_tasks(loop):
        # asyncio's callback and uvloop's, of the task that they run until it is complete.
        names = [
            getattr(callback, "__qualname__", "") for callback, _ in getattr(task, "_callbacks", None) or ()
        ]
        if any("run_until_complete" in name for name in names):
            if task is asyncio.current_task(loop):
                return False
            task.cancel()
            loop.call_soon_threadsafe(_ignored)  # it may sleep
            return True
    return False


def _terminate(*_: Any) -> None:
    ignore()  # once is enough, the flow is cleaning up
    if cancelled():
        return
    asyncio: Any = sys.modules.get("asyncio")
    raise (_FromALoop if asyncio and asyncio._get_running_loop() else Terminated)("SIGTERM")


def _ignored(*_: Any) -> None:
    return


def _forked() -> None:
    module = getattr(signal.getsignal(signal.SIGTERM), "__module__", None) or ""
    if module.startswith(f"{__package__}."):
        with contextlib.suppress(ValueError):  # another interpreter's thread
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
