"""The life of a cluster in Dask's hands: made or found, connected, heard of again after a loss, left.

Dask's side runs in Dask's loop. Kubernetes' side, the tunnel included, runs in the SDK's own: a program that
keeps its loop busy does not keep bytes from coming.
"""

import asyncio
import atexit
import os
import threading
from collections.abc import Generator, Mapping
from contextlib import suppress
from typing import Any, ClassVar
from weakref import WeakSet

from typing_extensions import Self

from daskflow.api.names import DASK_CLUSTER
from daskflow.client.cluster.creation import Creation
from daskflow.client.cluster.session import Session
from daskflow.client.cluster.versions import differences
from daskflow.client.connection import Connection, Object
from daskflow.client.errors import NotFound, PackageMissing, WrongUse
from daskflow.client.sync import awaited, call

try:
    from distributed.core import Status, rpc
    from distributed.deploy import Adaptive
    from distributed.deploy import Cluster as DeployCluster
    from distributed.objects import SchedulerInfo
    from distributed.security import Security
    from distributed.versions import get_versions
    from tornado.ioloop import IOLoop

    _missing: ImportError | None = None
except ImportError as error:
    DeployCluster, _missing = object, error

CLOSE_SECONDS = 10.0
"""For a cluster that is still open when the interpreter ends."""
AGAIN_SECONDS = 0.5
"""Between two tries to hear of workers again."""


def needs_distributed() -> None:
    """Raises PackageMissing where it is not installed."""
    if _missing is not None:
        raise PackageMissing(
            f"daskflow.Cluster needs the package distributed ({_missing}); "
            "pip install 'daskflow[cluster]', in the version of your image"
        ) from _missing


class Life(DeployCluster):  # type: ignore[misc]
    """What `distributed` asks of a deploy cluster's beginning and end."""

    _instances: ClassVar["WeakSet[Life]"] = WeakSet()
    status: Any

    def __init__(
        self,
        connection: Connection,
        name: str,
        namespace: str | None,
        manifest: Object | None,
        *,
        shutdown_on_close: bool,
        start_timeout: float | None,
        asynchronous: bool,
        loop: Any,
        **options: Any,
    ) -> None:
        """Without a manifest there is a cluster of that name. `options` are those of Dask's class."""
        self._connection, self._namespace, self._manifest = connection, namespace, manifest
        self._creation: Creation | None = None
        self._session: Session | None = None
        self._to_delete = False
        self._process = os.getpid()
        self._start_timeout = start_timeout
        self._beginning: asyncio.Future[None] | None = None
        self._waiting = 0
        self._ending: asyncio.Future[None] | None = None
        self.shutdown_on_close = shutdown_on_close
        self.security = Security()
        loop = IOLoop.current() if loop is None and asynchronous else loop
        super().__init__(asynchronous=asynchronous, loop=loop, name=name, **options)
        self._instances.add(self)
        if not self.called_from_running_loop:
            self._loop_runner.start()
            try:
                self.sync(self._start)
            except BaseException:
                self._end_at_once()  # an interrupt comes while it begins
                raise

    @property
    def namespace(self) -> str:
        """In which it is."""
        return self._namespace or self._connection.namespace

    def __await__(self) -> Generator[Any, Any, Self]:
        async def started() -> Self:
            await self._start()
            return self

        return started().__await__()

    async def _start(self) -> None:
        """The first who asks begins; all wait for the same, and the last who is cancelled ends it."""
        if self._ending is not None:
            raise WrongUse(f"the cluster {self.name} is closed; make another one")
        if self._beginning is None:
            self._beginning = asyncio.ensure_future(self._begin())
        beginning = self._beginning
        self._waiting += 1
        try:
            await asyncio.shield(beginning)
        except asyncio.CancelledError:
            if self._waiting == 1:
                beginning.cancel()
                await asyncio.gather(beginning, return_exceptions=True)
            raise
        finally:
            self._waiting -= 1

    async def _begin(self) -> None:
        self.status = Status.starting
        try:
            session = await awaited(self._opened())
            if session.certificates is not None:
                self.security = session.certificates.security()
            arguments = self.security.get_connection_args("client")
            self.scheduler_comm = rpc(session.address, connection_args=arguments)
            name = self._cluster_info["name"]
            await super()._start()
            self._cluster_info["name"] = name  # not what another manager of this scheduler has left there
            self._compare(await self.scheduler_comm.versions())
        except BaseException:
            self.status = Status.failed
            await self._end()
            raise

    async def _opened(self) -> Session:
        """In the SDK's loop."""
        if self._manifest is not None:
            self._to_delete = self.shutdown_on_close
            self._creation = Creation(self._connection, self._manifest, self.namespace)
            await self._creation.done()
        session = self._session = Session(
            self._connection, self.name, self.namespace, self._log, changed=self._changed
        )
        await session.open(self._start_timeout)
        self._to_delete = self.shutdown_on_close
        return session

    def _compare(self, there: Mapping[str, Any]) -> None:
        if said := differences(get_versions(), there):
            self._log(said)

    async def _watch_worker_status(self, comm: Any) -> None:
        """As Dask's, and again when the connection was lost, as long as there is a cluster.

        `_end` cancels it, and waits for its end.
        """
        with suppress(asyncio.CancelledError):
            while True:
                await super()._watch_worker_status(comm)
                while True:
                    await asyncio.sleep(AGAIN_SECONDS)
                    if self._session is None or self._session.failure is not None:
                        return
                    found = await self._subscribed()
                    if found is not None:
                        comm = found
                        break

    async def _subscribed(self) -> Any:
        """A connection by which the scheduler tells of workers; None if there is none now."""
        try:
            comm = await self.scheduler_comm.live_comm()
            comm.name = "Cluster worker status"
            await comm.write({"op": "subscribe_worker_status"})
            self.scheduler_info = SchedulerInfo(await comm.read())
        except OSError:
            return None
        self._watch_worker_status_comm = comm
        return comm

    def _changed(self) -> None:
        """Called in the SDK's loop. A scheduler tells only the last who has asked it of its workers."""
        self.loop.add_callback(self._ask)

    async def _ask(self) -> None:
        if self.status == Status.running:
            with suppress(OSError):
                self.scheduler_info = SchedulerInfo(await self.scheduler_comm.identity())

    async def _close(self) -> None:
        if self._beginning is not None and not self._beginning.done():
            self._beginning.cancel()
            await asyncio.gather(self._beginning, return_exceptions=True)
        await self._end()

    async def _end(self) -> None:
        """Once, however many ask for it, and whoever of them is cancelled."""
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._leave())
        await asyncio.shield(self._ending)

    async def _leave(self) -> None:
        if self._watch_worker_status_task is not None:
            self._watch_worker_status_task.cancel()
        try:
            await super()._close()
        finally:
            self.status = Status.closed
            await awaited(self._left())
        self._instances.discard(self)

    async def _left(self) -> None:
        """Kubernetes' side of the end, in the SDK's loop."""
        session, creation = self._session, self._creation
        if session is not None:
            await session.close()
        if not self._to_delete:
            return
        uid = await creation.uid() if creation else session.uid if session else ""
        if uid:
            with suppress(NotFound):
                await self._connection.delete(DASK_CLUSTER, self.name, self.namespace, uid=uid)
        self._to_delete = False

    def close(self, timeout: float | None = None) -> Any:
        """Ends the use of the cluster, and the cluster itself with `shutdown_on_close`."""
        waiting = super().close(timeout)
        if not self.asynchronous:
            self._loop_runner.stop()
        return waiting

    def _end_at_once(self) -> None:
        """Closed within some seconds, and deleted if that is what `close` does."""
        try:
            with suppress(Exception):
                self.close(timeout=CLOSE_SECONDS)
            with suppress(Exception):
                # Of one whose loop has stopped, `close` can do nothing.
                call(asyncio.wait_for(self._left(), CLOSE_SECONDS))
        finally:
            self._loop_runner.stop()


def operator_adapts(cluster: Life, minimum: int, maximum: int, changed: Any) -> Any:
    """Dask's Adaptive of a cluster whose operator adapts; where `changed` is to be awaited, so is it."""

    class OperatorAdapts(Adaptive):  # type: ignore[misc]
        def __await__(self) -> Generator[Any, Any, None]:
            yield from changed.__await__()

    # Without an interval it never looks.
    return OperatorAdapts(cluster, interval=0, minimum=minimum, maximum=maximum)


def close_all() -> None:
    """At the interpreter's end: what this process has opened, and not the one that it was forked from."""
    for cluster in list(Life._instances):
        if cluster._process == os.getpid():
            cluster._end_at_once()


# Those of `atexit` come when executors, which resolve host names, no longer work.
getattr(threading, "_register_atexit", atexit.register)(close_all)
