"""All that a proof needs beside its own story: nodes, a proxy, and the operator behind that."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fire import credentials
from tests.fire.blows import Blows
from tests.fire.faults import Fate
from tests.fire.ground import Ground
from tests.fire.listeners import Listeners, route_pods
from tests.fire.operators import Deaths, Operators
from tests.fire.proxy import Proxy
from tests.fire.traffic import Traffic
from tests.fire.upstream import Upstream, connect


@dataclass(frozen=True)
class Scene:
    """`background` never ends by itself. Each operator has a proxy of its own; they have one fate, and are
    counted together."""

    upstream: Upstream
    proxy: Proxy
    ground: Ground
    pair: "tuple[tuple[Operators, Proxy], ...]"
    blows: Blows
    background: "tuple[asyncio.Task[None], ...]"

    @property
    def exits(self) -> Counter[int]:
        """Codes of operators that ended by themselves, which none should."""
        return sum((operators.exits for operators, _ in self.pair), Counter())

    @property
    def deaths(self) -> Deaths:
        """Of both operators."""
        return self.pair[0][0].deaths

    def check(self) -> None:
        """Raises what ended a part of it."""
        for task in self.background:
            if task.done():
                task.result()


@asynccontextmanager
async def scene(
    fate: Fate,
    deaths: Deaths,
    log: Path,
    seed: int,
    *,
    watched: bool = True,
    standby: bool = False,
    clocks: bool = False,
    blows: Blows | None = None,
) -> AsyncIterator[Scene]:
    """Beside the API server of KUBECONFIG, in a network of its own; operators write to `log`.

    With `standby` there are two of them, with `clocks` the clock of each second one is wrong.
    """
    credentials.furnish()
    route_pods()
    blows = blows or Blows(seed, 0)
    async with AsyncExitStack() as stack:
        upstream = connect()
        stack.push_async_callback(upstream.close)
        door, traffic = credentials.Door(), Traffic()
        ground = Ground(upstream, seed, watched=watched)
        pair: list[tuple[Operators, Proxy]] = []
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for number in range(2 if standby else 1):
            proxy = Proxy(upstream, fate, traffic)
            stack.push_async_callback(proxy.stop)
            await proxy.start(door.context)
            kubeconfig = folder / str(number)
            kubeconfig.write_text(door.kubeconfig(proxy.url, await credentials.token(upstream)))
            operators = Operators(kubeconfig, log, deaths, number=number, clocks=clocks)
            proxy.writing, proxy.written = operators.writing, operators.wrote
            pair.append((operators, proxy))
        parts = (
            ground.heartbeat(),
            ground.server.run(),
            Listeners(ground.nodes, upstream).run(),
            *(operators.run() for operators, _ in pair),
            blows.run(upstream, pair),
        )
        background = tuple(asyncio.create_task(part) for part in parts)
        try:
            await ground.server.listed.wait()
            yield Scene(upstream, pair[0][1], ground, tuple(pair), blows, background)
        finally:
            for task in background:
                task.cancel()
            await asyncio.wait(background)
