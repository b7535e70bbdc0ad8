"""The same DaskJobs on dask-kubernetes' own operator and on ours, in turns, and operators that are killed.

With the operator installed: `tests/cluster/in .venv/bin/python -m benchmarks.daskjobs`. Both are processes
with an administrator's rights, and each turn has its own operator's definitions; the installed one rests.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daskflow.api.dask_kubernetes.names import CLUSTER

from benchmarks import audit, peer
from benchmarks.contestants import DASK_JOB
from tests.cluster.settings import REPOSITORY
from tests.e2e.operator import Operator
from tests.kube import Kube, kubectl, namespace

AT_ONCE = 5
"""Jobs of one turn, created at the same moment."""
OTHERS = ("kube-", "kubelet", "Python-urllib", "kubectl", "coredns")
"""User agents of the control plane, of nodes, and of this benchmark."""
ENDS = ("Successful", "Failed")
LONGEST_LIFE = 12.0
"""Seconds that a killed operator has lived at most: both need a few to start on a busy machine."""
OPEN = 4
"""So many are open at most when another is created: the machine would do nothing else."""
PATIENCE = 180.0
"""Seconds that the last operator has for what the killed ones left."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Side:
    """One of the two operators, and what was measured of it."""

    title: str
    command: list[str]
    definitions: list[Path]
    firsts: list[float] = field(default_factory=list)
    outcomes: list[float] = field(default_factory=list)
    cpu: float = 0.0
    writes: Counter[str] = field(default_factory=Counter)
    jobs: int = 0


def sides() -> tuple[Side, Side]:
    """Ours and theirs."""
    folder = peer.environment()
    (package,) = folder.glob("lib/python*/site-packages/dask_kubernetes")
    theirs = list((package / "operator" / "deployment" / "helm").glob("*/crds/*.yaml"))
    kopf = [str(folder / "bin" / "kopf"), "run", "-m", "dask_kubernetes.operator.controller"]
    ours = sorted((REPOSITORY / "crds" / "dask-kubernetes").glob("*.yaml"))
    return (
        Side("daskflow", [sys.executable, "-m", "daskflow.controller"], ours),
        Side("dask-kubernetes", [*kopf, "--all-namespaces"], theirs),
    )


def define(side: Side) -> None:
    """The definitions that its operator brings, in place of the other's."""
    for file in side.definitions:
        arguments = ("--server-side", "--force-conflicts", "--filename", str(file))
        applied = kubectl("apply", *arguments)
        assert applied.returncode == 0, applied.stderr


def start(side: Side, log: Path) -> "subprocess.Popen[bytes]":
    """Its operator as a process; it takes up the lease of the one before."""
    settings = {
        "DASKFLOW_IDENTITY": "killed",
        "DASKFLOW_DASK_KUBERNETES": "true",
        "DASKFLOW_LEASE": "daskjobs",
    }
    with log.open("ab") as output:
        return subprocess.Popen(side.command, stdout=output, stderr=output, env={**os.environ, **settings})


@contextmanager
def running(side: Side, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Its operator, listening: five seconds are enough for both."""
    define(side)
    process = start(side, log)
    time.sleep(5)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def cpu(process: "subprocess.Popen[bytes]") -> float:
    """Seconds that it has computed."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def word(kube: Kube, name: str) -> str:
    """The job's word of its status; empty where there is none."""
    job = kube.get("DaskJob", name) or {}
    return str((job.get("status") or {}).get("jobStatus", ""))


def turn(side: Side, kube: Kube, number: int, log: Path) -> None:
    """Some jobs at once on its operator, from their creation until all of them is gone."""
    with running(side, log) as process:
        begun, place, computed = time.time(), audit.end(audit.log_file()), cpu(process)
        names = [f"b{number}-{each}" for each in range(AT_ONCE)]
        for name in names:
            DASK_JOB.start(kube, name)
        known: dict[str, float] = {}
        while len(known) < AT_ONCE:
            assert time.time() < begun + 180, f"{side.title}: {[word(kube, name) for name in names]}"
            for name in names:
                if name not in known and word(kube, name) in ENDS:
                    known[name] = time.time() - begun
            time.sleep(0.1)
        side.outcomes += known.values()
        side.firsts += [first(kube, name) - begun for name in names]
        _clear(kube, names)
        side.cpu += cpu(process) - computed
        audit.settle(kube, audit.log_file(), place)
        side.writes += written(place, kube.namespace)
        side.jobs += AT_ONCE


def _clear(kube: Kube, names: list[str]) -> None:
    """All of it goes while the operator is there: theirs puts finalizers on clusters."""
    for name in names:
        kube.delete("DaskJob", name)
    kinds = ("Pod", CLUSTER)
    kube.wait("everything to go", lambda: not any(kube.items(kind) for kind in kinds), 120)


def first(kube: Kube, name: str) -> float:
    """When its program wrote its first line, with all workers there."""
    lines = kube.logs(f"{name}-runner").splitlines()
    return float(next(line for line in lines if line.startswith("FIRST")).split()[1])


def written(place: audit.Place, where: str) -> Counter[str]:
    """What the operator wrote in this namespace since then, by verb."""
    found: Counter[str] = Counter()
    for agent, verb in audit.agents(audit.log_file(), place, where):
        if not agent.startswith(OTHERS):
            found[verb] += 1
    return found


def table(ours: Side, theirs: Side) -> str:
    """Medians with the middle half, and ratios."""
    lines = [f"{'':34}{ours.title:>12}{theirs.title:>17}{'ratio':>8}"]
    rows: list[tuple[str, Callable[[Side], float]]] = [
        ("creation to first line, s (median)", lambda side: statistics.median(side.firsts)),
        ("  its upper quartile", lambda side: statistics.quantiles(side.firsts, n=4)[2]),
        ("creation to outcome, s (median)", lambda side: statistics.median(side.outcomes)),
        ("  its upper quartile", lambda side: statistics.quantiles(side.outcomes, n=4)[2]),
        ("operator's CPU a job, s", lambda side: side.cpu / side.jobs),
        ("operator's writes a job", lambda side: side.writes.total() / side.jobs),
    ]
    for title, value in rows:
        mine, other = value(ours), value(theirs)
        lines.append(f"{title:34}{mine:12.2f}{other:17.2f}{mine / other:8.2f}")
    return "\n".join([*lines, f"{ours.jobs} jobs each, {AT_ONCE} at once"])


def killed(side: Side, kube: Kube, kills: int, seed: int, log: Path) -> str:
    """Its operator is killed so often while jobs come; what became of them when a last one has worked."""
    chance, names = random.Random(seed), list[str]()
    define(side)
    for _ in range(kills):
        process, begun = start(side, log), time.monotonic()
        life = chance.uniform(0.5, LONGEST_LIFE)
        for moment in sorted(chance.uniform(0, life) for _ in range(OPEN)):
            _rest(begun + moment)
            if sum(word(kube, name) not in ENDS for name in names) < OPEN:
                names.append(f"k{len(names)}")
                DASK_JOB.start(kube, names[-1])
        _rest(begun + life)
        process.kill()
        process.wait()
    with running(side, log):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and any(word(kube, name) not in ENDS for name in names):
            time.sleep(1)
        words = Counter(word(kube, name) or "no status" for name in names)
        time.sleep(10)
        left = [each for each in kube.items("Pod") if not each["metadata"]["name"].endswith("-runner")]
        ended = [name for name in names if word(kube, name) in ENDS]
        leaked = {owner(each) for each in left} & set(ended)
        _clear(kube, names)
    outcome = ", ".join(f"{count} {each}" for each, count in sorted(words.items()))
    return (
        f"{side.title:16}{kills} kills, {len(names)} jobs: {outcome}; {len(leaked)} ended jobs with a cluster"
    )


def _rest(until: float) -> None:
    """Nothing happens until this moment of the monotonic clock: the moments are by chance."""
    time.sleep(max(0.0, until - time.monotonic()))


def owner(pod: dict[str, Any]) -> str:
    """The cluster that it is of."""
    return str(pod["metadata"]["labels"].get("dask.org/cluster-name", ""))


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=10, help=f"of {AT_ONCE} jobs, for each of the two")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    installed, log = Operator(), Path(tempfile.gettempdir()) / "daskjobs-operators.log"
    log.unlink(missing_ok=True)
    both = sides()
    installed.stop()
    try:
        with namespace(restricted=False) as kube:
            for number in range(chosen.turns):
                for side in both if number % 2 else both[::-1]:
                    turn(side, kube, number, log)
                print(f"turn {number + 1}", file=sys.stderr, flush=True)
            if chosen.turns:
                print(table(*both), flush=True)
            for side in both if chosen.kills else ():
                print(killed(side, kube, chosen.kills, chosen.seed, log), flush=True)
    finally:
        define(both[0])
        installed.start()


if __name__ == "__main__":
    main()
