"""What reports cost real schedulers, and whether they tell the truth. `python -m benchmarks.reports`.

tasks: one scheduler, its workers and a client as processes; batches of tasks that do nothing, in turn with
reports and without them, while everything else stays the same. On a machine that is not still these differ
by more than a report takes: so the recording's own seconds are measured, too, the clock's included.
outcome: how long a scheduler takes to answer one, in turn with a report of 200 prefixes and without.
known: the efficiency that is told of a flow which keeps its workers busy for 60 % of the time.
kills: of runs whose runner, scheduler or worker is killed at some moment, how many leave a report.
"""

import argparse
import collections
import os
import random
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from daskflow.api.flowrun_report import report_of
from daskflow.runtime.pack import pack
from daskflow.runtime.runner.control_client import ControlClient
from distributed import Client

from tests.runtime.conftest import Pods, eventually

WORKERS = 2
TIMED = 20
"""Batches in which the recording itself is measured."""
SHARE = 0.6
KNOWN = """
import os, time
from distributed import get_client

def age():
    ticks = int(open("/proc/self/stat").read().rpartition(")")[2].split()[19])
    return float(open("/proc/uptime").read().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")

def work(seconds):
    time.sleep(seconds)

def flow(rounds, share):
    client = get_client()
    began, late = time.monotonic(), age()
    for number in range(rounds):
        seconds = share * (1 + (late if not number else 0))
        client.gather(client.map(work, [seconds] * 4, pure=False))
        time.sleep(max(began + number + 1 - time.monotonic(), 0))
"""
"""Its workers are busy for this share of each second, in the first also of what its process took to come."""


@contextmanager
def _cluster(**environment: Any) -> Iterator[Pods]:
    """A scheduler and WORKERS that have registered."""
    with tempfile.TemporaryDirectory(prefix="daskflow-bench-") as folder:
        pods = Pods(Path(folder), pack(), None)
        try:
            scheduler, workers = pods.cluster(WORKERS, DASKFLOW_LEASE_FIRST_SECONDS=3600, **environment)
            eventually(lambda: scheduler.ready() and all(worker.ready() for worker in workers))
            yield pods
        finally:
            pods.end()


def _client(pods: Pods) -> Any:
    return Client(f"tcp://127.0.0.1:{pods.port}", set_as_default=False)


def _switch(on: bool, dask_scheduler: Any = None) -> float:
    """In the scheduler: reports on or off; its seconds of CPU so far."""
    import time

    reports = dask_scheduler.daskflow[0].reports
    if on and not reports.all:
        reports.all = reports.switched_off
    elif not on and reports.all:
        reports.switched_off, reports.all = reports.all, []
    return time.process_time()


def tasks(pairs: int, batch: int) -> None:
    """Prints the ratio of the scheduler's CPU with reports to that without, over pairs of batches."""
    used: dict[bool, list[float]] = {True: [], False: []}
    with _cluster() as pods, _client(pods) as client:
        for number in range(-1, pairs):
            for on in (True, False) if number % 2 else (False, True):
                began = client.run_on_scheduler(_switch, on)
                client.gather(client.map(abs, range(batch), pure=False))
                spent = client.run_on_scheduler(_switch, on) - began
                if number >= 0:
                    used[on].append(spent)
        recorded, began = client.run_on_scheduler(_timed), client.run_on_scheduler(_switch, True)
        for _ in range(TIMED):
            client.gather(client.map(abs, range(batch), pure=False))
        recorded = client.run_on_scheduler(_timed) - recorded
        all_ = client.run_on_scheduler(_switch, True) - began
    ratios = [a / b for a, b in zip(used[True], used[False], strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    each = statistics.median(used[False]) / batch * 1e6
    print(
        f"{pairs} pairs of {batch} tasks: {each:.0f} us of the scheduler's CPU a task;"
        f" with reports {middle:.4f} ({low:.4f} to {high:.4f}; all: {sum(used[True]) / sum(used[False]):.4f})"
    )
    print(
        f"recording itself: {recorded / TIMED / batch * 1e6:.2f} us a task,"
        f" {100 * recorded / all_:.2f} % of the scheduler's CPU"
    )


def _timed(dask_scheduler: Any = None) -> float:
    """In the scheduler: its seconds of CPU so far that recording took; measured from the first call on."""
    import time

    reports = dask_scheduler.daskflow[0].reports
    if not hasattr(reports, "spent"):
        reports.spent = 0.0
        record, look = reports.task, reports.look

        def task(*told: Any) -> None:
            began = time.thread_time()
            record(*told)
            reports.spent += time.thread_time() - began

        def looked(now: float) -> None:
            began = time.thread_time()
            look(now)
            reports.spent += time.thread_time() - began

        reports.task, reports.look = task, looked
    return float(reports.spent)


def _hidden(hide: bool, dask_scheduler: Any = None) -> None:
    """In the scheduler: let it have no report to answer with, or have it again."""
    reports = dask_scheduler.daskflow[0].reports
    reports.hidden = getattr(reports, "hidden", None) or reports._owned
    reports._owned = None if hide else reports.hidden


def _many_prefixes(dask_scheduler: Any = None) -> None:
    """In the scheduler: a report of as many prefixes as there may be."""
    import time

    report = dask_scheduler.daskflow[0].reports.of("")
    for number in range(300):
        told = [{"action": "compute", "start": time.time(), "stop": time.time() + number / 100}]
        report.task(f"prefix-{number}", "memory", told, number, None)


def outcome(pairs: int) -> None:
    """Prints milliseconds."""
    took: dict[bool, list[float]] = {True: [], False: []}
    final = {"v": 1, "role": "runner", "outcome": "Succeeded", "reason": "", "message": "It succeeded."}
    with _cluster() as pods, _client(pods) as client:
        os.environ["DASKFLOW_DIR"] = str(pods.secret)
        control = ControlClient(pods.control_url, "runner")
        client.run_on_scheduler(_many_prefixes)
        for number in range(pairs):
            for hide in (True, False) if number % 2 else (False, True):
                client.run_on_scheduler(_hidden, hide)
                control.lease(None)
                began = time.perf_counter()
                answer = control.outcome(final, early=True)
                took[hide].append(time.perf_counter() - began)
                assert (answer["report"] is None) is hide
    with_, without = took[False], took[True]
    later = [1e3 * (a - b) for a, b in zip(with_, without, strict=True)]
    low, middle, high = statistics.quantiles(later, n=4)
    print(
        f"outcome, {pairs} pairs: answered in {statistics.median(with_) * 1e3:.2f} ms with a report,"
        f" {statistics.median(without) * 1e3:.2f} without; later by {middle:.2f} ms ({low:.2f} to {high:.2f})"
    )


def known(rounds: int) -> None:
    """Prints what was told, and what it has to be."""
    with _cluster(DASKFLOW_THREADS=2, DASKFLOW_OWNED=0) as pods:
        pods.file("flows.py", KNOWN)
        flow = {"entrypoint": "flows.py:flow", "parameters": {"rounds": rounds, "share": SHARE}}
        runner = pods.runner(flow, WORKERS)
        runner.wait(rounds + 60)
        report = report_of(runner.message()["report"])
    assert report is not None
    spent = report.thread_seconds
    print(
        f"known work, {rounds} s: efficiency {spent.busy / spent.paid:.3f} (is {SHARE});"
        f" busy {spent.busy:.1f}, paid {spent.paid:.1f}, idle {spent.idle:.1f} thread-seconds"
    )


def _killed(chance: random.Random) -> tuple[str, str]:
    """What was killed in one run, and whose report it left: "" for none."""
    with _cluster(DASKFLOW_LEASE_SECONDS=2) as pods:
        scheduler, *_ = pods.pods
        pods.file("flows.py", KNOWN)
        flow = {"entrypoint": "flows.py:flow", "parameters": {"rounds": 3, "share": SHARE}}
        runner = pods.runner(flow, WORKERS, DASKFLOW_LEASE_SECONDS=2)
        victim = chance.choice((*pods.pods, None))
        eventually(lambda: scheduler.message().get("begun"), 60)
        time.sleep(chance.uniform(0, 4))
        if victim is not None:
            victim.signal(signal.SIGKILL)
        for pod in (runner, scheduler):
            pod.wait(60)
            if report_of(pod.message().get("report")) is not None:
                return victim.name if victim else "nothing", pod.name
        return victim.name if victim else "nothing", ""


def kills(runs: int) -> None:
    """Prints how many of each kind have a report."""
    chance = random.Random(17)
    found = collections.Counter(_killed(chance) for _ in range(runs))
    left = sum(count for (_, by), count in found.items() if by)
    print(f"kills, {runs} runs: {left} have a report")
    for (victim, by), count in sorted(found.items()):
        print(f"    killed: {victim:12} report of: {by or 'nobody':12}{count:4}")


def main() -> None:
    """Prints what was chosen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=("tasks", "outcome", "known", "kills"), action="append")
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--batch", type=int, default=2500, help="tasks")
    parser.add_argument("--seconds", type=int, default=30, help="of the flow of known work")
    parser.add_argument("--runs", type=int, default=40, help="with kills")
    chosen = parser.parse_args()
    measures: dict[str, Callable[[], None]] = {
        "tasks": lambda: tasks(chosen.pairs, chosen.batch),
        "outcome": lambda: outcome(200),
        "known": lambda: known(chosen.seconds),
        "kills": lambda: kills(chosen.runs),
    }
    for name in chosen.only or measures:
        measures[name]()


if __name__ == "__main__":
    main()
