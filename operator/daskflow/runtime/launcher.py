"""The first process of all pods: prepares the surroundings, then becomes scheduler, worker or runner."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import Any

from .settings import number, text

_PACKAGE = __name__.rpartition(".")[0]


def main() -> None:
    """`runtime.pyz ROLE [ARGS]`; ARGS of scheduler and worker go to Dask's command line."""
    role, *args = sys.argv[1:] or [""]
    if role == "runner":
        surroundings()
        from .supervisor import main as supervise

        supervise()
    elif role in ("scheduler", "worker"):
        # Process 1 has no default action for SIGTERM; the preloads take over from this.
        signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
        surroundings()
        gc.disable()  # collecting while Dask is imported takes a tenth of the start
        scheduler(args) if role == "scheduler" else worker(args)
    else:
        sys.exit("usage: runtime.pyz scheduler|worker|runner [ARGS of dask scheduler or dask worker]")


def surroundings() -> None:
    """HOME and TMPDIR on the scratch volume, unless the image's own can be written."""
    scratch = text("SCRATCH", "/scratch")
    if not os.access(scratch, os.W_OK):
        return
    if not os.access(os.environ.get("HOME") or "/nonexistent", os.W_OK):
        os.environ["HOME"] = scratch
    if not os.access(os.environ.get("TMPDIR") or "/nonexistent", os.W_OK):
        os.environ["TMPDIR"] = scratch


def import_path(entrypoint: str) -> None:
    """Put the entrypoint's folder (of "path.py:attr") and the working directory in front of sys.path.

    Functions are pickled by reference, so workers must find the flow's module under the name that the runner
    has for it. `dask worker` puts neither there, and PYTHONPATH would replace the image's own.
    """
    path = entrypoint.rpartition(":")[0]
    here = os.getcwd()
    first = [os.path.dirname(os.path.abspath(path)), here] if path.endswith(".py") else [here]
    sys.path[:] = list(dict.fromkeys(first + [entry for entry in sys.path if entry]))


def scheduler(args: list[str]) -> None:
    """Become a Dask scheduler. Its HTTP server, which knows no certificates, is bound to 127.0.0.1."""
    from distributed.cli.dask_scheduler import main as dask_main

    given = _with_defaults(args, {"--dashboard-address": "127.0.0.1:8787"}, ("dashboard",))
    _run(dask_main, given, "scheduler")


def worker(args: list[str]) -> None:
    """Become a Dask worker without a nanny, doing what else only a nanny does: threads of BLAS, malloc."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    trim = int(os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", "65536"))
    from distributed.cli.dask_worker import main as dask_main

    _malloc_trim_threshold(trim)
    scratch = text("SCRATCH", "/scratch")
    defaults = {
        "--name": text("POD"),
        "--nthreads": text("THREADS"),
        "--memory-limit": text("MEMORY_LIMIT", "0"),
        "--death-timeout": str(number("DEATH_TIMEOUT", 900)),
        "--local-directory": scratch if os.access(scratch, os.W_OK) else "",
        "--dashboard-address": "127.0.0.1:0",
    }
    given = _with_defaults(args, defaults, ("dashboard", "nanny"))
    _run(dask_main, given, "worker")


def _run(dask_main: Any, args: list[str], role: str) -> None:
    """Dask's command line with our preload, and the image's own, which an option would replace."""
    import dask

    configured = dask.config.get(f"distributed.{role}.preload", None) or []
    preloads = [f"{_PACKAGE}.{role}", *([configured] if isinstance(configured, str) else configured)]
    args = [*(part for name in preloads for part in ("--preload", name)), *args]
    # After Dask's own imports, so that a flow's `queue.py` does not stand in for the library's.
    import_path(text("ENTRYPOINT"))
    gc.enable()
    gc.freeze()
    dask_main(args, prog_name=f"dask {role}")


def _with_defaults(args: list[str], values: dict[str, str], off: tuple[str, ...]) -> list[str]:
    """`args` and what they do not say themselves: values, and "--no-" flags unless the thing is asked for."""
    said = {arg.partition("=")[0] for arg in args}
    more = [part for name, value in values.items() if value and name not in said for part in (name, value)]
    return [*args, *more, *("--no-" + name for name in off if not {"--no-" + name, "--" + name} & said)]


def _malloc_trim_threshold(size: int) -> None:
    """glibc reads MALLOC_TRIM_THRESHOLD_ when a process starts, which this one has done already."""
    try:
        import ctypes

        ctypes.CDLL(None).mallopt(-1, size)  # M_TRIM_THRESHOLD
    except (ImportError, OSError, AttributeError):
        return
