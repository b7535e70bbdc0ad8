"""Becoming Dask's scheduler: its own command line, with what the operator says as its defaults."""

from __future__ import annotations

import importlib.util

from ..dask_command import run_dask, spill_folder_is_set, with_defaults
from ..settings import say, text


def become_scheduler(args: list[str]) -> None:
    """Its HTTP server, which knows no certificates, is bound to 127.0.0.1."""
    from distributed.cli.dask_scheduler import main as dask_main

    _no_idle_timeout()
    _spill_in_scratch()
    dashboard = text("DASHBOARD") == "1"
    if dashboard and importlib.util.find_spec("bokeh") is None:
        say("no dashboard: the image has no bokeh; install it there, or leave spec.dashboard out")
        dashboard = False
    given = with_defaults(args, {"--dashboard-address": "127.0.0.1:8787"}, {"dashboard": dashboard})
    run_dask(dask_main, given, "scheduler")


def _spill_in_scratch() -> None:
    """The folder in which workers spill need not be in the scheduler's pod, which makes it all the same."""
    import dask

    if spill_folder_is_set():
        dask.config.set({"temporary-directory": text("SCRATCH", "/scratch")})


def _no_idle_timeout() -> None:
    """Dask's own idle timeout, wherever it comes from, ends schedulers whose clients still hold results."""
    import dask

    if dask.config.get("distributed.scheduler.idle-timeout", None):
        say("Dask's idle-timeout is set and has no effect here; use idleTimeout of the DaskCluster")
        dask.config.set({"distributed.scheduler.idle-timeout": None})
