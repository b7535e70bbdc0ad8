"""What is done to the operator: once for all checks that want it, when all of them have come that far."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from daskflow.client.errors import NotFound

if TYPE_CHECKING:
    from daskflow.cli.installed import Operator
    from daskflow.client.connection import Connection

SECONDS = 120.0
"""For an operator to be ready, or gone."""
LOOK_SECONDS = 0.5


class Hands(Protocol):
    """Who can do it: on a cluster its Deployment, in tests a process."""

    async def delete(self) -> None: ...
    async def stop(self) -> None: ...
    async def start(self) -> None: ...
    async def upgrade(self) -> None: ...


class Operators:
    """A barrier for each act, which all `slugs` pass that have not ended before."""

    def __init__(self, hands: Hands, coming: Callable[[str], Iterable[str]]) -> None:
        """`coming`: the checks that are yet to come to an act."""
        self._hands, self._coming = hands, coming
        self._arrived: dict[str, set[str]] = {}
        self._done: dict[str, asyncio.Future[None]] = {}

    async def act(self, act: str, slug: str) -> None:
        """Returns when it was done. Raises what went wrong."""
        done = self._done.setdefault(act, asyncio.get_running_loop().create_future())
        self._arrived.setdefault(act, set()).add(slug)
        await self.look()
        await asyncio.shield(done)

    async def look(self) -> None:
        """A check has come to an act, or has ended without: whoever waits may wait for nobody now."""
        for act, done in list(self._done.items()):
            arrived = self._arrived[act]
            if done.done() or not arrived or set(self._coming(act)) - arrived:
                continue
            self._arrived[act] = set()
            doing: Awaitable[None] = getattr(self._hands, act)()
            try:
                await doing
            except BaseException as error:
                if not done.done():
                    done.set_exception(error)
                    done.exception()
                if not isinstance(error, Exception):
                    raise
            else:
                done.set_result(None)


class Deployed:
    """The operator that is installed, by its Deployment."""

    def __init__(self, connection: "Connection", operator: "Operator | None", command: str = "") -> None:
        self._connection, self._operator, self._command = connection, operator, command
        self._wanted: int | None = None

    async def delete(self) -> None:
        """Deletes its pods, as `kubectl delete pod` does, and waits until there are others."""
        operator = self._known()
        pods = await self._pods()
        for pod in pods:
            await self._connection.delete(
                "Pod", pod["metadata"]["name"], operator.namespace, uid=pod["metadata"]["uid"]
            )
        before = {pod["metadata"]["uid"] for pod in pods}
        await self._until(lambda found: bool(found) and not before & set(found), ready=True)

    async def stop(self) -> None:
        """Scales it to 0."""
        operator = self._known()
        self._wanted = operator.wanted
        await self._scale(0)
        await self._until(lambda found: not found)

    async def start(self) -> None:
        """As it was before."""
        if self._wanted is None:
            return
        await self._scale(self._wanted)
        self._wanted = None
        await self._until(bool, ready=True)

    async def upgrade(self) -> None:
        """Runs the command, to its end. Raises RuntimeError with its last line where it fails."""
        process = await asyncio.create_subprocess_shell(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, _ = await process.communicate()
        if process.returncode:
            last = said.decode(errors="replace").strip().rpartition("\n")[2]
            raise RuntimeError(f"{self._command} ended with {process.returncode}: {last}")

    def _known(self) -> "Operator":
        if self._operator is None:
            raise NotFound("there is no Deployment of the operator; say which labels it has")
        return self._operator

    async def _scale(self, replicas: int) -> None:
        operator = self._known()
        change = {"spec": {"replicas": replicas}}
        await self._connection.patch("Deployment", operator.name, change, operator.namespace)

    async def _pods(self) -> list[dict[str, Any]]:
        from daskflow.cli.installed import SELECTOR

        return await self._connection.list("Pod", self._known().namespace, selector=SELECTOR)

    async def _until(self, here: Callable[[list[str]], bool], ready: bool = False) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + SECONDS
        while loop.time() < due:
            with suppress(NotFound):
                operator = self._known()
                uids = [str(pod["metadata"]["uid"]) for pod in await self._pods()]
                item = await self._connection.get("Deployment", operator.name, operator.namespace)
                replicas = (item.get("status") or {}).get("readyReplicas") or 0
                if here(uids) and (not ready or replicas >= 1):
                    return
            await asyncio.sleep(LOOK_SECONDS)
        raise RuntimeError(f"the operator was not as it should be after {SECONDS:g} s")
