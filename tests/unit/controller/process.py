"""The operator as a process of its own, kopf included."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.ports import reserved_port
from tests.simulation.kubernetes.http import HttpServer

END_SECONDS = 5.0
"""From SIGTERM on, without the time in which other processes had the processor."""


@asynccontextmanager
async def operating(said: Callable[[str], None] = lambda log: None, **environment: str) -> AsyncIterator[int]:
    """Around what it does; answers the port of its probes. It then ends at once, and without a traceback.

    `said` is called with its log at the end.
    """
    port = reserved_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "daskflow.controller",
        env={**os.environ, "DASKFLOW_METRICS_PORT": str(port), **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    reading = asyncio.create_task(process.stderr.read())
    try:
        yield port
        process.send_signal(signal.SIGTERM)
        assert await _until_end(process) <= END_SECONDS
        log = (await reading).decode()
        assert process.returncode == 0, log
        assert "Traceback" not in log, log
        said(log)
    finally:
        if process.returncode is None:
            process.kill()
            print((await reading).decode())
            await process.wait()


async def changed(world: HttpServer, holds: Callable[[], bool]) -> None:
    """Wait until something holds of the server's objects, looking after each change of them."""
    change = asyncio.Event()
    world.server.changed.append(lambda *_: change.set())
    async with asyncio.timeout(60):
        while not holds():
            change.clear()
            await change.wait()


async def _until_end(process: asyncio.subprocess.Process) -> float:
    """How many seconds it took, but for those that it was ready to run and did not."""
    loop, ending = asyncio.get_running_loop(), asyncio.create_task(process.wait())
    begun, before = loop.time(), _kept_waiting(process.pid)
    after = before
    async with asyncio.timeout(60):
        while not ending.done():
            after = _kept_waiting(process.pid) or after
            await asyncio.wait([ending], timeout=0.05)
    return loop.time() - begun - (after - before)


def _kept_waiting(pid: int) -> float:
    """Seconds that it has spent in the kernel's queue so far; 0 once it is gone."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0
