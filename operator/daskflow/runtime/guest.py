"""Preloads in processes that a user's own command has started: what theirs and ours need to get along."""

from __future__ import annotations

from typing import Any


async def start_shadowed(server: Any, role: str) -> None:
    """Start the preloads of the image's configuration files, which the variable that names ours replaced."""
    import dask
    from distributed.preloading import process_preloads

    files = dask.config.collect(env={})
    names = dask.config.get(f"distributed.{role}.preload", None, config=files) or []
    argv = dask.config.get(f"distributed.{role}.preload-argv", None, config=files) or []
    server.daskflow_shadowed = process_preloads(server, names, argv) if names else []
    for preload in server.daskflow_shadowed:
        await preload.start()


async def end_shadowed(server: Any) -> None:
    """Called when the server closes."""
    for preload in getattr(server, "daskflow_shadowed", ()):
        await preload.teardown()
