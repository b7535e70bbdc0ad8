"""A local run leaves no processes behind, whatever sessions they have made themselves. On Linux: elsewhere
there are no orphans to be had."""

from __future__ import annotations

import contextlib
import os
import signal
import time

_PR_SET_CHILD_SUBREAPER = 36
SECONDS = 2.0
"""How long the dead may take to be gone."""


def keep_orphans() -> frozenset[int]:
    """Orphans among this process's descendants become its children from here on, as in a pod those of process
    1. The descendants that it has already."""
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    return frozenset(_descendants())


def end(others: frozenset[int] = frozenset()) -> None:
    """Kill all descendants but `others`, also those that they make meanwhile, and reap what becomes ours."""
    until = time.monotonic() + SECONDS
    while (found := [pid for pid in _descendants() if pid not in others]) and time.monotonic() < until:
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.01)


def _descendants() -> list[int]:
    children: dict[int, list[int]] = {}
    with contextlib.suppress(OSError):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
    found = list(children.get(os.getpid(), ()))
    for pid in found:  # it grows
        found += children.get(pid, ())
    return found
