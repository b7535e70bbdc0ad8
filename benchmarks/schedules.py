"""How long until many schedules that fire in the same minute have their runs.

`python -m benchmarks.schedules --count 1000`, on a cluster of its own with simulated nodes.
The operator runs from the sources.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.scale.place import load, program
from tests.e2e.flows import flow_run
from tests.kube import Kube, namespace

PORT = 18080
PERIOD = 0.1
"""Seconds between two looks at how many runs there are; each is a list of one object."""
PATIENCE = 300.0


def schedule(number: int, tick: datetime, suspended: bool) -> dict[str, Any]:
    """One that fires at this minute, once a year."""
    run = flow_run("x", "result = 1", suspend=suspended)
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowSchedule",
        "metadata": {"name": f"many-{number}"},
        "spec": {"cron": f"{tick:%-M %-H %-d %-m} *", "template": {"spec": run["spec"]}},
    }


@contextmanager
def operator() -> Iterator[None]:
    """The operator's process, from the time when it has listed everything."""
    with tempfile.NamedTemporaryFile("ab", suffix=".log") as log:
        environment = os.environ | {"DASKFLOW_METRICS_PORT": str(PORT), "DASKFLOW_LEASE": "daskflow-process"}
        command = [sys.executable, "-m", "daskflow.controller"]
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            until = time.monotonic() + 60
            while not _ready():
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(Path(log.name).read_text()[-2000:])
                time.sleep(PERIOD)
            yield
        finally:
            process.terminate()
            process.wait(20)


def _ready() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _count(kube: Kube) -> int:
    answer = kube.call("GET", kube.path("FlowRun"), limit=1)
    return len(answer["items"]) + (answer["metadata"].get("remainingItemCount") or 0)


def measure(kube: Kube, count: int, suspended: bool) -> dict[int, float]:
    """Seconds from the tick until each tenth of the runs exists, by how many those are."""
    seconds = 30 + count / 25
    tick = (datetime.now(UTC) + timedelta(seconds=60 + seconds)).replace(second=0, microsecond=0)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: kube.create(schedule(number, tick, suspended)), range(count)))
    late = (datetime.now(UTC) - tick).total_seconds()
    if late > -2:
        raise RuntimeError("creating the schedules took too long")
    time.sleep(-late)
    marks = {max(1, count * tenth // 10): 0.0 for tenth in range(1, 11)}
    while not all(marks.values()):
        found, passed = _count(kube), (datetime.now(UTC) - tick).total_seconds()
        marks = {mark: at or (passed if found >= mark else 0.0) for mark, at in marks.items()}
        if passed > PATIENCE:
            raise RuntimeError(f"{found} of {count} runs after {passed:.0f} s")
        time.sleep(PERIOD)
    time.sleep(5)
    owners = Counter(run["metadata"]["ownerReferences"][0]["name"] for run in kube.items("FlowRun"))
    if len(owners) != count or set(owners.values()) != {1}:
        raise RuntimeError(f"not one run each: {owners.most_common(3)}")
    return marks


def _table(options: argparse.Namespace) -> str:
    with namespace() as kube, operator():
        marks = measure(kube, options.count, options.suspended)
    rows = (f"  {mark:5} runs after {seconds:.1f} s" for mark, seconds in marks.items())
    kind = "that start nothing" if options.suspended else "with a cluster of one worker"
    return "\n".join((f"{options.count} schedules in the same minute, of runs {kind}; {load()}", *rows))


def main() -> int:
    """Prints one line for each tenth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--suspended", action="store_true", help="runs that start nothing")
    return program("benchmarks.schedules", parser, _table)


if __name__ == "__main__":
    sys.exit(main())
