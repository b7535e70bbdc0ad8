"""The proxy for programs that are not asynchronous: in a thread, before the cluster of KUBECONFIG."""

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fire import credentials
from tests.fire.faults import Fate
from tests.fire.proxy import Proxy
from tests.fire.upstream import connect

READY_SECONDS = 30.0


@dataclass(frozen=True)
class Through:
    """The way through it: `kubeconfig` is of the installed operator's account."""

    kubeconfig: Path
    proxy: Proxy


@contextmanager
def proxied(fate: Fate) -> Iterator[Through]:
    """Until the end of it; writes that are still to land then do so first."""
    ready, stop = threading.Event(), threading.Event()
    found: list[Through] = []
    thread = threading.Thread(target=lambda: asyncio.run(_serve(fate, found, ready, stop)), daemon=True)
    thread.start()
    try:
        if not ready.wait(READY_SECONDS):
            raise RuntimeError(
                "the proxy did not begin: is the operator installed, with the chart's account?"
            )
        yield found[0]
    finally:
        fate.ends()
        stop.set()
        thread.join()


async def _serve(fate: Fate, found: list[Through], ready: threading.Event, stop: threading.Event) -> None:
    upstream, door = connect(), credentials.Door()
    proxy = Proxy(upstream, fate)
    try:
        await proxy.start(door.context)
        with tempfile.NamedTemporaryFile("w", suffix=".kubeconfig") as kubeconfig:
            kubeconfig.write(door.kubeconfig(proxy.url, await credentials.token(upstream)))
            kubeconfig.flush()
            found.append(Through(Path(kubeconfig.name), proxy))
            ready.set()
            await asyncio.to_thread(stop.wait)
            await proxy.landed()
    finally:
        await proxy.stop()
        await upstream.close()
