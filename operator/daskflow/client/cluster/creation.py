"""The request that makes a cluster: who gives up waiting for it still learns what became of it."""

import asyncio
from contextlib import suppress

from daskflow.api.names import DASK_CLUSTER
from daskflow.client.connection import Connection, Object
from daskflow.client.errors import DaskflowError, ServerFailed
from daskflow.client.field_manager import made_by, own_manager

PATIENCE_SECONDS = 5.0
"""How long the end of a cluster waits for the answer to its creation, and for another one after that."""


class Creation:
    """Sent as soon as it is made. Belongs to the event loop in which it was made."""

    def __init__(self, connection: Connection, manifest: Object, namespace: str) -> None:
        self._connection, self._namespace = connection, namespace
        self._name, self._manager = manifest["metadata"]["name"], own_manager()
        making = connection.create(DASK_CLUSTER, manifest, namespace, manager=self._manager)
        self._making = asyncio.ensure_future(making)

    async def done(self) -> None:
        """Once it is answered. Raises AlreadyExists, Refused and the errors of a connection."""
        await asyncio.shield(self._making)

    async def uid(self) -> str:
        """Of the cluster that it has made, empty if there is none; also where its answer was lost."""
        from daskflow.client.api_server import Unreachable

        await asyncio.wait({self._making}, timeout=PATIENCE_SECONDS)
        if self._making.done() and not self._making.cancelled():
            error = self._making.exception()
            if error is None:
                return str(self._making.result()["metadata"]["uid"])
            if not isinstance(error, Unreachable | ServerFailed):
                return ""
        self._making.cancel()
        with suppress(DaskflowError, asyncio.TimeoutError):
            asked = self._connection.get(DASK_CLUSTER, self._name, self._namespace)
            there = await asyncio.wait_for(asked, PATIENCE_SECONDS)
            return str(there["metadata"]["uid"]) if made_by(self._manager, there) else ""
        return ""
