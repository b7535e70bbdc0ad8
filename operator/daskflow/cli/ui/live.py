"""What has changed of a page that is open, as server-sent events. A browser has one such stream a tab.

Events: `page` has elements by their ids and rows in order (`views/page.py`); `log` has lines, and `logreset`
comes before the first. A stream that breaks off is opened again by the browser, and begins with everything.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping

from daskflow.cli.ui.logs import COMPONENTS, batches
from daskflow.cli.ui.source import Source
from daskflow.cli.ui.views.page import Shown
from daskflow.cli.ui.views.pages import page_of, run_of
from daskflow.cli.ui.views.run import attempt_of

GATHER_SECONDS = 0.25
"""What changes within is told at once."""

Message = dict[str, str]


async def stream(source: Source, path: str, query: Mapping[str, str]) -> AsyncGenerator[Message, None]:
    """Events of this page for as long as somebody listens."""
    waiting: asyncio.Queue[Message | BaseException] = asyncio.Queue(4)
    tasks = [asyncio.ensure_future(_into(waiting, _changes(source, path, query)))]
    if run := run_of(path):
        tasks.append(asyncio.ensure_future(_into(waiting, _log(source, run, query))))
    try:
        while True:
            message = await waiting.get()
            if isinstance(message, BaseException):
                raise message
            yield message
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _into(
    waiting: "asyncio.Queue[Message | BaseException]", messages: AsyncGenerator[Message, None]
) -> None:
    try:
        async for message in messages:
            await waiting.put(message)
    except Exception as error:
        await waiting.put(error)
    finally:
        await messages.aclose()


async def _changes(source: Source, path: str, query: Mapping[str, str]) -> AsyncGenerator[Message, None]:
    shown = Shown()
    while True:
        version = source.version
        if change := shown.update(page_of(source, path, query)):
            yield {"event": "page", "data": json.dumps(change)}
        await source.after(version)
        await asyncio.sleep(GATHER_SECONDS)


async def _log(
    source: Source, run: tuple[str, str], query: Mapping[str, str]
) -> AsyncGenerator[Message, None]:
    wanted = query.get("component", "")
    component = wanted if wanted in COMPONENTS else COMPONENTS[0]
    yield {"event": "logreset", "data": ""}
    async for batch in batches(source, *run, component, attempt_of(query)):
        yield {"event": "log", "data": json.dumps(batch._asdict())}
