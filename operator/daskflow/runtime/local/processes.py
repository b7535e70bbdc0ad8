"""The same processes on one machine: what pods are in Kubernetes are children of this process here.

Used by `daskflow local`, and by Cluster within such a run. Plain TCP on 127.0.0.1.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any, Callable

from ..settings import number

STOP_SECONDS = 6.0
"""A scheduler closes within five, and its workers leave when it is gone; what stays longer is killed."""


class Processes:
    """A scheduler, workers and a runner, in `folder`, from the packed runtime `pyz`.

    They are gone when this process is: each holds the reading end of a pipe whose writing end is here.
    """

    def __init__(self, pyz: str, folder: str, environment: dict[str, str], **more: str) -> None:
        """`environment` is of all of them; `more`: `python`, the interpreter, and `directory`, to run in."""
        self._pyz = pyz
        self._folder = folder
        self._python = more.get("python", sys.executable)
        self._directory = more.get("directory", os.getcwd())
        self._environment = environment
        self._read, self._write = os.pipe()
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.streams: Callable[[str], Mapping[str, Any]] = lambda name: {}
        """Popen's stdout and stderr of a process by its name; by default both are the file `name`.log."""
        self._reserved, ports = _reserved_ports(3)
        self.port, self.control_port, self.dashboard_port = ports

    @property
    def address(self) -> str:
        """The scheduler's, for Dask clients."""
        return f"tcp://127.0.0.1:{self.port}"

    @property
    def control(self) -> str:
        """The scheduler's control listener."""
        return f"http://127.0.0.1:{self.control_port}"

    def scheduler(self, args: list[str], **environment: str) -> None:
        """Start the scheduler."""
        at = ["--host", "127.0.0.1", "--port", str(self.port)]
        http = ["--dashboard-address", f"127.0.0.1:{self.dashboard_port}"]
        control = {"DASKFLOW_CONTROL_PORT": str(self.control_port)}
        self.start("scheduler", ["scheduler", *at, *http, *args], {**control, **environment})

    def worker(self, name: str, threads: int, memory: int, args: list[str], **environment: str) -> None:
        """Start a worker; `memory` in bytes, 0: no limit."""
        size = {"DASKFLOW_THREADS": str(threads), "DASKFLOW_MEMORY_LIMIT": str(memory)}
        address = {"DASK_SCHEDULER_ADDRESS": self.address}
        self.start(name, ["worker", *args], {**address, **size, **environment})

    def start(self, name: str, args: list[str], environment: dict[str, str]) -> None:
        """Start the runtime."""
        scratch = os.path.join(self._folder, name)
        os.makedirs(scratch)
        ours = {
            "DASKFLOW_LOCAL": self._pyz,
            "DASKFLOW_PARENT": str(self._read),
            "DASKFLOW_HOST": "127.0.0.1",
            "DASKFLOW_READY_PORT": "0",
            "DASKFLOW_POD": name,
            "DASKFLOW_POD_IP": "127.0.0.1",
            "DASKFLOW_DIR": self._folder,
            "DASKFLOW_SCRATCH": scratch,
            "DASKFLOW_TERMINATION_LOG": self.message(name),
        }
        # What this process itself was told, as a flow's process, is not for others.
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("DASKFLOW_")}
        inherited.pop("DASK_SCHEDULER_ADDRESS", None)
        with open(self.log(name), "wb") as log:
            streams = {"stdout": log, "stderr": log, **self.streams(name)}
            self.children[name] = subprocess.Popen(
                [self._python, self._pyz, *args],
                env={**inherited, **self._environment, **ours, **environment},
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=streams["stdout"],
                stderr=streams["stderr"],
                pass_fds=(self._read,),
                start_new_session=True,  # Ctrl-C is for this process alone
            )

    def log(self, name: str) -> str:
        """The path of a process's log."""
        return os.path.join(self._folder, f"{name}.log")

    def message(self, name: str) -> str:
        """The path of what would be its termination message."""
        return os.path.join(self._folder, f"{name}.message")

    def stop(self) -> None:
        """End them all: the scheduler first, on which workers leave by themselves."""
        self._signal(signal.SIGTERM, "scheduler")
        until = time.monotonic() + (STOP_SECONDS if "scheduler" in self.children else 0)
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(until - time.monotonic(), 0))
        self._signal(signal.SIGKILL, *self.children)
        for child in self.children.values():
            child.wait()
        for reserved in self._reserved:
            reserved.close()
        for end in (self._read, self._write):
            with contextlib.suppress(OSError):
                os.close(end)

    def _signal(self, signum: int, *names: str) -> None:
        for name in names:
            child = self.children.get(name)
            if child is not None and child.poll() is None:
                with contextlib.suppress(OSError):
                    os.killpg(child.pid, signum)


def follow(leave: Callable[[], object]) -> None:
    """Call `leave` when the process that started this one as one of its Processes is gone."""
    import threading

    parent = int(number("PARENT", -1))

    def read() -> None:
        with contextlib.suppress(OSError):  # closed by the user's code: there is nothing to follow then
            os.read(parent, 1)
            leave()

    threading.Thread(target=read, daemon=True).start()


def _reserved_ports(count: int) -> tuple[list[socket.socket], list[int]]:
    """Ports that nobody listens on, and what keeps others from being given them as long as it is open.

    Linux lets a server that sets SO_REUSEADDR, as Tornado's do, listen on a port that is bound with
    SO_REUSEADDR and not listened on, and gives it to nobody who asks for any port. Other systems let nobody:
    there the ports are free at this moment.
    """
    probes = []
    for _ in range(count):
        probe = socket.socket()
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        probes.append(probe)
    ports = [int(probe.getsockname()[1]) for probe in probes]
    if sys.platform != "linux":
        while probes:
            probes.pop().close()
    return probes, ports
