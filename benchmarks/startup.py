"""How long from apply to the flow's first line and to its outcome, against pods by hand and against DaskJob.

`make bench` runs all of it; `tests/cluster/in .venv/bin/python -m benchmarks.startup --help` a part.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from benchmarks import audit
from benchmarks.contestants import BY_HAND, DASK_JOB, FLOW_RUN, WORKERS, Contestant, measured
from benchmarks.peer import controller
from tests.e2e.flows import flow_run
from tests.kube import Kube, namespace

AGENT = "daskflow-operator"
Times = tuple[float, float]


def pairs(kube: Kube, ours: Contestant, other: Contestant, count: int) -> list[tuple[Times, Times]]:
    """Both after each other, in changing order, so that the machine's mood hits them alike."""
    result = []
    for number in range(count):
        order = (ours, other) if number % 2 else (other, ours)
        times = {each.title: measured(kube, each, f"b{number}") for each in order}
        result.append((times[ours.title], times[other.title]))
        print(
            f"  {number + 1:2} " + "  ".join(f"{title} {a:.2f} {b:.2f}" for title, (a, b) in times.items()),
            flush=True,
        )
    return result


def table(ours: str, other: str, found: Sequence[tuple[Times, Times]]) -> str:
    """Medians, and the median ratio with the middle half of all ratios."""
    lines = [f"{'':24}{ours:>10}{other:>10}{'ratio':>8}   middle half"]
    for index, title in enumerate(("apply to first line, s", "apply to outcome, s")):
        mine, theirs = ([pair[who][index] for pair in found] for who in (0, 1))
        ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
        low, _, high = statistics.quantiles(ratios, n=4)
        medians = f"{statistics.median(mine):10.2f}{statistics.median(theirs):10.2f}"
        lines.append(f"{title:24}{medians}{statistics.median(ratios):8.2f}   {low:.2f} to {high:.2f}")
    return "\n".join(lines)


def writes_of_one_run(kube: Kube) -> str:
    """What the operator writes for one FlowRun on two workers that is long enough to be seen running."""
    log = audit.log_file()
    begun = audit.end(log)
    kube.create(flow_run("written", "import time; time.sleep(5)", cluster={"workers": {"replicas": WORKERS}}))
    kube.ended("written")
    kube.wait("the cluster to go", lambda: not kube.items("DaskCluster"))
    kube.delete("FlowRun", "written")
    kube.wait("all of it to go", lambda: not kube.items("Pod"))
    audit.settle(kube, log, begun)
    counted = audit.writes(log, begun, AGENT, kube.namespace)
    creates = sum(count for (verb, _), count in counted.items() if verb == "create")
    lines = [f"  {verb:8}{resource:24}{count:4}" for (verb, resource), count in sorted(counted.items())]
    beyond = counted.total() - creates
    return "\n".join([*lines, f"  {creates} creates, {beyond} writes beyond them"])


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--peer", choices=["by-hand", "daskjob", "both", "none"], default="both")
    chosen = parser.parse_args()
    # DaskJob's pods set no security context, so the namespace must not ask for one.
    with namespace(restricted=False) as kube:
        measured(kube, FLOW_RUN, "warm")
        print("API writes of the operator for one run:\n" + writes_of_one_run(kube), flush=True)
        for other, wanted in ((BY_HAND, "by-hand"), (DASK_JOB, "daskjob")):
            if chosen.peer not in (wanted, "both"):
                continue
            log = Path(tempfile.gettempdir()) / "dask-kubernetes.log"
            with controller(log) if other is DASK_JOB else nullcontext():
                found = pairs(kube, FLOW_RUN, other, chosen.pairs)
            print(table("FlowRun", other.title, found), flush=True)


if __name__ == "__main__":
    main()
