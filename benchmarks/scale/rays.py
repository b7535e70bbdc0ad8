"""Clusters of a scheduler and two workers on our operator, and of a head and two on KubeRay's, in turns.

`python -m benchmarks.scale.rays --clusters 300 --rounds 3`. KubeRay's operator has more at once than by
default (`kuberay.AT_ONCE`), so that what it costs is compared and not how it is set up.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import audit, processes
from benchmarks.processes import Process
from benchmarks.scale import kuberay
from benchmarks.scale.contestants import AGENT, AT_ONCE, AUDIT_SECONDS, STILL_SECONDS
from benchmarks.scale.objects import IMAGE, WORKERS, Object
from benchmarks.scale.place import definitions, load, namespace, program, said
from benchmarks.scale.watching import Seen, watch
from tests.fire.upstream import Upstream, connect


@dataclass(frozen=True)
class Contestant:
    """An operator, its clusters, and when one of them is ready."""

    title: str
    agent: str
    collection: str
    """The path of its clusters, with a place for the namespace."""
    operator: Callable[[Path], AbstractContextManager[Process]]
    cluster: Callable[[str], Object]
    ready: Callable[[Seen], bool]


@dataclass(frozen=True)
class Round:
    """What one contestant took for all its clusters."""

    rate: float
    """Ready a minute."""
    cpu: float
    """Milliseconds a cluster."""
    base: float
    """Megabytes before."""
    peak: float
    writes: Counter[tuple[str, str]]


def dask_cluster(name: str) -> Object:
    """Without TLS and NetworkPolicy, which RayClusters do not have."""
    security = {"tls": {"mode": "Disabled"}, "networkPolicy": {"enabled": False}}
    spec = {"image": IMAGE, "workers": {"replicas": WORKERS}, "security": security}
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "DaskCluster",
        "metadata": {"name": name},
        "spec": spec,
    }


OURS = Contestant(
    "DaskClusters",
    AGENT,
    "/apis/daskflow.dev/v1alpha1/namespaces/{}/daskclusters",
    processes.operator,
    dask_cluster,
    lambda seen: seen.status.phase == "Ready",
)
THEIRS = Contestant(
    "RayClusters",
    kuberay.AGENT,
    "/apis/ray.io/v1/namespaces/{}/rayclusters",
    kuberay.operator,
    kuberay.ray_cluster,
    lambda seen: seen.status.state == "ready",
)


async def one_round(upstream: Upstream, contestant: Contestant, count: int, log: Path) -> Round:
    """Makes so many clusters, AT_ONCE at a time, and waits until all are ready. They go afterwards."""
    where = await namespace(upstream)
    path = contestant.collection.format(where)
    ready, all_ready = set[str](), asyncio.Event()

    def hear(event: str, seen: Seen) -> None:
        if event != "DELETED" and contestant.ready(seen):
            ready.add(seen.metadata.name)
            if len(ready) == count:
                all_ready.set()

    slots = asyncio.Semaphore(AT_ONCE)

    async def make(name: str) -> None:
        async with slots:
            await upstream.call("POST", path, contestant.cluster(name))

    with contestant.operator(log) as process:
        cpu, base, begun = process.cpu, process.memory, audit.end(audit.log_file())
        looking, began = asyncio.create_task(watch(upstream, path, hear)), time.monotonic()
        await asyncio.gather(*(make(f"c{number:05}") for number in range(count)))
        waiting = asyncio.create_task(all_ready.wait())
        until = STILL_SECONDS + count
        await asyncio.wait((looking, waiting), timeout=until, return_when=asyncio.FIRST_COMPLETED)
        if looking.done():
            looking.result()
        if not all_ready.is_set():
            raise RuntimeError(f"only {len(ready)} of {count} {contestant.title} are ready")
        looking.cancel()
        seconds, cpu = time.monotonic() - began, process.cpu - cpu
        await asyncio.sleep(AUDIT_SECONDS)
        writes = audit.writes(audit.log_file(), begun, contestant.agent, where)
        found = Round(60 * count / seconds, 1000 * cpu / count, base, process.peak, writes)
    await _gone(upstream, where)
    return found


async def _gone(upstream: Upstream, where: str) -> None:
    """Its end is to cost the next round nothing."""
    await upstream.call("DELETE", f"/api/v1/namespaces/{where}", {})
    answer = {"items": [where]}
    while where in answer["items"]:
        await asyncio.sleep(0.5)
        listed = await upstream.call("GET", "/api/v1/namespaces")
        answer = {"items": [each["metadata"]["name"] for each in listed["items"]]}


async def measure(options: argparse.Namespace) -> str:
    """The table."""
    definitions(kuberay.crds())
    upstream = connect()
    rounds: dict[str, list[Round]] = {OURS.title: [], THEIRS.title: []}
    loads = []
    try:
        for number in range(options.rounds):
            # Who comes first has the colder machine.
            for contestant in (OURS, THEIRS) if number % 2 else (THEIRS, OURS):
                found = await one_round(upstream, contestant, options.clusters, options.log)
                rounds[contestant.title].append(found)
                said(f"{contestant.title}: {found.rate:.0f} a minute, {found.cpu:.1f} ms, {load()}")
            loads.append(load())
    finally:
        await upstream.close()
    return "\n".join(_table(options, rounds, loads))


def _table(options: argparse.Namespace, rounds: dict[str, list[Round]], loads: list[str]) -> Iterator[str]:
    yield (
        f"{options.clusters} clusters of three pods each, {options.rounds} rounds in turns; medians "
        f"(least to most); KubeRay {kuberay.VERSION} with {kuberay.AT_ONCE} at a time; {', '.join(loads)}"
    )
    ours, theirs = rounds[OURS.title], rounds[THEIRS.title]
    yield f"  {'':34}{OURS.title:>22}{THEIRS.title:>24}{'ratio':>22}"
    for name, of, form in (
        ("ready a minute", lambda each: each.rate, "{:.0f}"),
        ("operator CPU, ms a cluster", lambda each: each.cpu, "{:.1f}"),
        ("operator memory before, MB", lambda each: each.base, "{:.0f}"),
        ("operator memory at its peak, MB", lambda each: each.peak, "{:.0f}"),
        ("memory a cluster, MB", lambda each: (each.peak - each.base) / options.clusters, "{:.3f}"),
        ("API writes a cluster", lambda each: each.writes.total() / options.clusters, "{:.2f}"),
    ):
        mine, other = [of(each) for each in ours], [of(each) for each in theirs]
        ratios = [one / two for one, two in zip(mine, other, strict=True) if two]
        shown = [_spread(mine, form), _spread(other, form), _spread(ratios, "{:.2f}") if ratios else ""]
        yield f"  {name:34}{shown[0]:>22}{shown[1]:>24}{shown[2]:>22}"
    for title, found in rounds.items():
        yield f"  what {title} are written as, each"
        for (verb, resource), count in found[-1].writes.most_common():
            yield f"    {verb} {resource:38} {count / options.clusters:8.2f}"


def _spread(values: list[float], form: str) -> str:
    return f"{form} ({form} to {form})".format(statistics.median(values), min(values), max(values))


def main() -> int:
    """Prints one table; nothing is judged."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.rays", description=__doc__)
    parser.add_argument("--clusters", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.parse_known_args()
    kuberay.program()
    return program("benchmarks.scale.rays", parser, lambda options: asyncio.run(measure(options)))


if __name__ == "__main__":
    sys.exit(main())
