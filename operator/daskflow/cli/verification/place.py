"""The namespaces in which everything happens, and that nothing of it stays."""

import asyncio
from contextlib import suppress
from secrets import choice
from typing import TYPE_CHECKING, Any

from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE, GROUP
from daskflow.cli.verification.acting import Made
from daskflow.client.errors import DaskflowError, NotFound
from daskflow.client.kinds import KINDS

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

FINALIZER = f"{GROUP}/verify"
"""By which a check keeps an object from going."""
SECONDS = 120.0
"""Until all is gone that was deleted: a worker has 30 s to hand over what it holds."""
LOOK_SECONDS = 0.5
_LETTERS = "bcdfghjklmnpqrstvwxz"
_ENFORCED = {"pod-security.kubernetes.io/enforce": "restricted"}


class Place:
    """One namespace for most, and a second one beside it; or one that is there already."""

    def __init__(self, connection: "Connection", existing: str | None, *, patient: bool = True) -> None:
        """`patient`: waits in the end until all is gone."""
        mark = "".join(choice(_LETTERS) for _ in range(5))
        self._connection, self._existing, self._patient = connection, existing, patient
        self.namespace = existing or f"daskflow-verify-{mark}"
        self.beside = "" if existing else f"{self.namespace}-beside"
        self.prefix = f"v{mark[:3]}" if existing else ""
        """Before the names of all objects, where others' may be called alike."""
        self.made: list[Made] = []
        self._own: list[str] = []

    async def begin(self) -> None:
        """Makes the namespaces. Raises Forbidden and the errors of a connection."""
        if self._existing:
            await self._connection.list(FLOW_RUN, self._existing, limit=1)
            return
        for name in (self.namespace, self.beside):
            manifest = {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": name, "labels": {**_ENFORCED, f"{GROUP}/verify": "true"}},
            }
            self._own.append(name)
            await self._connection.create("Namespace", manifest)

    async def clean(self) -> list[str]:
        """Removes all of it and waits until it is gone. Answers with what is left, each with how to go on."""
        left: list[str] = []
        for made in reversed(self.made):
            if self._own and KINDS[made.kind].namespaced and made.namespace in self._own:
                continue  # goes with its namespace
            left += await self._told(self._removed(made), f"{made.kind} {made.name}")
        for namespace in (*self._own, *([self._existing] if self._existing else [])):
            left += await self._told(self._released(namespace), f"finalizers in namespace {namespace}")
        going = (self._told(self._without(each), f"namespace {each}") for each in self._own)
        left += [each for told in await asyncio.gather(*going) for each in told]
        if self._existing:
            left += await self._told(self._emptied(self._existing), f"objects in namespace {self._existing}")
        return left

    async def _told(self, doing: Any, what: str) -> list[str]:
        try:
            await doing
        except DaskflowError as error:
            return [f"{what}: {error}"]
        return []

    async def _removed(self, made: Made) -> None:
        with suppress(NotFound):
            await self._connection.delete(made.kind, made.name, made.namespace)

    async def _released(self, namespace: str) -> None:
        for kind in (FLOW_RUN, DASK_CLUSTER, "Pod"):
            for item in await self._connection.list(kind, namespace):
                finalizers = item["metadata"].get("finalizers") or []
                if FINALIZER in finalizers:
                    others = [each for each in finalizers if each != FINALIZER]
                    change = {"metadata": {"finalizers": others}}
                    with suppress(NotFound):
                        await self._connection.patch(kind, item["metadata"]["name"], change, namespace)

    async def _without(self, namespace: str) -> None:
        with suppress(NotFound):
            # Its pods go one by one and as soon as they can: those that hold results would wait for others.
            for kind in (FLOW_SCHEDULE, CLUSTER_POOL, FLOW_RUN, DASK_CLUSTER):
                for item in await self._connection.list(kind, namespace):
                    with suppress(NotFound):
                        await self._connection.delete(kind, item["metadata"]["name"], namespace)
            await self._connection.delete("Namespace", namespace)
        await self._gone(lambda: self._namespaces(namespace), f"namespace {namespace}")

    async def _namespaces(self, name: str) -> list[str]:
        try:
            await self._connection.get("Namespace", name)
        except NotFound:
            return []
        return [name]

    async def _emptied(self, namespace: str) -> None:
        async def there() -> list[str]:
            return [
                f"{kind} {item['metadata']['name']}"
                for kind in (FLOW_RUN, DASK_CLUSTER, FLOW_SCHEDULE, CLUSTER_POOL, "Pod")
                for item in await self._connection.list(kind, namespace)
                if item["metadata"]["name"].startswith(self.prefix)
            ]

        await self._gone(there, f"objects {self.prefix}…")

    async def _gone(self, there: Any, what: str) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + SECONDS
        while self._patient and (left := await there()):
            if loop.time() > due:
                shown = ", ".join(left[:5])
                raise NotFound(f"{what} is still there after {SECONDS:g} s: {shown}; delete it by kubectl")
            await asyncio.sleep(LOOK_SECONDS)
