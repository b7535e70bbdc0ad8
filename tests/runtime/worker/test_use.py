"""What a worker says of itself with a heartbeat."""

import subprocess
import sys
from collections import deque
from types import SimpleNamespace
from typing import Any

from daskflow.runtime.worker import use
from daskflow.runtime.worker.use import Use


def worker(data: Any, log: Any = ()) -> Any:
    return SimpleNamespace(data=data, transfer_incoming_log=deque(log, maxlen=3))


def test_bytes_on_disk_are_added_up_where_dask_does_not_count_them() -> None:
    told, data = Use(), SimpleNamespace(spilled_total=(0, 0))
    seen = []
    for on_disk in (0, 50, 30, 70):
        data.spilled_total = (1, on_disk)
        seen.append(told(worker(data))["spilled"])
    assert seen == [0, 50, 50, 90]


def test_where_dask_counts_them_that_is_it() -> None:
    data = SimpleNamespace(spilled_total=(0, 0), cumulative_metrics={("disk-write", "bytes"): 1e9})
    assert Use()(worker(data))["spilled"] == 10**9
    assert Use()(worker({}))["spilled"] == 0  # a worker that spills nothing has a dict


def test_each_transfer_counts_once_and_those_that_were_pushed_out_are_missed() -> None:
    told, dask_worker = Use(), worker({})
    for total, seen in ((100, 100), (20, 120), (3, 123)):
        dask_worker.transfer_incoming_log.append({"total": total})
        assert told(dask_worker)["moved"] == seen
    assert told(dask_worker)["moved"] == 123
    for total in (1000, 2000, 3000, 4000):
        dask_worker.transfer_incoming_log.append({"total": total})
    assert told(dask_worker)["moved"] == 9123


def test_the_peak_is_this_processs_own_and_stays() -> None:
    """Of a small process that a large one has started."""
    ballast = bytearray(300 * 2**20)
    child = "from daskflow.runtime.worker.use import peak\nx = bytearray(60 << 20); a = peak()\n"
    child += "del x\nprint(a, peak())"
    said = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True).stdout
    first, then = map(int, said.split())
    assert 60 * 2**20 < first < 200 * 2**20
    assert then > first - 2**20
    assert use.peak() > len(ballast)
