"""How long from the word to the flow's first line: clusters that wait, and cold ones.

`python -m benchmarks.instant` tries processes alone: the runtime's part, from the claim's message on.
"""

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from daskflow.runtime.pack import pack

from tests.runtime.conftest import Pods, authority
from tests.runtime.waiting import Waiting

WORKERS = 2
FLOW = """
import time
from distributed import get_client
from beside import double

def flow():
    print("FIRST", time.time(), flush=True)
    get_client().submit(double, 2).result()
    print("TASK", time.time(), flush=True)
"""
BESIDE = "def double(n):\n    return 2 * n\n"
ENTRYPOINT = {"entrypoint": "flows/etl.py:flow"}
IDLE = 0.5
"""Seconds that a cluster has waited at least."""
Times = tuple[float, float]
"""Seconds to the first line, and from there to the first task's result."""


def claimed(pods: Pods) -> Times:
    """From the claim's message."""
    os.environ["DASKFLOW_DIR"] = str(pods.secret)
    waiting = Waiting(pods, WORKERS)
    waiting.parked()
    time.sleep(IDLE)
    began = time.time()
    waiting.claim(ENTRYPOINT)
    return _said(waiting.runner.outcome(), waiting.runner.log(), began)


def cold(pods: Pods) -> Times:
    """From the start of all processes at once."""
    began = time.time()
    pods.cluster(WORKERS, DASKFLOW_ENTRYPOINT=ENTRYPOINT["entrypoint"])
    runner = pods.runner(ENTRYPOINT, WORKERS)
    return _said(runner.outcome(), runner.log(), began)


def _said(outcome: Mapping[str, object], log: str, began: float) -> Times:
    if outcome["outcome"] != "Succeeded":
        raise SystemExit(f"the flow failed: {outcome}\n{log}")
    first, task = (float(found) for found in re.findall(r"^(?:FIRST|TASK) (\S+)$", log, re.MULTILINE))
    return first - began, task - first


def processes(count: int) -> dict[str, list[Times]]:
    """Both in turn, so that the machine's mood hits them alike."""
    pyz = pack()
    found: dict[str, list[Times]] = {"claim": [], "cold": []}
    with tempfile.TemporaryDirectory(prefix="daskflow-bench-") as folder:
        authority(Path(folder) / "tls")
        for number in range(count):
            for kind, measure in (("claim", claimed), ("cold", cold)):
                place = Path(folder) / f"{kind}-{number}"
                place.mkdir()
                pods = Pods(place, pyz, Path(folder) / "tls")
                pods.file("flows/etl.py", FLOW)
                pods.file("flows/beside.py", BESIDE)
                try:
                    found[kind].append(measure(pods))
                finally:
                    pods.end()
    return found


def table(found: Mapping[str, Sequence[Times]], what: Sequence[str]) -> str:
    """Of each kind the number, and median, 9 of 10, 99 of 100, and the worst, in milliseconds."""
    lines = [f"{'':34}{'n':>5}{'p50':>8}{'p90':>8}{'p99':>8}{'worst':>8}"]
    for index, title in enumerate(what):
        for kind, times in found.items():
            each = sorted(one[index] * 1000 for one in times)
            parts = statistics.quantiles(each, n=100, method="inclusive") if len(each) > 1 else each * 99
            shown = (parts[49], parts[89], parts[98], each[-1])
            lines.append(f"{f'{title}, {kind}':34}{len(each):5}" + "".join(f"{ms:8.0f}" for ms in shown))
    return "\n".join(lines)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=20, help="of each [20]")
    chosen = parser.parse_args()
    print(f"{chosen.count} of each, {WORKERS} workers, {os.path.basename(sys.executable)}; ms")
    print(table(processes(chosen.count), ("first line", "then first task")))


if __name__ == "__main__":
    main()
