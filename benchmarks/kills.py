"""Kills the real operator process at random moments during a batch of real runs: nothing may be lost.

`make kills`, or with the operator installed `tests/cluster/in .venv/bin/python -m benchmarks.kills`.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.e2e.flows import flow_run
from tests.e2e.operator import Operator
from tests.kube import TERMINAL, Kube, namespace

LIVE = 3
"""Runs at a time; with two cores more would only wait for each other."""
LONGEST_LIFE = 4.0
"""Seconds an operator lives at most; it is ready after about one."""

SAME = {"DASKFLOW_IDENTITY": "killed"}
"""Each takes up the lease of the one before, as a container of the same pod does."""

WORKS = """
import time
from distributed import Client
print("begun", flush=True)
with Client() as client:
    total = client.submit(sum, range(10)).result()
time.sleep(1)
result = total
"""
FAILS = WORKS + "raise ValueError('on purpose')\n"
SECOND = WORKS + "import os\nif os.environ['DASKFLOW_ATTEMPT'] == '1': raise ValueError('on purpose')\n"
RETRIES = {"limit": 1, "backoff": {"initial": "1s"}}
KINDS = {
    # flow, further spec, expected phase, how often its code begins
    "works": (WORKS, {}, "Succeeded", 1),
    "fails": (FAILS, {}, "Failed", 1),
    "second": (SECOND, {"retries": RETRIES}, "Succeeded", 2),
}


def _operator(log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        command = [sys.executable, "-m", "daskflow.controller"]
        return subprocess.Popen(command, stdout=output, stderr=output, env=os.environ | SAME)


def _start(kube: Kube, number: int, chance: random.Random) -> None:
    kind = chance.choice(sorted(KINDS))
    flow, more, _, _ = KINDS[kind]
    kube.create(flow_run(f"{kind}-{number}", flow, **more))


def _live(kube: Kube) -> int:
    runs = kube.items("FlowRun")
    return sum((run.get("status") or {}).get("phase") not in TERMINAL for run in runs)


def kill_often(kube: Kube, kills: int, seed: int, log: Path) -> int:
    """Keeps runs live and kills the operator so many times; answers how many runs were started."""
    chance, started = random.Random(seed), 0
    for number in range(kills):
        process = _operator(log)
        until = time.monotonic() + chance.uniform(0.5, LONGEST_LIFE)
        while time.monotonic() < until:
            if _live(kube) < LIVE:
                _start(kube, started, chance)
                started += 1
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        print(f"\r{number + 1} kills, {started} runs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return started


def faults(kube: Kube) -> list[str]:
    """What is wrong with the runs that have ended, in a line each."""
    found = []
    for run in kube.items("FlowRun"):
        name = run["metadata"]["name"]
        _, _, phase, begins = KINDS[name.partition("-")[0]]
        if run["status"]["phase"] != phase:
            found.append(f"{name}: {run['status']['phase']} {run['status']['message']}, not {phase}")
        begun = sum(kube.logs(pod["metadata"]["name"]).count("begun") for pod in kube.runners(name))
        if begun != begins:
            found.append(f"{name}: its code began {begun} times, not {begins}")
    return found


def main() -> None:
    """Prints what happened; exits with 1 if anything was lost, doubled or leaked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    installed, log = Operator(), Path(tempfile.gettempdir()) / "daskflow-killed-operator.log"
    log.unlink(missing_ok=True)
    installed.stop()
    with namespace() as kube:
        began = time.monotonic()
        started = kill_often(kube, chosen.kills, chosen.seed, log)
        installed.start()
        kube.wait("all runs to end", lambda: not _live(kube), 300)
        kube.wait("all compute to end", lambda: not kube.living(), 60)
        wrong = faults(kube)
        phases = Counter(run["status"]["phase"] for run in kube.items("FlowRun"))
        lost = started - sum(phases.values())
        print(
            f"{chosen.kills} kills in {time.monotonic() - began:.0f} s during {started} runs: {dict(phases)}"
        )
        print(f"lost {lost}, wrong or doubled {len(wrong)}, left behind {len(kube.living())}")
        print("\n".join(wrong))
    raise SystemExit(1 if wrong or lost else 0)


if __name__ == "__main__":
    main()
