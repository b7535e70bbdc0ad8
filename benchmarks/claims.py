"""How long from a FlowRun's creation to its flow's first line: clusters that wait, cold ones, bare pods.

`tests/cluster/in .venv/bin/python -m benchmarks.claims --count 200` on the installed operator. Claims are
made with refills going on: each as soon as a cluster waits again. `--kills` deletes the operator's pods
meanwhile, so often. `--ticks` waits for so many ticks of a schedule that prewarms, too.
"""

import argparse
import random
import statistics
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from daskflow.api.conditions import instant

from benchmarks import audit
from benchmarks.contestants import BY_HAND, measured
from benchmarks.startup import AGENT
from tests.e2e.flows import flow_run
from tests.kube import Kube, namespace

POOL = "small"
SAYS = """
import time
first = time.time()
from distributed import get_client
get_client().submit(sum, [1, 2]).result()
result = [first, time.time()]
"""
EVERY = 10
"""So many claims between a cold run and pods by hand."""


def cluster_pool(ready: int) -> dict[str, object]:
    """Clusters of one worker."""
    run = flow_run(POOL, "")["spec"]
    template = {"spec": {name: run[name] for name in ("image", "cluster")}}
    spec = {"ready": ready, "template": template}
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "ClusterPool",
        "metadata": {"name": POOL},
        "spec": spec,
    }


def started(kube: Kube, name: str, *, warm: bool) -> tuple[float, float, float, str]:
    """When it was created; seconds from there to the first line, and from there to the first task's result;
    what the claim says."""
    run = flow_run(name, SAYS)
    if warm:
        run["spec"] = {"pool": {"name": POOL}, "flow": run["spec"]["flow"]}
    created = time.time()
    kube.create(run)
    status = kube.ended(name, 180)
    if status["phase"] != "Succeeded":
        raise SystemExit(f"{name}: {status}")
    first, task = status["result"]
    claims = [(each.get("claim") or {}).get("reason", "cold") for each in status["attempts"]]
    kube.delete("FlowRun", name)
    return created, first - created, task - first, " ".join(claims)


def killing(count: int, seconds: tuple[float, float], done: threading.Event) -> None:
    """Deletes the operator's pods so often, without grace."""
    for _ in range(count):
        if done.wait(random.uniform(*seconds)):
            return
        command = [
            "kubectl",
            "delete",
            "pod",
            "--namespace",
            "daskflow-system",
            "--grace-period=0",
            "--force",
        ]
        subprocess.run(
            [*command, "--selector", "app.kubernetes.io/name=daskflow", "--wait=false"],
            capture_output=True,
            check=False,
        )


TICK_SECONDS, PREWARM = 20, "15s"


def ticked(kube: Kube, count: int) -> Iterator[float]:
    """Seconds from each of so many ticks to its run's first line; of those that claimed a cluster."""
    run = flow_run("tick", SAYS)["spec"]
    spec = {"interval": f"{TICK_SECONDS}s", "prewarm": PREWARM, "template": {"spec": run}}
    spec["history"] = {"succeeded": count + 10, "failed": count + 10}
    kube.create(
        {
            "apiVersion": "daskflow.dev/v1alpha1",
            "kind": "FlowSchedule",
            "metadata": {"name": "tick"},
            "spec": spec,
        }
    )

    def done() -> list[dict[str, Any]]:
        runs = kube.items("FlowRun", "daskflow.dev/schedule=tick")
        ended = [each for each in runs if (each.get("status") or {}).get("completionTime")]
        return ended if len(ended) > count else []

    for each in kube.wait("the ticks", done, (count + 4) * TICK_SECONDS):
        (attempt,) = each["status"]["attempts"]
        tick = instant(each["metadata"]["annotations"]["daskflow.dev/scheduled-time"]).timestamp()
        if (attempt.get("claim") or {}).get("reason") == "Claimed":
            yield each["status"]["result"][0] - tick
    kube.delete("FlowSchedule", "tick")


def on_the_way(
    kube: Kube, place: audit.Place, spans: Sequence[tuple[float, float]]
) -> Iterator[Counter[str]]:
    """What the operator wrote in the namespace between each run's creation and its first line."""
    found = audit.moments(audit.log_file(), place, AGENT, kube.namespace)
    for begin, end in spans:
        yield Counter(what for at, what in found if begin <= at <= end)


def row(title: str, found: Sequence[float]) -> str:
    """Median, 95th and 99th of a hundred, and the worst, in milliseconds."""
    cut = statistics.quantiles(found, n=100, method="inclusive") if len(found) > 1 else [found[0]] * 99
    numbers = (statistics.median(found), cut[94], cut[98], max(found))
    return f"{title:42}{len(found):6}" + "".join(f"{1000 * each:9.0f}" for each in numbers)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--ready", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--ticks", type=int, default=0)
    chosen = parser.parse_args()
    warm, task, cold, by_hand, refills, ticks = [], [], [], [], [], []
    spans: list[tuple[float, float]] = []
    reasons: dict[str, int] = {}
    done = threading.Event()
    with namespace(restricted=False) as kube, namespace(restricted=False) as beside:
        place = audit.end(audit.log_file())
        kube.create(cluster_pool(chosen.ready))
        killer = threading.Thread(target=killing, args=(chosen.kills, (0.5, 3.0), done))
        killer.start()
        for number in range(chosen.count):
            since = time.time()
            kube.wait("a cluster that waits", lambda: kube.status("ClusterPool", POOL).get("ready"), 300)
            if number:
                refills.append(time.time() - since)
            created, first, then, reason = started(kube, f"warm-{number}", warm=True)
            reasons[reason] = reasons.get(reason, 0) + 1
            if reason == "Claimed":
                warm.append(first)
                spans.append((created, created + first))
                task.append(then)
            if number % EVERY == EVERY - 1 and not chosen.kills:
                cold.append(started(beside, f"cold-{number}", warm=False)[1])
                by_hand.append(measured(beside, BY_HAND, f"h{number}")[0])
        done.set()
        killer.join()
        written = list(on_the_way(kube, place, spans))
        if chosen.ticks:
            kube.delete("ClusterPool", POOL)
            ticks = list(ticked(kube, chosen.ticks))
    print(f"{'milliseconds':42}{'count':>6}{'p50':>9}{'p95':>9}{'p99':>9}{'worst':>9}")
    for title, found in (
        ("created to first line, claimed", warm),
        ("first line to first task, claimed", task),
        ("created to first line, cold", cold),
        ("created to first line, pods by hand", by_hand),
        ("end of a run to the next that waits", refills),
        ("tick to first line, prewarmed", ticks),
    ):
        if found:
            print(row(title, found))
    ways = Counter(", ".join(f"{count} {what}" for what, count in sorted(each.items())) for each in written)
    for way, count in ways.most_common(5):
        print(f"writes of the operator from creation to first line, {count} times: {way}")
    print("claims: " + ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items())))


if __name__ == "__main__":
    main()
