"""How many claims a second an operator makes: as many runs at once as clusters wait, on simulated nodes.

`python -m benchmarks.scale.claims --count 100` makes a control plane of its own. Pods are the simulation's,
and listeners real ones with TLS: a claim is what it is elsewhere, but for the flow's process.
"""

import argparse
import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from daskflow.api.names import API_VERSION, CLUSTER_POOL, FLOW_RUN
from daskflow.plan.model import Key

from benchmarks.processes import operator
from benchmarks.scale.place import load, said, share
from tests.fire import credentials
from tests.fire.ground import Ground
from tests.fire.listeners import Listeners, route_pods
from tests.fire.page import record
from tests.fire.place import common, run_inside
from tests.fire.upstream import Upstream, connect

POOL = Key(CLUSTER_POOL, "default", "pool")
PERIOD = 0.05
PATIENCE = 600.0
ENDS_SECONDS = 60


def pool(ready: int) -> dict[str, object]:
    """Clusters of one worker."""
    template = {"image": "registry.example/flows:1", "cluster": {"workers": {"replicas": 1}}}
    return {
        "apiVersion": API_VERSION,
        "kind": CLUSTER_POOL,
        "metadata": {"name": POOL.name, "namespace": POOL.namespace},
        "spec": {"ready": ready, "template": {"spec": template}},
    }


def run(name: str) -> dict[str, object]:
    """One that waits for a cluster of the pool."""
    spec = {"flow": {"script": "result = 1"}, "pool": {"name": POOL.name, "otherwise": "Wait"}}
    return {
        "apiVersion": API_VERSION,
        "kind": FLOW_RUN,
        "metadata": {"name": name, "namespace": POOL.namespace},
        "spec": spec,
    }


async def until(what: str, there: Callable[[], object]) -> None:
    """Raises SystemExit when it takes too long."""
    began = time.monotonic()
    while not there():
        if time.monotonic() - began > PATIENCE:
            raise SystemExit(f"waited in vain for {what}")
        await asyncio.sleep(PERIOD)


@contextlib.asynccontextmanager
async def place(upstream: Upstream) -> AsyncIterator[tuple[Ground, Listeners]]:
    """Nodes and listeners that are played, for as long as this lasts."""
    ground = Ground(upstream, 1, watched=False)
    ground.nodes.probe_seconds = 1.0  # as kubelets have it
    listeners = Listeners(ground.nodes, upstream)
    parts = (ground.heartbeat(), ground.server.run(), listeners.run())
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await ground.server.listed.wait()
        yield ground, listeners
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def measure(options: argparse.Namespace) -> str:
    """The table."""
    credentials.furnish()
    route_pods()
    upstream, rates, costs, lasts = connect(), [], [], []
    try:
        async with place(upstream) as (ground, listeners):
            with operator(options.log) as process:
                for number in range(options.rounds):
                    await _ready(ground, options.count)
                    names = [f"run-{number}-{each}" for each in range(options.count)]
                    ground.endings |= {name: {"seconds": ENDS_SECONDS} for name in names}
                    listeners.claimed.clear()
                    cpu, began = process.cpu, time.monotonic()
                    for name in names:
                        ground.server.create(run(name))
                    await until("the claims", lambda: len(listeners.claimed) >= options.count)
                    seconds = max(listeners.claimed) - began
                    rates.append(options.count / seconds)
                    costs.append(1000 * (process.cpu - cpu) / options.count)
                    lasts.extend(each - began for each in listeners.claimed)
                    said(f"round {number + 1}: {rates[-1]:.0f} claims a second, {load()}")
                    await _gone(ground)
    finally:
        await upstream.close()
    spread = f"({min(rates):.0f} to {max(rates):.0f})"
    return "\n".join((
        f"{options.count} runs at once for as many clusters that wait, {options.rounds} rounds, {load()}",
        f"  claims a second, until the last was taken   {share(rates, 0.5):.0f} {spread}",
        f"  operator's CPU, ms a claim                  {share(costs, 0.5):.1f}",
        f"  created to taken, seconds: p50 {share(lasts, 0.5):.2f}, p99 {share(lasts, 0.99):.2f}",
    ))  # fmt: skip


async def _ready(ground: Ground, count: int) -> None:
    ground.server.create(pool(count))

    def waiting() -> int:
        status = (ground.server.objects.get(POOL) or {}).get("status") or {}
        return int(status.get("ready") or 0)

    await until("clusters that wait", lambda: waiting() >= count)
    # Nothing is made again meanwhile: this is about claims alone.


async def _gone(ground: Ground) -> None:
    """The pool and all runs."""
    for key in [key for key in ground.server.objects if key.kind in (FLOW_RUN, CLUSTER_POOL)]:
        ground.server.delete(key)
    await until("an empty place", lambda: not [key for key in ground.server.objects if key.kind == "Pod"])


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.claims", description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    common(parser, "daskflow-claims.log")
    options = parser.parse_args()
    if not options.inside:
        return run_inside("benchmarks.scale.claims", sys.argv[1:])
    table = asyncio.run(measure(options))
    print(table, flush=True)
    if isinstance(options.page, Path):
        words = f"python -m benchmarks.scale.claims --count {options.count} --rounds {options.rounds}"
        record(options.page, "claims", words, table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
