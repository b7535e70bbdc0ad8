"""The operator as a process of ours, and what it costs: CPU seconds and memory, from /proc."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PORT = 18080
"""Of the operator's metrics and readiness, beside those of an installed one."""
READY_SECONDS = 60
_TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    """A running operator; `readiness` is the address where it says whether it is ready."""

    def __init__(
        self, popen: "subprocess.Popen[bytes]", readiness: str = f"http://127.0.0.1:{PORT}/readyz"
    ) -> None:
        self._popen = popen
        self._readiness = readiness

    @property
    def cpu(self) -> float:
        """Seconds of CPU since its start, user and system."""
        fields = Path(f"/proc/{self._popen.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def memory(self) -> float:
        """Resident megabytes (10^6 bytes)."""
        return self._memory("VmRSS:")

    @property
    def peak(self) -> float:
        """The most that `memory` ever was."""
        return self._memory("VmHWM:")

    def _memory(self, name: str) -> float:
        lines = Path(f"/proc/{self._popen.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024 / 1e6

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(self._readiness, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def await_ready(self) -> None:
        """Raises RuntimeError when it has ended or takes longer than a minute."""
        until = time.monotonic() + READY_SECONDS
        while not self._ready():
            if self._popen.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the operator is not ready (exit code {self._popen.poll()})")
            time.sleep(0.05)


@contextmanager
def operator(
    log: Path,
    program: tuple[str, ...] = ("-m", "daskflow.controller"),
    sources: Path | None = None,
    **settings: str,
) -> Iterator[Process]:
    """The operator on the cluster of KUBECONFIG; ended afterwards.

    `program` is what Python runs, `sources` the folder `operator` of another version that is run instead, and
    `settings` are further variables of its environment.
    """
    # A lease of its own: one that is installed may lead where this one does not look.
    own = {"DASKFLOW_METRICS_PORT": str(PORT), "DASKFLOW_LEASE": "daskflow-process"}
    other = {"PYTHONPATH": str(sources)} if sources else {}
    environment = {**os.environ, **own, **other, **settings}
    with log.open("ab") as output:
        command = [sys.executable, *program]
        popen = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        process = Process(popen)
        try:
            process.await_ready()
            yield process
        finally:
            popen.terminate()
            popen.wait()
