"""Where all of it is measured: a cluster of its own, with definitions and simulated nodes."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import uuid4

from tests.cluster.simulated import MeasuredNodes
from tests.fire.page import record
from tests.fire.place import INSIDE, run_inside
from tests.fire.upstream import Upstream

ROOT = Path(__file__).parents[2]


def program(
    module: str, parser: argparse.ArgumentParser, measure: Callable[[argparse.Namespace], str]
) -> int:
    """The exit code of a program: it makes a cluster, in there prints what `measure` answers, and ends it."""
    parser.add_argument("--page", type=Path, help="into which the table is written: docs/proof.md")
    parser.add_argument("--log", type=Path, default=Path(tempfile.gettempdir()) / "daskflow-scale.log")
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        return run_inside(module, sys.argv[1:], MeasuredNodes())
    definitions()
    table = measure(options)
    print(table, flush=True)
    if options.page:
        record(options.page, module.rpartition(".")[2], f"python -m {module} {_words(sys.argv[1:])}", table)
    return 0


def _words(arguments: list[str]) -> str:
    """Those that say what was measured."""
    words = [word for word in arguments if word != INSIDE]
    kept = [word for at, word in enumerate(words) if "--page" not in words[max(0, at - 1) : at + 1]]
    return " ".join(kept)


def definitions(folder: Path = ROOT / "crds") -> None:
    """Applies those of the operator, and makes its namespace."""
    kubectl("apply", "--server-side", "--force-conflicts", "-f", str(folder))
    kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
    subprocess.run(["kubectl", "create", "namespace", "daskflow-system"], capture_output=True, check=False)


def kubectl(*arguments: str) -> None:
    """Raises RuntimeError with what it says when it fails."""
    done = subprocess.run(["kubectl", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"kubectl {' '.join(arguments)}: {done.stderr}")


async def namespace(upstream: Upstream) -> str:
    """The name of a new one. It goes with the cluster."""
    name = f"test-{uuid4().hex[:6]}"
    await upstream.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    return name


def load() -> str:
    """What else the machine had to do in the last minute, and its size."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def said(words: str) -> None:
    """How far it is, for whoever waits."""
    print(words, file=sys.stderr, flush=True)


def share(values: Iterable[float], part: float) -> float:
    """The value below which this part of them lies; 0.5 for the median, NaN where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")
