"""A DaskCluster that is used from here: watched as long as that lasts; reached by a tunnel, or directly."""

import asyncio
import os
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing, suppress

from daskflow.api.daskcluster import TERMINAL_PHASES, DaskClusterStatus, status_of
from daskflow.api.names import DASK_CLUSTER
from daskflow.client.cluster.certificates import Certificates, certificates
from daskflow.client.connection import Connection, Object
from daskflow.client.errors import ClusterEnded, ClusterNotReady, ServerFailed, Unauthorized
from daskflow.client.tunnel.ends import is_ready, scheduler_port
from daskflow.client.tunnel.tunnel import Tunnel
from daskflow.client.watching import watch

DASHBOARD_PORT = 8787
"""Of Dask's HTTP server, on the loopback of the scheduler's pod."""
DIRECT_SECONDS = 3.0
"""How long a pod tries the Service before it takes the tunnel; a NetworkPolicy drops without a word."""
AGAIN_SECONDS = 5.0
"""Between two watches, the first of which has given up."""


class Session:
    """Belongs to the event loop in which it was opened."""

    def __init__(
        self,
        connection: Connection,
        name: str,
        namespace: str,
        told: Callable[[str], None],
        *,
        changed: Callable[[], object] = lambda: None,
        port: int = 0,
    ) -> None:
        """`told` gets a sentence when there is something to say, `changed` is called when the status has.

        `port` is the tunnel's [any free one].
        """
        self.connection, self.name, self.namespace = connection, name, namespace
        self._told, self._changed, self._port = told, changed, port
        self.uid = ""
        self._stack = AsyncExitStack()
        self._watching: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._said = ""
        self.resource: Object = {}
        """The DaskCluster as it was last heard of."""
        self.certificates: Certificates | None = None
        """None where connections are not encrypted."""
        self.address = ""
        """The scheduler's, for a client here."""
        self.dashboard = ""
        """Host and port of Dask's HTTP server, for a browser here."""

    @property
    def status(self) -> DaskClusterStatus:
        """The operator's words."""
        return status_of(self.resource)

    async def open(self, timeout: float | None) -> None:
        """Until its scheduler can be asked; the seconds are for all of that.

        Raises ClusterEnded, ClusterNotReady and the errors of a connection.
        """
        self.resource = await self.connection.get(DASK_CLUSTER, self.name, self.namespace)
        self.uid = self.resource["metadata"]["uid"]
        self._watching = asyncio.create_task(self._watch())
        reaching = asyncio.create_task(self._reach())
        try:
            done, _ = await asyncio.wait(
                {self._watching, reaching}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                raise ClusterNotReady(f"after {timeout:g} s {self._words()}")
            await done.pop()
        except BaseException:
            await self._ended(reaching)
            await self.close()
            raise

    async def ended(self) -> None:
        """Never comes back, but raises ClusterEnded once there is no such cluster any more."""
        assert self._watching is not None
        await asyncio.shield(self._watching)

    @property
    def failure(self) -> BaseException | None:
        """Why it is no longer of use, None as long as it is."""
        watching = self._watching
        return watching.exception() if watching and watching.done() and not watching.cancelled() else None

    async def close(self) -> None:
        """Ends the tunnels; the cluster goes on."""
        if self._watching is not None:
            await self._ended(self._watching)
        await self._stack.aclose()

    @staticmethod
    async def _ended(task: "asyncio.Task[None]") -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _watch(self) -> None:
        from daskflow.client.api_server import Unreachable

        fields = f"metadata.name={self.name}"
        while True:
            try:
                events = watch(self.connection, DASK_CLUSTER, self.namespace, fields=fields)
                async with aclosing(events):
                    async for event in events:
                        self._take(event.object, deleted=event.type == "DELETED")
            except (Unreachable, ServerFailed, Unauthorized) as error:
                self._say(str(error))
                await asyncio.sleep(AGAIN_SECONDS)
            except ClusterEnded as error:
                self._say(str(error))
                raise

    def _take(self, resource: Object, *, deleted: bool) -> None:
        if resource["metadata"]["uid"] != self.uid:
            return  # another one of its name, after or before it
        if deleted:
            raise ClusterEnded(f"the cluster {self.name} was deleted; make another one")
        before, self.resource = self.status, resource
        status = self.status
        if status.phase in TERMINAL_PHASES:
            raise ClusterEnded(self._words())
        if (status.phase, status.reason) != (before.phase, before.reason):
            self._say(self._words())
        if status != before:
            self._changed()
        self._news.set()

    def _words(self) -> str:
        status = self.status
        reason = f" ({status.reason})" if status.reason else ""
        said = f": {status.message}" if status.message else ""
        return f"the cluster {self.name} is {status.phase or 'Pending'}{reason}{said}".rstrip(".")

    def _say(self, sentence: str) -> None:
        if sentence != self._said:
            self._said = sentence
            self._told(sentence)

    async def _reach(self) -> None:
        await self._scheduler_is_ready()
        status = self.status
        address, secret = status.address or "", status.secret_name
        scheme, _, place = address.partition("://")
        if scheme == "tls" and secret:
            self.certificates = await certificates(self.connection, secret, self.namespace)
        if await self._answers(place):
            self.address = address
        else:
            find = scheduler_port(self.connection, self.name, self.namespace)
            tunnel = Tunnel(self.connection, find, port=self._port, told=self._say)
            await self._stack.enter_async_context(tunnel)
            self.address = f"{scheme}://{tunnel.address}"
        find = scheduler_port(self.connection, self.name, self.namespace, DASHBOARD_PORT)
        dashboard = Tunnel(self.connection, find)
        await self._stack.enter_async_context(dashboard)
        self.dashboard = dashboard.address

    async def _scheduler_is_ready(self) -> None:
        """Its pod says so once it listens. A suspended cluster gets another pod, of the same name."""
        gone = ""
        while True:
            while (scheduler := self.status.scheduler) is None or scheduler.uid == gone:
                self._news.clear()
                await self._news.wait()
            gone = scheduler.uid
            pods = watch(self.connection, "Pod", self.namespace, fields=f"metadata.name={scheduler.pod}")
            async with aclosing(pods):
                async for event in pods:
                    if event.type == "DELETED":
                        break
                    if is_ready(event.object):
                        return

    async def _answers(self, place: str) -> bool:
        """Whether this is a pod of the same Kubernetes which the scheduler's network lets in."""
        if self.connection.access.server or "KUBERNETES_SERVICE_HOST" not in os.environ:
            return False
        host, _, port = place.rpartition(":")
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), DIRECT_SECONDS)
        except (OSError, asyncio.TimeoutError):
            self._say(
                f"{place} lets this pod not in, so the API server forwards the connections; "
                "spec.security.networkPolicy.clients says who may connect"
            )
            return False
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True
