"""What the runtime costs, in plain processes: against Dask's own client, `dask scheduler` and `dask worker`.

`make runtime` runs all of it. Both sides of a pair run after each other, in changing order, with the same
interpreter, the same certificates and the same configuration.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from daskflow.runtime.pack import pack

from tests.runtime.conftest import PYTHON, Pods, answers, authority

THREADS = 2
TASKS = {
    "1,000 short tasks": "sum(client.gather(client.map(abs, range(1000), pure=False)))",
    "10 s of work": "sum(client.gather(client.map(work, range(20), pure=False)))",
}
"""20 tasks of a second on THREADS threads take ten."""
FLOW = """
import time
from distributed import Client

def work(number):
    time.sleep(1)
    return number

def flow():
    with Client() as client:
        return {expression}

if __name__ == "__main__":
    print(flow())
"""
_NO_DASHBOARD = "--no-dashboard"  # as the runtime, unless it is asked for


class Place:
    """A folder of its own with what both sides are given; everything in it ends with the `with` block."""

    def __init__(self, certificates: Path, pyz: bytes) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="daskflow-bench-")
        self.pods = Pods(Path(self._temporary.name), pyz, certificates)
        self._plain: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Place":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._plain:
            process.kill()
            process.wait()
        self.pods.end()
        self._temporary.cleanup()

    def plain(self, name: str, *command: str) -> "tuple[subprocess.Popen[bytes], Path]":
        """A process as anybody starts it, and its log."""
        log = self.pods.folder / f"{name}.log"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "DASK_CONFIG": str(self.pods.secret / "dask.yaml"),
            "DASK_SCHEDULER_ADDRESS": self.address,
        }
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [PYTHON, *command], env=environment, cwd=self.pods.folder, stdout=stream, stderr=stream
            )
        self._plain.append(process)
        return process, log

    @property
    def address(self) -> str:
        return f"tls://127.0.0.1:{self.pods.port}"

    def dask_scheduler(self) -> None:
        at = ("--host", "127.0.0.1", "--port", str(self.pods.port))
        self.plain("scheduler", "-m", "dask", "scheduler", *at, _NO_DASHBOARD)

    def dask_worker(self) -> Path:
        options = ("--nthreads", str(THREADS), "--memory-limit", "0", "--no-nanny", _NO_DASHBOARD)
        return self.plain("worker", "-m", "dask", "worker", self.address, *options)[1]

    def our_worker(self) -> Path:
        worker = self.pods.worker(DASKFLOW_THREADS=THREADS)
        return self.pods.folder / f"{worker.name}.log"


def until(what: str, condition: Callable[[], Any], process: Path | None = None) -> float:
    """Wait for it, looking often; the time at which it was seen."""
    limit = time.monotonic() + 120
    while not condition():
        if time.monotonic() > limit:
            raise SystemExit(f"waited in vain for {what}\n{process.read_text() if process else ''}")
        time.sleep(0.003)
    return time.monotonic()


def registered(log: Path) -> float:
    return until("a worker to register", lambda: b"Registered to" in log.read_bytes(), log)


def total_of_ours(place: Place, source: str) -> float:
    """From the start of the runner's process to its end."""
    place.pods.file("flow.py", source)
    place.pods.scheduler()
    registered(place.our_worker())
    began = time.monotonic()
    runner = place.pods.runner({"entrypoint": "flow:flow"}, 1)
    outcome = runner.outcome()
    if outcome["outcome"] != "Succeeded":
        raise SystemExit(f"the flow failed: {outcome}")
    return time.monotonic() - began


def total_of_plain(place: Place, source: str) -> float:
    """From the start of the same flow's process to its end."""
    (place.pods.folder / "flow.py").write_text(source)
    place.dask_scheduler()
    registered(place.dask_worker())
    began = time.monotonic()
    process, log = place.plain("flow", "flow.py")
    if process.wait():
        raise SystemExit(f"the flow failed:\n{log.read_text()}")
    return time.monotonic() - began


def scheduler_of_ours(place: Place, _: str) -> float:
    began = time.monotonic()
    place.pods.scheduler()
    return until("the scheduler to listen", lambda: answers(place.pods.port)) - began


def scheduler_of_plain(place: Place, _: str) -> float:
    began = time.monotonic()
    place.dask_scheduler()
    return until("the scheduler to listen", lambda: answers(place.pods.port)) - began


def worker_of_ours(place: Place, _: str) -> float:
    scheduler_of_ours(place, _)
    began = time.monotonic()
    return registered(place.our_worker()) - began


def worker_of_plain(place: Place, _: str) -> float:
    scheduler_of_plain(place, _)
    began = time.monotonic()
    return registered(place.dask_worker()) - began


Measure = Callable[[Place, str], float]
MEASURES: dict[str, tuple[Measure, Measure, str]] = {
    "scheduler listening": (scheduler_of_ours, scheduler_of_plain, ""),
    "worker registered": (worker_of_ours, worker_of_plain, ""),
    **{
        title: (total_of_ours, total_of_plain, FLOW.format(expression=expression))
        for title, expression in TASKS.items()
    },
}


def pairs(measure: tuple[Measure, Measure, str], count: int, certificates: Path) -> list[tuple[float, float]]:
    """Seconds of ours and of Dask's own, `count` times."""
    pyz = pack()
    *sides, source = measure
    found = []
    for number in range(count):
        times = {}
        for side in (0, 1) if number % 2 else (1, 0):
            with Place(certificates, pyz) as place:
                times[side] = sides[side](place, source)
        found.append((times[0], times[1]))
    return found


def line(title: str, found: Sequence[tuple[float, float]]) -> str:
    """Medians, and the median ratio with the middle half of all ratios."""
    ours, plain = (statistics.median(pair[side] for pair in found) for side in (0, 1))
    ratios = [a / b for a, b in found]
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return f"{title:22}{ours:9.3f}{plain:9.3f}{middle:9.3f}   {low:.3f} to {high:.3f}"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--only", choices=MEASURES, action="append")
    chosen = parser.parse_args()
    print(f"{chosen.pairs} pairs, {os.path.basename(sys.executable)}; seconds")
    print(f"{'':22}{'ours':>9}{'Dask':>9}{'ratio':>9}   middle half")
    with tempfile.TemporaryDirectory() as folder:
        certificates = Path(folder) / "tls"
        authority(certificates)
        for title in chosen.only or MEASURES:
            print(line(title, pairs(MEASURES[title], chosen.pairs, certificates)), flush=True)


if __name__ == "__main__":
    main()
