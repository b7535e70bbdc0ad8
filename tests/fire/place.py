"""A control plane of a proof's own: made, one program run where it is reached, ended whatever happens."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.cluster.bare import NoNodes
from tests.cluster.local import LocalCluster
from tests.cluster.settings import state
from tests.cluster.shell import locked

INSIDE = "--inside"
"""What a program is told that runs in there."""


def common(parser: argparse.ArgumentParser, log: str) -> None:
    """Options of every such program; `log` is the name of its operators' log."""
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, default=Path(tempfile.gettempdir()) / log)
    parser.add_argument("--page", type=Path, help="into which the table is written: docs/proof.md")
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)


def run_inside(module: str, arguments: Sequence[str], cluster: LocalCluster | None = None) -> int:
    """The exit code of `python -m module arguments --inside` beside a new cluster (None: without nodes)."""
    if os.geteuid() != 0:
        raise SystemExit("a control plane in a network of its own needs root on Linux")
    cluster = cluster or NoNodes()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with locked(state() / f"{cluster.provider}.lock", "the control plane of proofs"):
        try:
            cluster.down()
            command = cluster.up().command([sys.executable, "-m", module, *arguments, INSIDE])
            program = subprocess.Popen(command)
            try:
                return program.wait()
            finally:
                program.terminate()
                program.wait()
        finally:
            cluster.down()
