"""Code written for one machine: in a run `Client(n_workers=4)` and `LocalCluster()` give the run's cluster.

Patched are the flow's process and the workers, only while DASK_SCHEDULER_ADDRESS says where the cluster is.
"""

from __future__ import annotations

import inspect
import os
from typing import Any

from .settings import say


def adopt() -> None:
    """Called once in a process, before the user's code is imported. Does nothing without a cluster."""
    address = os.environ.get("DASK_SCHEDULER_ADDRESS")
    if not address:
        return
    from distributed import Client, LocalCluster

    _adopt_client(Client, address)

    def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if cls is not LocalCluster:
            return object.__new__(cls)
        _note(f"LocalCluster({_shown(args, kwargs)})", "is the run's cluster, whose size its manifest says")
        return RunsCluster(address)

    LocalCluster.__new__ = staticmethod(new)


def _adopt_client(client: Any, address: str) -> None:
    init, start = client.__init__, client._start
    known = inspect.signature(init).parameters

    def __init__(self: Any, given: Any = None, *args: Any, **kwargs: Any) -> None:
        given = kwargs.pop("address", given)
        if isinstance(given, RunsCluster):
            given = None
        if given is None:
            local = {name: kwargs.pop(name) for name in list(kwargs) if name not in known}
            if local:
                shown = _shown((), local)
                _note(f"Client({shown})", f"connects to the run's cluster: {shown} is for one machine")
        elif isinstance(given, str) and given != address:
            self.daskflow_named = given
            _note(f"Client({given!r})", "connects to another scheduler than the run's")
        init(self, given, *args, **kwargs)

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

    client.__init__, client._start = __init__, _start


class _Done:
    """What `close()` returns: done already, for those who wait for it."""

    def __await__(self) -> Any:
        return iter(())


class RunsCluster:
    """What `LocalCluster()` makes in a run: the cluster is there already, and ends with the run alone."""

    name = "daskflow"
    dashboard_link = ""
    asynchronous = False

    def __init__(self, address: str) -> None:
        from distributed.core import Status

        self.scheduler_address = address
        self.status = Status.running

    def get_client(self) -> Any:
        """A client of its own, as of any cluster."""
        from distributed import Client

        return Client()

    @property
    def scheduler_info(self) -> Any:
        """What the scheduler says of itself and its workers."""
        from distributed import default_client

        return default_client().scheduler_info()

    @property
    def workers(self) -> Any:
        """The workers by their addresses."""
        return self.scheduler_info["workers"]

    def scale(self, *args: Any, **kwargs: Any) -> Any:
        """Of no effect: the manifest says how many workers there are."""
        _note(
            "scale() and adapt()", "of LocalCluster change nothing: the run's manifest says how many workers"
        )
        return self

    adapt = scale

    def wait_for_workers(self, *args: Any, **kwargs: Any) -> Any:
        """As a client does."""
        from distributed import default_client

        return default_client().wait_for_workers(*args, **kwargs)

    def close(self, *args: Any, **kwargs: Any) -> Any:
        """Of no effect."""
        return _Done()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *args: Any) -> None:
        return None

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *args: Any) -> None:
        return None

    def __await__(self) -> Any:
        async def itself() -> Any:
            return self

        return itself().__await__()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"LocalCluster is the run's cluster here, which has no {name!r}: use Client() alone"
        )


_noted: set[str] = set()


def _note(what: str, sentence: str) -> None:
    """One line for each kind of thing, however often it is done."""
    if what not in _noted:
        _noted.add(what)
        say(f"{what} {sentence}")


def _shown(args: Any, kwargs: dict[str, Any]) -> str:
    shown = ", ".join([*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())])
    return shown if len(shown) < 200 else shown[:199] + "…"
