"""What recording the report of a run takes by itself: microseconds of each hook, and memory.

`python -m benchmarks.recorder` prints it; `benchmarks.reports` has real schedulers.
"""

import argparse
import statistics
import time
import tracemalloc
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from daskflow.runtime.scheduler.hooks import Hooks
from daskflow.runtime.scheduler.open_tasks import OpenTasks
from daskflow.runtime.scheduler.report import Report
from daskflow.runtime.scheduler.reports import Reports
from daskflow.runtime.scheduler.task_counts import TaskCounts
from distributed.diagnostics.plugin import SchedulerPlugin

LIFE = (
    ("released", "waiting"),
    ("waiting", "processing"),
    ("processing", "memory"),
    ("memory", "released"),
    ("released", "forgotten"),
)
"""Changes of the state of a task from its submission until nobody wants its result any more."""


WAVE = 100
"""Tasks that are in each of these states at a time."""


class Prefix(SimpleNamespace):
    """Dask's are hashed by identity."""

    __hash__ = object.__hash__


class Nothing(SchedulerPlugin):  # type: ignore[misc]
    """A hook that does nothing."""

    def transition(self, key: Any, start: str, finish: str, *args: Any, **kwargs: Any) -> None:
        """Called as Dask does."""


def _scheduler(tasks: int) -> Any:
    """As much of one as hooks look at."""
    worker = SimpleNamespace(
        address="tcp://w",
        name="w",
        nthreads=2,
        metrics={},
        memory_limit=0,
        status=SimpleNamespace(name="running"),
        long_running=set(),
        processing={},
        executing={},
    )
    prefixes = [Prefix(name=f"prefix-{number}") for number in range(20)]
    found = {
        f"key-{number}": SimpleNamespace(
            prefix=prefixes[number % 20],
            worker_restrictions=None,
            host_restrictions=None,
            loose_restrictions=False,
            resource_restrictions=None,
        )
        for number in range(tasks)
    }
    return SimpleNamespace(tasks=found, workers={"tcp://w": worker}, unrunnable={}, queued=())


def _hooks(scheduler: Any, reports: bool) -> tuple[Any, Reports]:
    open_tasks = OpenTasks(scheduler, lambda: None)
    of = Reports(scheduler, reports)
    open_tasks.turned = of.work
    scaling: Any = SimpleNamespace(open_tasks=open_tasks)
    unused: Any = None
    return Hooks(TaskCounts(lambda: None, lambda: None), scaling, unused, of), of


def hook(plugin: Any, keys: list[str]) -> float:
    """Microseconds that the plugin takes for each task."""
    now = time.time()
    told = {
        "worker": "tcp://w",
        "nbytes": 28,
        "typename": "int",
        "type": b"",
        "thread": 1,
        "run_id": 1,
        "metadata": {},
        "startstops": [
            {"action": "transfer", "start": now, "stop": now + 0.001, "source": "tcp://v"},
            {"action": "compute", "start": now + 0.001, "stop": now + 0.002},
        ],
    }
    began = time.process_time()
    for first in range(0, len(keys), WAVE):
        for start, finish in LIFE:
            more = told if finish == "memory" else {}
            for key in keys[first : first + WAVE]:
                plugin.transition(key, start, finish, stimulus_id="s", **more)
    return (time.process_time() - began) / len(keys) * 1e6


def hooks(rounds: int) -> None:
    """Prints medians."""
    scheduler = _scheduler(20_000)
    keys = list(scheduler.tasks)
    makers: dict[str, Callable[[], Any]] = {
        "empty": Nothing,
        "without reports": lambda: _hooks(scheduler, False)[0],
        "with a report": lambda: _hooks(scheduler, True)[0],
    }
    found: dict[str, list[float]] = {name: [] for name in makers}
    for _ in range(rounds):
        for name, make in makers.items():
            found[name].append(hook(make(), keys))
    for name, times in found.items():
        spread = f"{min(times):.2f} to {max(times):.2f}"
        print(f"hook, {name:16}{statistics.median(times):8.2f} us a task ({spread})")


def memory(tasks: int) -> None:
    """Prints what is kept of so many tasks, and what their record takes."""
    scheduler = _scheduler(1)
    worker = scheduler.workers["tcp://w"]
    tracemalloc.start()
    report = Report(scheduler, False)
    report.keep_tasks()
    began = time.time()
    for number in range(tasks):
        start = began + number / 1000
        told = [{"action": "compute", "start": start, "stop": start + 0.5}]
        report.task(number, f"prefix-{number % 300}", "memory", told, number, worker)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.tasks is not None
    at = time.perf_counter()
    packed = len(report.tasks.frozen().packed())
    took = time.perf_counter() - at
    at = time.perf_counter()
    report.said()
    said = time.perf_counter() - at
    print(
        f"{tasks} tasks: {kept / 1e6:.1f} MB kept (at most {most / 1e6:.1f}); record {packed / 1e6:.1f} MB"
        f" gzipped in {took:.1f} s; the report in {said * 1e3:.1f} ms"
    )


def main() -> None:
    """Prints both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--tasks", type=int, default=1_500_000, help="of the memory's measure")
    chosen = parser.parse_args()
    hooks(chosen.rounds)
    memory(chosen.tasks)


if __name__ == "__main__":
    main()
