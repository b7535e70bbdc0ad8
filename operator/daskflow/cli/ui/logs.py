"""The log of a run that is looked at: its last lines, then what comes, a batch at a time."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.api.names import FLOW_RUN, RUNNER, SCHEDULER, WORKER
from daskflow.cli.ui.source import Source
from daskflow.client.errors import DaskflowError, NotFound
from daskflow.client.logs import LogLine, followed
from daskflow.client.plain_text import TURNS
from daskflow.client.run import AsyncRun

COMPONENTS = (RUNNER, SCHEDULER, WORKER)
TAIL = 500
"""Lines of each pod that are there at first."""
MOST_PODS = 20
"""Of a component, whose logs are read at once."""
MOST_LINES = 1000
"""Of a batch: what is printed faster than it can be shown is left out."""
BATCH_SECONDS = 0.15
LONGEST = 4000
"""Characters of a line."""
_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Batch(NamedTuple):
    """What was printed since the last one."""

    lines: tuple[tuple[str, str], ...]
    """Pod and text."""
    left_out: int = 0
    end: str = ""
    """Why there is no more, if there is not."""


def legible(text: str) -> str:
    """A line without what only a terminal understands."""
    plain = _ESCAPES.sub("", text.rstrip("\r").rpartition("\r")[2])
    for marks in (_CONTROLS, TURNS):
        plain = marks.sub("\N{REPLACEMENT CHARACTER}", plain)
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]} …"


async def batches(
    source: Source, namespace: str, name: str, component: str, attempt: int | None
) -> AsyncGenerator[Batch, None]:
    """The log of a component's pods, of an attempt or of all, until the run has ended and they have, too."""
    resource = source.get(FLOW_RUN, namespace, name)
    while resource is None:
        await source.after(source.version)
        resource = source.get(FLOW_RUN, namespace, name)
    run = AsyncRun(resource, source.connection)

    async def ended() -> None:
        while (item := source.get(FLOW_RUN, namespace, name)) is not None and not _has_ended(item):
            await source.after(source.version)

    lines = followed(run, component, attempt, ended, tail=TAIL, most=MOST_PODS)
    reader = _Reader(lines, component)
    try:
        async for batch in reader.batches():
            yield batch
    finally:
        await reader.close()


def _has_ended(item: object) -> bool:
    status = item.get("status") if isinstance(item, dict) else None
    return isinstance(status, dict) and status.get("phase") in TERMINAL_PHASES


class _Reader:
    def __init__(self, lines: AsyncGenerator[LogLine, None], component: str) -> None:
        self._lines, self._component = lines, component
        self._waiting: deque[tuple[str, str]] = deque(maxlen=MOST_LINES)
        self._read, self._shown = 0, 0
        self._news = asyncio.Event()
        self._end = ""
        self._task = asyncio.ensure_future(self._reading())

    async def batches(self) -> AsyncGenerator[Batch, None]:
        end = ""
        while not end:
            await self._news.wait()
            await asyncio.sleep(BATCH_SECONDS)
            self._news.clear()
            end = self._end
            lines, left_out = tuple(self._waiting), self._read - self._shown - len(self._waiting)
            self._waiting.clear()
            self._shown = self._read
            yield Batch(lines, left_out, end)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _reading(self) -> None:
        end = "That is all."
        try:
            async with aclosing(self._lines) as lines:
                async for line in lines:
                    self._waiting.append((line.pod, legible(line.text)))
                    self._read += 1
                    self._news.set()
            if not self._read:
                end = f"There is no log of a {self._component}: it printed nothing."
        except NotFound:
            end = f"There is no log of a {self._component}: its pod is gone, or there was none."
        except DaskflowError as error:
            end = str(error)
        self._end = end
        self._news.set()
