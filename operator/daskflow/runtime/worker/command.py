"""Becoming Dask's worker: its own command line, with what the operator says as its defaults."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from urllib.parse import urlsplit

from ..dask_command import PACKAGE, run_dask, spill_folder_is_set, with_defaults
from ..settings import number, text, tls


def become_worker(args: list[str]) -> None:
    """Become a Dask worker. Without a nanny, do what else only that does: threads of BLAS, malloc."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    trim = int(os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", "65536"))
    from distributed.cli.dask_worker import main as dask_main

    _malloc_trim_threshold(trim)
    scratch = text("SCRATCH", "/scratch")
    death_timeout = number("DEATH_TIMEOUT", 900)
    nanny = text("NANNY") == "1"
    defaults = {
        "--name": text("POD"),
        "--nthreads": text("THREADS"),
        "--memory-limit": _memory_limit(),
        "--resources": _resources(),
        "--death-timeout": str(death_timeout),
        "--local-directory": "" if spill_folder_is_set() or not os.access(scratch, os.W_OK) else scratch,
        "--dashboard-address": "127.0.0.1:0",
    }
    given = with_defaults(args, defaults, {"dashboard": False, "nanny": nanny})
    if "--nanny" in given:
        _await_scheduler(death_timeout)
        given += ["--preload-nanny", f"{PACKAGE}.worker.nanny_preload"]
    run_dask(dask_main, given, "worker")


def _resources() -> str:
    """DASKFLOW_RESOURCES for the command line: Dask's configuration would make their names lower case."""
    return ",".join(f"{name}={amount}" for name, amount in json.loads(text("RESOURCES", "{}")).items())


def _memory_limit() -> str:
    """Bytes: what the operator says, which knows the container's limit, else the limit of the cgroup."""
    said = text("MEMORY_LIMIT", "0")
    return str(cgroup_memory("/sys/fs/cgroup", _machine_memory())) if said == "0" else said


def cgroup_memory(root: str, machine: int) -> int:
    """The memory limit of this container (cgroup v2 or v1, mounted at `root`); 0 when there is none.

    Version 1 says "unlimited" by a number larger than any machine's memory.
    """
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            with open(os.path.join(root, name), encoding="ascii") as file:
                limit = int(file.read())
        except (OSError, ValueError):  # absent, or "max"
            continue
        if 0 < limit < machine:
            return limit
    return 0


def _machine_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _await_scheduler(seconds: float) -> None:
    """A nanny gives up at once where a worker tries again: wait until something answers at the address.

    Exits with code 1 after `seconds`, as a worker without a scheduler does.
    """
    address = urlsplit(os.environ.get("DASK_SCHEDULER_ADDRESS", ""))
    until = time.monotonic() + seconds
    while address.hostname:
        try:
            peer = socket.create_connection((address.hostname, address.port or 8786), 2)
            context = tls(server=False) if address.scheme == "tls" else None
            # The scheduler warns of whoever leaves in the middle of the handshake.
            (context.wrap_socket(peer) if context else peer).close()
        except OSError as error:
            if time.monotonic() > until:
                sys.exit(f"daskflow: the scheduler never answered: {error}")
            time.sleep(0.1)
        else:
            return


def _malloc_trim_threshold(size: int) -> None:
    """glibc reads MALLOC_TRIM_THRESHOLD_ when a process starts, which this one has done already."""
    try:
        import ctypes

        ctypes.CDLL(None).mallopt(-1, size)  # M_TRIM_THRESHOLD
    except (ImportError, OSError, AttributeError):
        return
