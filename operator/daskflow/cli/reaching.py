"""Which cluster a name on the command line means, and how long a command keeps a way to it open."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, TypeVar

from daskflow.api.daskcluster import TERMINAL_PHASES, status_of
from daskflow.api.names import DASK_CLUSTER
from daskflow.client.errors import NotFound, WrongUse
from daskflow.client.names import checked

if TYPE_CHECKING:
    from daskflow.client.connection import Connection
    from daskflow.client.run import AsyncRun
    from daskflow.client.tunnel.ends import Find

T = TypeVar("T")

_KINDS = {"run": "run", "flowrun": "run", "cluster": "cluster", "daskcluster": "cluster"}
"""What may stand before a `/`."""


class Reached:
    """What was named: a cluster, or a run, whose cluster is that of its present attempt."""

    def __init__(self, connection: "Connection", name: str, run: "AsyncRun | None") -> None:
        self._connection, self._name, self.run = connection, name, run

    async def cluster(self) -> str:
        """Its name, once there is one. Raises NotFound where there will be none."""
        if self.run is None:
            return self._name
        async for status in self.run.watch():
            if status.cluster is not None and status.cluster.name and not self.run.done:
                return status.cluster.name
        raise NotFound(
            f"the run {self.run.name} has ended, and its cluster with it; `daskflow logs` and "
            "`daskflow explain` are about the past"
        )

    def find(self, port: int) -> "Find":
        """A port of its scheduler: of a run's present attempt, whichever that is."""
        from daskflow.client.tunnel.ends import End, NotReady, scheduler_port

        run = self.run
        if run is None:
            return scheduler_port(self._connection, self._name, port=port)

        async def find() -> End:
            await run.refresh()
            status = run.status
            if run.done:
                raise NotFound(f"the run {run.name} has ended, and its cluster with it")
            if status.cluster is None or not status.cluster.name:
                raise NotReady(f"the run {run.name} is {run.phase} and has no cluster now")
            return await scheduler_port(self._connection, status.cluster.name, port=port)()

        return find

    async def ended(self) -> str:
        """Comes back when it is over, with that in words."""
        if self.run is not None:
            await self.run.wait()
            return f"the run {self.run.name} has ended, and its cluster with it"
        from daskflow.client.watching import watch

        fields = f"metadata.name={self._name}"
        async with aclosing(watch(self._connection, DASK_CLUSTER, fields=fields)) as events:
            async for event in events:
                phase = status_of(event.object).phase
                if event.type == "DELETED":
                    return f"the cluster {self._name} was deleted"
                if phase in TERMINAL_PHASES:
                    return f"the cluster {self._name} is {phase}"
        raise AssertionError("a watch has no end")


async def reached(connection: "Connection", what: str) -> Reached:
    """What is named by NAME, run/NAME or cluster/NAME. Raises WrongUse and NotFound."""
    from daskflow.client.run import AsyncRun

    before, slash, name = what.rpartition("/")
    kind = _KINDS.get(before.lower().partition(".")[0].removesuffix("s"), "") if slash else "any"
    if not kind or not name:
        raise WrongUse(f"{what} is neither a name nor run/NAME nor cluster/NAME; write one of these")
    checked(name, "run" if kind == "run" else "cluster")
    if kind != "cluster":
        try:
            run = await AsyncRun.get(name, connection=connection)
        except NotFound:
            if kind == "run":
                raise
        else:
            if run.spec.scheduler_address or not (run.spec.owns_cluster or run.spec.cluster_ref):
                raise WrongUse(f"the run {name} has no DaskCluster; name one that has, or a cluster")
            return Reached(connection, name, run)
    try:
        await connection.get(DASK_CLUSTER, name)
    except NotFound as error:
        if kind == "cluster":
            raise
        raise NotFound(
            f"there is neither a run nor a cluster {name} in namespace {connection.namespace}; "
            "`daskflow list` and `daskflow cluster list` show those that there are"
        ) from error
    return Reached(connection, name, None)


async def until_interrupted(ended: Awaitable[T], *, unless: Callable[[], bool] = lambda: False) -> T | None:
    """What it comes back with; None after Ctrl-C, SIGTERM or SIGHUP, which cancel it. Its errors are raised.

    Ctrl-C is not heeded as long as `unless` says so: then it is a child's.
    """
    loop, ending = asyncio.get_running_loop(), asyncio.ensure_future(ended)

    def interrupt() -> None:
        if not unless():
            ending.cancel()

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    with suppress(NotImplementedError):  # Windows; Ctrl-C then ends the command with 130
        loop.add_signal_handler(signal.SIGINT, interrupt)
        for number in numbers:
            loop.add_signal_handler(number, ending.cancel)
    try:
        await asyncio.wait((ending,))
    finally:
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)
        with suppress(NotImplementedError):
            for number in (signal.SIGINT, *numbers):
                loop.remove_signal_handler(number)
    return None if ending.cancelled() else ending.result()
