"""What a kind of flow costs to start: one task on one worker, all processes started at once, as pods are.

`python -m benchmarks.kinds [ROUNDS]` after `make environments`. Interleaved; medians of the seconds from the
start of the processes to the flow's first line and to the runner's end, and that end over a plain function's.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from daskflow.runtime.pack import pack

from tests.runtime import environments
from tests.runtime.conftest import Pods, authority

PLAIN = """
from distributed import get_client

def flow():
    return get_client().submit(int, "7").result()
"""
PREFECT3 = """
from prefect import flow as flow_, task

@task
def seven():
    return int("7")

@flow_
def flow():
    return seven.submit().result()
"""
PREFECT1 = """
from prefect import Flow, task

@task
def seven():
    return int("7")

with Flow("seven") as flow:
    seven()
"""
KINDS = {
    "plain": ("prefect3", PLAIN, False),
    "Prefect 3": ("prefect3", PREFECT3, True),
    "Prefect 3, database not migrated": ("prefect3", PREFECT3, False),
    "Prefect 1": ("prefect1", PREFECT1, False),
}


def measure(kind: str, pyz: bytes, certificates: Path, folder: Path) -> tuple[float, float]:
    """Seconds to the first line and to the end."""
    image, source, migrated = KINDS[kind]
    pods = Pods(folder, pyz, certificates).image(image)
    pods.file("seven.py", source)
    told = {"DASKFLOW_LEASE_SECONDS": "20"}
    if migrated:
        told["DASKFLOW_PREFECT_DATABASE"] = str(environments.folder("prefect3") / "prefect.db")
    start = time.monotonic()
    try:
        pods.cluster(1, DASKFLOW_ENTRYPOINT="seven.py:flow", DASKFLOW_LEASE_SECONDS="20")
        runner = pods.runner({"entrypoint": "seven.py:flow"}, 1, **told)
        while not runner.ready():
            time.sleep(0.01)
        begun = time.monotonic() - start
        runner.wait(300)
        outcome = runner.message()
        assert outcome["result"] == 7, runner.log()
        return begun, time.monotonic() - start
    finally:
        pods.end()


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    pyz = pack()
    taken: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as name:
        authority(Path(name) / "tls")
        for number in range(rounds):
            for kind in KINDS:
                folder = Path(name) / f"{kind}-{number}"
                folder.mkdir()
                taken[kind].append(measure(kind, pyz, Path(name) / "tls", folder))
    base = statistics.median(end for _, end in taken["plain"])
    for kind, times in taken.items():
        begun, end = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{kind:34} first line {begun:5.2f} s   end {end:5.2f} s   over plain {end - base:5.2f} s")


if __name__ == "__main__":
    main()
