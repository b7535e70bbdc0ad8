"""All that a proof needs beside its own story: nodes, a proxy, and the operator behind that."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fire import credentials
from tests.fire.faults import Fate
from tests.fire.ground import Ground
from tests.fire.listeners import Listeners, route_pods
from tests.fire.operators import Deaths, Operators
from tests.fire.proxy import Proxy
from tests.fire.upstream import Upstream, connect


@dataclass(frozen=True)
class Scene:
    """`background` never ends by itself."""

    upstream: Upstream
    proxy: Proxy
    ground: Ground
    operators: Operators
    background: "tuple[asyncio.Task[None], ...]"

    def check(self) -> None:
        """Raises what ended a part of it."""
        for task in self.background:
            if task.done():
                task.result()


@asynccontextmanager
async def scene(
    fate: Fate, deaths: Deaths, log: Path, seed: int, *, watched: bool = True
) -> AsyncIterator[Scene]:
    """Beside the API server of KUBECONFIG, in a network of its own; operators write to `log`."""
    credentials.furnish()
    route_pods()
    upstream = connect()
    proxy, door = Proxy(upstream, fate), credentials.Door()
    try:
        ground = Ground(upstream, seed, watched=watched)
        await proxy.start(door.context)
        with tempfile.NamedTemporaryFile("w", suffix=".kubeconfig") as kubeconfig:
            kubeconfig.write(door.kubeconfig(proxy.url, await credentials.token(upstream)))
            kubeconfig.flush()
            operators = Operators(Path(kubeconfig.name), log, deaths)
            proxy.written = operators.wrote
            parts = (
                ground.heartbeat(),
                ground.server.run(),
                Listeners(ground.nodes, upstream).run(),
                operators.run(),
            )
            background = tuple(asyncio.create_task(part) for part in parts)
            try:
                await ground.server.listed.wait()
                yield Scene(upstream, proxy, ground, operators, background)
            finally:
                for task in background:
                    task.cancel()
                await asyncio.wait(background)
    finally:
        await proxy.stop()
        await upstream.close()
