"""Dask's dashboards, each through a tunnel of its own that stays open as long as the page's program runs.

What they show is made by code that is not ours. They are opened as `localhost`: another origin than the page,
which is 127.0.0.1, and another site, which is sent no cookie of it and cannot act as the page (`guard`).
"""

import asyncio
from contextlib import AsyncExitStack
from types import TracebackType
from typing import NamedTuple

from daskflow.api.names import DASK_CLUSTER
from daskflow.cli.ui.source import Key, Source
from daskflow.client.cluster.session import DASHBOARD_PORT
from daskflow.client.connection import Connection
from daskflow.client.errors import NotFound, WrongUse
from daskflow.client.tunnel.ends import scheduler_port
from daskflow.client.tunnel.tunnel import BROWSER_HOST, Tunnel


class _Opened(NamedTuple):
    uid: str
    """The cluster's."""
    connection: Connection
    tunnel: Tunnel
    stack: AsyncExitStack


class Dashboards:
    """Of all clusters that were asked for; within `async with`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._tunnels: dict[Key, _Opened] = {}
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> "Dashboards":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for key in list(self._tunnels):
            await self._close(key)

    async def address(self, namespace: str, name: str) -> str:
        """Where the dashboard of this cluster is. Raises the errors of a connection, and WrongUse."""
        cluster = self._source.get(DASK_CLUSTER, namespace, name)
        if cluster is None:
            raise NotFound(f"there is no DaskCluster {name} in namespace {namespace} (any more)")
        if not (cluster.get("spec") or {}).get("dashboard"):
            raise WrongUse(f"{name} serves no dashboard; set dashboard: true in the spec of the next cluster")
        uid = str(cluster["metadata"].get("uid"))
        async with self._opening:
            await self._sweep()
            if (namespace, name) not in self._tunnels:
                connection = self._source.connection
                tunnel = Tunnel(connection, scheduler_port(connection, name, namespace, DASHBOARD_PORT))
                stack = AsyncExitStack()
                await stack.enter_async_context(tunnel)
                self._tunnels[namespace, name] = _Opened(uid, connection, tunnel, stack)
            return f"http://{BROWSER_HOST}:{self._tunnels[namespace, name].tunnel.port}/status"

    async def _sweep(self) -> None:
        """Close those of clusters that have gone, and those whose login has expired since."""
        for key, opened in list(self._tunnels.items()):
            there = self._source.get(DASK_CLUSTER, *key)
            gone = there is None or there["metadata"].get("uid") != opened.uid
            if gone or opened.connection is not self._source.connection:
                await self._close(key)

    async def _close(self, key: Key) -> None:
        await self._tunnels.pop(key).stack.aclose()
