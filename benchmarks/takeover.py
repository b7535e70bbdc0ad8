"""How long nobody leads: a leader is killed, frozen or stopped, and another operator takes over.

`make takeover`, or with the operator installed `tests/cluster/in .venv/bin/python -m benchmarks.takeover`.
Two operators run as processes of this machine on the cluster; a suspended FlowRun is created in the moment of
the signal, and the time counts until its status is written. Prints a table, and what the one that stood by
has cost the API server beside the one that led.
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import PORT
from tests.e2e.flows import flow_run
from tests.e2e.operator import Operator
from tests.kube import Kube, namespace

LEASE = "daskflow-takeover"
PATIENCE = 60.0
FLOW = "print('hello')"
WAYS = ("kill", "freeze", "stop")
LOAD_RUNS = 10
SAMPLE = re.compile(r"^(daskflow_api_(?:requests|objects)_total)\{(.*)\} (\S+)$", re.M)


class Replica:
    """One operator's process."""

    def __init__(self, number: int, log: Path) -> None:
        self._port = PORT + 1 + number % 100
        own = {
            "DASKFLOW_METRICS_PORT": str(self._port),
            "DASKFLOW_LEASE": LEASE,
            "DASKFLOW_IDENTITY": f"replica-{number}",
        }
        with log.open("ab") as output:
            command = [sys.executable, "-m", "daskflow.controller"]
            self.popen = subprocess.Popen(command, stdout=output, stderr=output, env=os.environ | own)

    def await_ready(self) -> None:
        """Until it has listed everything."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.popen.poll() is None:
            try:
                if self._get("/readyz"):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("an operator is not ready")

    def cost(self) -> dict[str, float]:
        """What it has asked of the API server: requests, and objects of lists and watches."""
        found: Counter[str] = Counter()
        for name, _, value in SAMPLE.findall(self._get("/metrics")):
            found["requests" if "requests" in name else "objects"] += float(value)
        return dict(found)

    def send(self, number: int) -> None:
        """A signal."""
        self.popen.send_signal(number)

    def end(self) -> None:
        """For good."""
        self.popen.kill()
        self.popen.wait()

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=2) as answer:
            text: str = answer.read().decode()
            return text


class Pair:
    """One leads and one stands by, again and again."""

    def __init__(self, kube: Kube, log: Path) -> None:
        self._kube = kube
        self._log = log
        self._started = 0
        self.leader = self._start()
        self._kube.wait("a leader", lambda: self._works("first"))
        self.standby = self._start()

    def takeover(self, way: str) -> float:
        """What becomes of the leader, and how many seconds later its work is done."""
        name = f"{way}-{self._started}-{time.monotonic_ns() % 10**6}"
        self.leader.send({"kill": signal.SIGKILL, "freeze": signal.SIGSTOP, "stop": signal.SIGTERM}[way])
        began = time.monotonic()
        self._make(name)
        while not self._known(name):
            if time.monotonic() > began + PATIENCE:
                raise RuntimeError(f"nobody took over after {way}; see {self._log}")
            time.sleep(0.05)
        took = time.monotonic() - began
        self.leader, self.standby = self.standby, self.leader
        if way == "freeze":
            self.standby.send(signal.SIGCONT)
            time.sleep(2.0)  # it finds out, and stands by
        else:
            self.standby.popen.wait(20)
            self.standby = self._start()
        self._kube.delete("FlowRun", name)
        return took

    def end(self) -> None:
        """Both."""
        self.leader.end()
        self.standby.end()

    def _start(self) -> Replica:
        self._started += 1
        made = Replica(self._started, self._log)
        made.await_ready()
        return made

    def _make(self, name: str) -> None:
        self._kube.create(flow_run(name, FLOW, suspend=True))

    def _known(self, name: str) -> bool:
        return "phase" in self._kube.run_status(name)

    def _works(self, name: str) -> bool:
        if self._kube.get("FlowRun", name) is None:
            self._make(name)
        return self._known(name)


def load(pair: Pair, kube: Kube) -> str:
    """What the one that stands by costs while the other has runs to look after."""
    before = [each.cost() for each in (pair.leader, pair.standby)]
    for number in range(LOAD_RUNS):
        kube.create(flow_run(f"load-{number}", FLOW))
    kube.wait("the runs to end", lambda: all(_ended(kube, number) for number in range(LOAD_RUNS)), 300)
    after = [each.cost() for each in (pair.leader, pair.standby)]
    lines = [f"{LOAD_RUNS} runs | leader | stands by | ratio", "---|---|---|---"]
    for what in ("requests", "objects"):
        leader, standby = (
            now.get(what, 0) - was.get(what, 0) for was, now in zip(before, after, strict=True)
        )
        lines.append(f"{what} | {leader:.0f} | {standby:.0f} | {standby / leader:.2f}")
    return "\n".join(lines)


def _ended(kube: Kube, number: int) -> bool:
    return kube.run_status(f"load-{number}").get("phase") in ("Succeeded", "Failed")


@contextmanager
def alone() -> Iterator[None]:
    """The installed operator is stopped meanwhile."""
    installed = Operator()
    installed.stop()
    try:
        yield
    finally:
        installed.start()


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS))
    parser.add_argument("--load", action="store_true", help="also what the one that stands by costs")
    chosen = parser.parse_args()
    log = Path(tempfile.gettempdir()) / "daskflow-takeover.log"
    log.unlink(missing_ok=True)
    with alone(), namespace() as kube:
        pair = Pair(kube, log)
        try:
            if chosen.load:
                print(load(pair, kube))
            print("leader | rounds | median | worst\n---|---|---|---", flush=True)
            for way in chosen.ways:
                seconds = [pair.takeover(way) for _ in range(chosen.rounds)]
                print(way, *(f"{each:.2f}" for each in sorted(seconds)), file=sys.stderr, flush=True)
                print(
                    f"{way} | {len(seconds)} | {statistics.median(seconds):.1f} s | {max(seconds):.1f} s",
                    flush=True,
                )
        finally:
            pair.end()
            kube.delete("FlowRun", "first")


if __name__ == "__main__":
    main()
