"""How long `daskflow list` takes beside `kubectl get`, and each command's `--help`.

    .venv/bin/python -m benchmarks.command help
    tests/cluster/in .venv/bin/python -m benchmarks.command list --count 1000

The second makes runs that have ended, in a namespace of its own, while the operator is scaled to nothing so
that it neither looks at them nor takes the processor. Calls alternate; seconds of the processor are those of
the command itself, which a machine that others use tells more truly than the clock.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

from daskflow.cli.main import COMMANDS

from tests.kube import Kube, kubectl, namespace

OPERATOR = ("--namespace", "daskflow-system", "deployment/daskflow")
DASKFLOW = (sys.executable, "-m", "daskflow.cli")


class Taken(NamedTuple):
    """Seconds of one call."""

    clock: float
    processor: float


def taken(command: Sequence[str]) -> Taken:
    """Of a command that must succeed."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    clock, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Taken(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def helps(rounds: int) -> None:
    """A line for each command, the slowest first: best and median of the clock, median of the processor."""
    from daskflow.cli.reference import commands

    names = ["", *COMMANDS, *(name for name, _, _ in commands() if " " in name)]
    times: dict[str, list[Taken]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            times[name].append(taken((*DASKFLOW, *name.split(), "--help")))
    print("best      median    processor  command")
    for name, each in sorted(times.items(), key=lambda item: -min(item[1]).clock):
        clock, processor = _medians(each)
        best = min(one.clock for one in each)
        print(f"{best:.3f} s   {clock:.3f} s   {processor:.3f} s    {name}".rstrip())


def _medians(times: Sequence[Taken]) -> tuple[float, float]:
    return statistics.median(one.clock for one in times), statistics.median(one.processor for one in times)


def ended_run(number: int) -> dict[str, Any]:
    """A run with a status as the operator leaves it: 3.5 KB of JSON."""
    name, now = f"run-{number:05}", "2026-11-01T00:00:00Z"
    message = "The flow has ended."
    conditions = [
        {"type": kind, "status": state, "reason": "Succeeded", "message": message, "observedGeneration": 1}
        | {"lastTransitionTime": now}
        for kind, state in (
            ("Ready", "True"), ("Reconciling", "False"), ("Stalled", "False"), ("Succeeded", "True"),
            ("ClusterReady", "False"),
        )
    ]  # fmt: skip
    attempt = {"number": 1, "startTime": now, "endTime": now, "outcome": "Succeeded", "reason": "Succeeded"}
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowRun",
        "metadata": {"name": name, "labels": {"team": "data"}},
        "spec": {
            "image": "docker.io/local/daskflow-flows:dev",
            "flow": {"entrypoint": "diamond/diamond.py:flow", "parameters": {"n": number, "day": "2026-11"}},
            "cluster": {"workers": {"replicas": 2, "threads": 2}},
            "env": [{"name": f"VARIABLE_{index}", "value": "text of ordinary length"} for index in range(8)],
        },
        "status": {
            "phase": "Succeeded",
            "attempt": 1,
            "reason": "Succeeded",
            "message": message,
            "observedGeneration": 1,
            "startTime": now,
            "completionTime": now,
            "duration": "2m5s",
            "attempts": [attempt],
            "conditions": conditions,
            "progress": {"done": 301, "total": 301, "summary": "301/301"},
            "cluster": {"workers": "0/2"},
            "result": {"rows": 1000, "path": "s3://bucket/some/longer/path/of/a/file.parquet"},
        },
    }  # fmt: skip


@contextmanager
def without_operator() -> Iterator[None]:
    """It is there again afterwards."""
    wanted = kubectl("get", *OPERATOR, "-o", "jsonpath={.spec.replicas}").stdout or "1"
    _must("scale", *OPERATOR, "--replicas", "0")
    _must("wait", *OPERATOR[:2], "--for=delete", "pod", "-l", "app.kubernetes.io/name=daskflow")
    try:
        yield
    finally:
        _must("scale", *OPERATOR, "--replicas", wanted)
        _must("rollout", "status", *OPERATOR, "--timeout", "120s")


def _must(*arguments: str) -> None:
    done = kubectl(*arguments)
    if done.returncode:
        raise RuntimeError(done.stderr)


def fill(kube: Kube, count: int) -> None:
    """So many runs that have ended."""

    def one(number: int) -> None:
        run = ended_run(number)
        status = run.pop("status")
        kube.create(run)
        kube.call("PATCH", f"{kube.path('FlowRun', run['metadata']['name'])}/status", {"status": status})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(count)))


def lists(count: int, rounds: int) -> None:
    """Medians of both, and the median of the ratios of neighbours."""
    with without_operator(), namespace() as kube:
        fill(kube, count)
        contestants = {
            "kubectl get": ("kubectl", "get", "flowruns", "--namespace", kube.namespace),
            "daskflow list": (*DASKFLOW, "list", "--namespace", kube.namespace),
            "kubectl get -o json": ("kubectl", "get", "fr", "--namespace", kube.namespace, "-o", "json"),
            "daskflow list -o json": (*DASKFLOW, "list", "--namespace", kube.namespace, "-o", "json"),
        }
        for command in contestants.values():
            taken(command)
        times: dict[str, list[Taken]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name, command in contestants.items():
                times[name].append(taken(command))
        print(f"{count} runs, {rounds} rounds, {os.cpu_count()} cores")
        for name, each in times.items():
            clock, processor = _medians(each)
            best = min(one.clock for one in each)
            print(f"{name:<22} median {clock:.3f} s, best {best:.3f} s, processor {processor:.3f} s")
        for form in ("", " -o json"):
            ours, theirs = f"daskflow list{form}", f"kubectl get{form}"
            pairs = zip(times[ours], times[theirs], strict=True)
            ratio = statistics.median(one.clock / other.clock for one, other in pairs)
            print(f"{ours}: {ratio:.2f} times {theirs}")


def main() -> None:
    """Prints what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("help", "list"))
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    if options.what == "help":
        helps(options.rounds)
    else:
        lists(options.count, options.rounds)


if __name__ == "__main__":
    main()
