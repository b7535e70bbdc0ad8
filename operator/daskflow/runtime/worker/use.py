"""What a worker says of itself with each heartbeat, for the report of its run."""

from __future__ import annotations

import sys
from typing import Any


class Use:
    """A metric of Dask's, called in the worker's event loop: bytes, since the worker's start."""

    def __init__(self) -> None:
        self._spilled = self._on_disk = self._moved = 0
        self._last: Any = None

    def __call__(self, worker: Any) -> dict[str, int]:
        """`peak` of its memory, `spilled` to disk, and `moved` here from other workers."""
        self._look_at_disk(worker.data)
        self._look_at_transfers(worker.transfer_incoming_log)
        return {"peak": peak(), "spilled": self._spilled, "moved": self._moved}

    def _look_at_disk(self, data: Any) -> None:
        """Dask counts from 2023.5 on; before, what was there and is not any more by now goes unseen."""
        counted = getattr(data, "cumulative_metrics", None)
        if counted is not None:
            self._spilled = int(counted.get(("disk-write", "bytes"), 0))
        elif hasattr(data, "spilled_total"):
            on_disk = int(data.spilled_total[1])
            self._spilled += max(on_disk - self._on_disk, 0)
            self._on_disk = on_disk

    def _look_at_transfers(self, log: Any) -> None:
        """Dask keeps the last thousand or more."""
        for entry in reversed(log):
            if entry is self._last:
                break
            self._moved += int(entry["total"])
        self._last = log[-1] if log else None


def peak() -> int:
    """The most memory that this process has had. getrusage would tell of what it was before exec, too."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
