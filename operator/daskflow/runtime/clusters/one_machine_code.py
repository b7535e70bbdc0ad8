"""Code written for one machine: in a run `Client(n_workers=4)` and `LocalCluster()` give the run's cluster.

Patched are the flow's process and the workers, only while DASK_SCHEDULER_ADDRESS says where the cluster is.
"""

from __future__ import annotations

import inspect
import os
from typing import Any

from .runs_cluster import RunsCluster, note, shown


def use_runs_cluster() -> None:
    """Called once in a process, before the user's code is imported. Does nothing without a cluster."""
    address = os.environ.get("DASK_SCHEDULER_ADDRESS")
    if not address:
        return
    from distributed import Client, LocalCluster

    _patch_client(Client, address)

    def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if cls is not LocalCluster:
            return object.__new__(cls)
        note(f"LocalCluster({shown(args, kwargs)})", "is the run's cluster, whose size its manifest says")
        return RunsCluster(address)

    LocalCluster.__new__ = staticmethod(new)


def _patch_client(client: Any, address: str) -> None:
    import dask

    init, start, shutdown = client.__init__, client._start, client.shutdown
    known = inspect.signature(init).parameters

    def __init__(self: Any, given: Any = None, *args: Any, **kwargs: Any) -> None:
        given = kwargs.pop("address", given)
        if isinstance(given, RunsCluster):
            given = None
        if given is None:
            local = {name: kwargs.pop(name) for name in list(kwargs) if name not in known}
            if local:
                text = shown((), local)
                note(f"Client({text})", f"connects to the run's cluster: {text} is for one machine")
        elif isinstance(given, str) and given != address:
            self.daskflow_named = given
            note(f"Client({given!r})", "connects to another scheduler than the run's")
        init(self, given, *args, **kwargs)
        # `Client()` in the block of a cluster that the flow made is of that one.
        runs = dask.config.get("scheduler-address", address) == address
        if given is None and self.cluster is None and runs:
            self.cluster = RunsCluster(address, self)

    def _shutdown(self: Any) -> Any:
        if self.scheduler is None or self.scheduler.address != address:
            return shutdown(self)
        note("client.shutdown()", "closes the client alone: the run's cluster ends with the run")
        return self.close()

    async def _start(self: Any, *args: Any, **kwargs: Any) -> Any:
        named = getattr(self, "daskflow_named", None)
        try:
            return await start(self, *args, **kwargs)
        except Exception as error:
            if named is None:
                raise
            raise OSError(
                f"Client({named!r}) names a scheduler that does not answer: {error}."
                " Write Client() instead, which finds the run's cluster by itself."
            ) from error

    client.__init__, client._start, client.shutdown = __init__, _start, _shutdown
