"""How much memory a worker may take."""

from __future__ import annotations

import os

from ..settings import text


def memory_limit() -> str:
    """Bytes: what the operator says, which knows the container's limit, else the limit of the cgroup."""
    said = text("MEMORY_LIMIT", "0")
    return str(cgroup_memory("/sys/fs/cgroup", _machine_memory())) if said == "0" else said


def cgroup_memory(root: str, machine: int) -> int:
    """The memory limit of this container (cgroup v2 or v1, mounted at `root`); 0 when there is none.

    Version 1 says "unlimited" by a number larger than any machine's memory.
    """
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            with open(os.path.join(root, name), encoding="ascii") as file:
                limit = int(file.read())
        except (OSError, ValueError):  # absent, or "max"
            continue
        if 0 < limit < machine:
            return limit
    return 0


def _machine_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
