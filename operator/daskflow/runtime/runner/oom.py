"""Whether the kernel has killed a process of this container for want of memory."""

from __future__ import annotations

import os

from ..settings import text


def oom_kills() -> int:
    """How often the kernel has killed a process of this container for memory (cgroup v2, then v1)."""
    root = text("CGROUP", "/sys/fs/cgroup")
    for path in ("memory.events", "memory/memory.oom_control"):
        try:
            with open(os.path.join(root, path), encoding="ascii") as file:
                counters = dict(line.split()[:2] for line in file)
            return int(counters.get("oom_kill", 0))
        except (OSError, ValueError):
            continue
    return 0
