"""How many clusters a minute the operator makes, next to the same Services and pods made directly.

On simulated nodes, where only the API server and the operator take time. `make simulated`, then
`tests/cluster/in .venv/bin/python -m benchmarks.clusters --clusters 500 --rounds 3`; `--secure` for TLS and
NetworkPolicy, `--clusters 1 --workers 300` for a large one.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from daskflow.controller.kubernetes.http import KubernetesApi, connect
from daskflow.controller.kubernetes.verbs import ApiError

from benchmarks import audit
from benchmarks.processes import Process, operator
from tests.kube import Kube, kubectl, namespace

AT_ONCE = 32
"""Calls in flight, for both contestants: what the operator's queue works on at once."""
IMAGE = "docker.io/local/daskflow-flows:dev"
AGENT = "daskflow-operator"

Object = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """What one round with the operator took beside time."""

    cpu: float
    """Seconds."""
    memory: float
    """Megabytes that its clusters added."""
    base: float
    """Megabytes of the process before."""
    writes: Counter[tuple[str, str]]


def dask_cluster(number: int, workers: int, secure: bool) -> Object:
    """A scheduler and so many workers."""
    spec: Object = {"image": IMAGE, "workers": {"replicas": workers}}
    if not secure:
        spec["security"] = {"tls": {"mode": "Disabled"}, "networkPolicy": {"enabled": False}}
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "DaskCluster",
        "metadata": {"name": f"cluster-{number}"},
        "spec": spec,
    }


def like(made: Iterable[Object], prefix: str) -> list[Object]:
    """The objects of one cluster of the operator's as if made by hand: the same bytes, nobody's children."""
    copies = []
    for body in made:
        meta = body["metadata"]
        spec = {key: value for key, value in body["spec"].items() if key not in ("nodeName", "tolerations")}
        if body["kind"] == "Service":
            spec = {key: spec[key] for key in ("selector", "publishNotReadyAddresses", "ports")}
        labels = {**meta["labels"], "app.kubernetes.io/managed-by": "hand"}
        kind = {"apiVersion": "v1", "kind": body["kind"]}
        copies.append(
            {**kind, "metadata": {"name": f"{prefix}{meta['name']}", "labels": labels}, "spec": spec}
        )
    return copies


async def _each(api: KubernetesApi, kube: Kube, groups: Iterable[list[Object]]) -> None:
    """Creates the first object of each group, then the others of it at once; AT_ONCE groups at a time."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def create(body: Object) -> None:
        await api.create({**body, "metadata": {**body["metadata"], "namespace": kube.namespace}})

    async def group(bodies: list[Object]) -> None:
        async with slots:
            await create(bodies[0])
            await asyncio.gather(*(create(body) for body in bodies[1:]))

    await asyncio.gather(*(group(bodies) for bodies in groups))


async def _await(
    api: KubernetesApi, kube: Kube, kind: str, count: int, ready: Callable[[Object], bool]
) -> None:
    """Until so many objects of a kind are ready, by one watch from the beginning."""
    done: set[str] = set()
    version = "0"
    while True:
        try:
            async for event in api.watch(kind, kube.namespace, "", version):
                if event.type in ("ADDED", "MODIFIED") and ready(event.object):
                    done.add(event.object["metadata"]["name"])
                    if len(done) >= count:
                        return
        except ApiError as error:
            print(f"watching {kind}: {error}")


def _pod_ready(pod: Object) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _cluster_ready(cluster: Object) -> bool:
    return bool((cluster.get("status") or {}).get("phase") == "Ready")


async def _timed(api: KubernetesApi, making: Awaitable[None], waiting: Awaitable[None]) -> float:
    began = time.monotonic()
    waiter = asyncio.ensure_future(waiting)
    await making
    await waiter
    return time.monotonic() - began


async def by_hand(template: list[Object], count: int) -> float:
    """Seconds until Services and pods of so many clusters are made and all pods Ready."""
    api = await connect()
    try:
        with namespace() as kube:
            groups = [like(template, f"c{number}-") for number in range(count)]
            pods = count * (len(template) - 1)
            return await _timed(api, _each(api, kube, groups), _await(api, kube, "Pod", pods, _pod_ready))
    finally:
        await api.close()


async def by_operator(count: int, workers: int, secure: bool, log: Path) -> tuple[float, Cost, list[Object]]:
    """Seconds until so many DaskClusters are Ready; and the Service and pods of one of them."""
    api = await connect()
    try:
        with operator(log) as process, namespace() as kube:
            before = _state(process)
            begun = audit.end(audit.log_file())
            groups = [[dask_cluster(number, workers, secure)] for number in range(count)]
            seconds = await _timed(
                api, _each(api, kube, groups), _await(api, kube, "DaskCluster", count, _cluster_ready)
            )
            after = _state(process)
            written = audit.writes(audit.log_file(), begun, AGENT, kube.namespace)
            cost = Cost(after[0] - before[0], after[1] - before[1], before[1], written)
            base = kube.items("DaskCluster")[0]["metadata"]["uid"]
            mine = [
                {"kind": kind, **item}
                for kind in ("Service", "Pod")
                for item in kube.items(kind, "app.kubernetes.io/managed-by=daskflow")
                if item["metadata"]["ownerReferences"][0]["uid"] == base
            ]
            return seconds, cost, mine
    finally:
        await api.close()


def _state(process: Process) -> tuple[float, float]:
    return process.cpu, process.memory


def _gone(kube: Kube) -> None:
    """Namespaces of the round before are away, so that their end costs this round nothing."""
    left = lambda: [  # noqa: E731
        item
        for item in kube.call("GET", "/api/v1/namespaces")["items"]
        if item["metadata"]["name"].startswith("test-")
    ]
    kube.wait("earlier namespaces to go", lambda: not left(), 600)


def _spread(values: list[float], form: str) -> str:
    low, high = min(values), max(values)
    return f"{form} ({form} to {form})".format(statistics.median(values), low, high)


def main() -> None:
    """Prints one table; nothing is judged."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clusters", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2, help="of each cluster")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--secure", action="store_true", help="TLS and NetworkPolicy on")
    chosen = parser.parse_args()
    log = Path(tempfile.gettempdir()) / f"daskflow-benchmark-{uuid4().hex[:6]}.log"
    answer = kubectl("apply", "--server-side", "--force-conflicts", "-f", "crds")
    if answer.returncode:
        raise SystemExit(answer.stderr)
    kubectl("create", "namespace", "daskflow-system")
    kube, ratios, hand, ours, costs = Kube(), [], [], [], []
    _, _, template = asyncio.run(by_operator(1, chosen.workers, chosen.secure, log))
    for _ in range(chosen.rounds):
        _gone(kube)
        bare = asyncio.run(by_hand(template, chosen.clusters))
        _gone(kube)
        seconds, cost, _ = asyncio.run(by_operator(chosen.clusters, chosen.workers, chosen.secure, log))
        hand.append(60 * chosen.clusters / bare)
        ours.append(60 * chosen.clusters / seconds)
        ratios.append(ours[-1] / hand[-1])
        costs.append(cost)
    _print(chosen, hand, ours, ratios, costs)


def _print(
    chosen: argparse.Namespace, hand: list[float], ours: list[float], ratios: list[float], costs: list[Cost]
) -> None:
    each, made = chosen.clusters, costs[-1].writes
    switch = "on" if chosen.secure else "off"
    print(f"{each} clusters of a scheduler and {chosen.workers} workers, TLS and NetworkPolicy {switch}")
    print(f"{chosen.rounds} rounds; medians (least to most)")
    for name, values, form in (
        ("Services and pods by hand, clusters a minute", hand, "{:.0f}"),
        ("DaskClusters ready a minute", ours, "{:.0f}"),
        ("ratio", ratios, "{:.2f}"),
        ("operator CPU, ms a cluster", [1000 * cost.cpu / each for cost in costs], "{:.1f}"),
        ("operator memory, MB a cluster", [cost.memory / each for cost in costs], "{:.3f}"),
        ("operator memory before, MB", [cost.base for cost in costs], "{:.0f}"),
    ):
        print(f"  {name:46}{_spread(values, form)}")
    print(f"  {'API writes a cluster':46}{made.total() / each:.2f}")
    for (verb, resource), count in made.most_common():
        print(f"    {verb} {resource:37} {count / each:8.2f}")


if __name__ == "__main__":
    main()
