"""Kills the real operator process at random moments during a batch of real runs: nothing may be lost.

`make kills`, or with the operator installed `tests/cluster/in .venv/bin/python -m benchmarks.kills`. With
`--faults 200` so many of its API calls go wrong as well, by the proxy of `tests/fire`.
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
from itertools import count
from pathlib import Path

from tests.e2e.flows import flow_run
from tests.e2e.operator import Operator
from tests.fire.beside import Through, proxied
from tests.fire.faults import Fate
from tests.fire.traffic import WINDOW_SECONDS
from tests.kube import TERMINAL, Kube, namespace

LIVE = 3
"""Runs at a time; with two cores more would only wait for each other."""
LONGEST_LIFE = 4.0
"""Seconds an operator lives at most; it is ready after about one."""
CALMER_LIFE = 20.0
"""The same once all kills have come, and faults have not."""

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


def _operator(log: Path, through: Through) -> "subprocess.Popen[bytes]":
    environment = os.environ | SAME | {"KUBECONFIG": str(through.kubeconfig)}
    with log.open("ab") as output:
        command = [sys.executable, "-m", "daskflow.controller"]
        return subprocess.Popen(command, stdout=output, stderr=output, env=environment)


def _start(kube: Kube, number: int, chance: random.Random) -> None:
    kind = chance.choice(sorted(KINDS))
    flow, more, _, _ = KINDS[kind]
    kube.create(flow_run(f"{kind}-{number}", flow, **more))


def _live(kube: Kube) -> int:
    runs = kube.items("FlowRun")
    return sum((run.get("status") or {}).get("phase") not in TERMINAL for run in runs)


def kill_often(kube: Kube, kills: int, seed: int, log: Path, through: Through) -> tuple[int, int]:
    """Keeps runs live and kills the operator so many times, or for longer where faults are still to come.

    Answers how often it was killed, and how many runs were started.
    """
    chance, started, fate = random.Random(seed), 0, through.proxy.fate
    for number in count():
        if number >= kills and not fate.left:
            break
        process = _operator(log, through)
        until = time.monotonic() + chance.uniform(0.5, LONGEST_LIFE if number < kills else CALMER_LIFE)
        while time.monotonic() < until:
            if _live(kube) < LIVE:
                _start(kube, started, chance)
                started += 1
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        words = f"{number + 1} kills, {fate.happened.total()} faults, {started} runs"
        print(f"\r{words}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return number, started


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
    parser.add_argument("--faults", type=int, default=0, help="how many API calls go wrong")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    installed, log = Operator(), Path(tempfile.gettempdir()) / "daskflow-killed-operator.log"
    log.unlink(missing_ok=True)
    installed.stop()
    with namespace() as kube:
        began = time.monotonic()
        with proxied(Fate(chosen.seed, chosen.faults)) as through:
            kills, started = kill_often(kube, chosen.kills, chosen.seed, log, through)
        installed.start()
        kube.wait("all runs to end", lambda: not _live(kube), 300)
        kube.wait("all compute to end", lambda: not kube.living(), 60)
        wrong = faults(kube)
        phases = Counter(run["status"]["phase"] for run in kube.items("FlowRun"))
        lost = started - sum(phases.values())
        happened, most = through.proxy.fate.happened, through.proxy.traffic
        seconds = time.monotonic() - began
        print(f"{kills} kills in {seconds:.0f} s during {started} runs: {dict(phases)}")
        print(f"{happened.total()} faults: { ({fault.value: n for fault, n in happened.items()}) }")
        print(f"most of one call within {WINDOW_SECONDS:.0f} s: {most.most} ({most.most_of})")
        print(f"lost {lost}, wrong or doubled {len(wrong)}, left behind {len(kube.living())}")
        print("\n".join(wrong))
    raise SystemExit(1 if wrong or lost else 0)


if __name__ == "__main__":
    main()
