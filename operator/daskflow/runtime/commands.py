"""Becoming Dask's scheduler or worker: its own command line, with what the operator says as its defaults."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import socket
import sys
import time
from typing import Any
from urllib.parse import urlsplit

from .importing import import_path
from .settings import number, say, text, tls
from .worker.memory import memory_limit

_PACKAGE = __name__.rpartition(".")[0]


def scheduler(args: list[str]) -> None:
    """Become a Dask scheduler. Its HTTP server, which knows no certificates, is bound to 127.0.0.1."""
    from distributed.cli.dask_scheduler import main as dask_main

    _never_idle()
    _folder_of_ours()
    dashboard = text("DASHBOARD") == "1"
    if dashboard and importlib.util.find_spec("bokeh") is None:
        say("no dashboard: the image has no bokeh; install it there, or leave spec.dashboard out")
        dashboard = False
    given = _with_defaults(args, {"--dashboard-address": "127.0.0.1:8787"}, {"dashboard": dashboard})
    _run(dask_main, given, "scheduler")


def worker(args: list[str]) -> None:
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
        "--memory-limit": memory_limit(),
        "--resources": _resources(),
        "--death-timeout": str(death_timeout),
        "--local-directory": "" if _own_folder() or not os.access(scratch, os.W_OK) else scratch,
        "--dashboard-address": "127.0.0.1:0",
    }
    given = _with_defaults(args, defaults, {"dashboard": False, "nanny": nanny})
    if "--nanny" in given:
        _await_scheduler(death_timeout)
        given += ["--preload-nanny", f"{_PACKAGE}.worker.nanny"]
    _run(dask_main, given, "worker")


def _own_folder() -> bool:
    """Whether the user's configuration says where workers spill (an NVMe volume, say)."""
    import dask

    return bool(dask.config.get("temporary-directory", None))


def _folder_of_ours() -> None:
    """The folder in which workers spill need not be in the scheduler's pod, which makes it all the same."""
    import dask

    if _own_folder():
        dask.config.set({"temporary-directory": text("SCRATCH", "/scratch")})


def _never_idle() -> None:
    """Dask's own idle timeout, wherever it comes from, ends schedulers whose clients still hold results."""
    import dask

    if dask.config.get("distributed.scheduler.idle-timeout", None):
        say("Dask's idle-timeout is set and has no effect here; use idleTimeout of the DaskCluster")
        dask.config.set({"distributed.scheduler.idle-timeout": None})


def _resources() -> str:
    """DASKFLOW_RESOURCES for the command line: Dask's configuration would make their names lower case."""
    return ",".join(f"{name}={amount}" for name, amount in json.loads(text("RESOURCES", "{}")).items())


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


def _run(dask_main: Any, args: list[str], role: str) -> None:
    """Dask's command line with our preload, and the image's own, which an option would replace."""
    import dask

    configured = dask.config.get(f"distributed.{role}.preload", None) or []
    preloads = [f"{_PACKAGE}.{role}.preload", *([configured] if isinstance(configured, str) else configured)]
    if len(preloads) == 1 and "--preload" not in args:
        _known(dask_main, args, role)
    args = [*(part for name in preloads for part in ("--preload", name)), *args]
    # After Dask's own imports, so that a flow's `queue.py` does not stand in for the library's.
    import_path(text("ENTRYPOINT"))
    gc.enable()
    gc.freeze()
    dask_main(args, prog_name=f"dask {role}")


def _known(dask_main: Any, args: list[str], role: str) -> None:
    """Exits for an option that is none of Dask's: Dask keeps it for preloads, and fails without naming it."""
    known = {name for each in dask_main.params for name in (*each.opts, *each.secondary_opts)}
    for arg in args:
        if arg.startswith("--") and arg.partition("=")[0] not in known:
            sys.exit(f"daskflow: dask {role} has no option {arg}; see args in the spec")


def _with_defaults(args: list[str], values: dict[str, str], flags: dict[str, bool]) -> list[str]:
    """`args` and what they do not say themselves: values, and flags as "--name" or "--no-name"."""
    said = {arg.partition("=")[0] for arg in args}
    more = [part for name, value in values.items() if value and name not in said for part in (name, value)]
    for name, on in flags.items():
        if not {"--no-" + name, "--" + name} & said:
            more.append(("--" if on else "--no-") + name)
    return [*args, *more]


def _malloc_trim_threshold(size: int) -> None:
    """glibc reads MALLOC_TRIM_THRESHOLD_ when a process starts, which this one has done already."""
    try:
        import ctypes

        ctypes.CDLL(None).mallopt(-1, size)  # M_TRIM_THRESHOLD
    except (ImportError, OSError, AttributeError):
        return
