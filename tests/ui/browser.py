"""`python -m tests.ui.browser` installs a browser without a window: Debian's Chromium, driven by Playwright.

Mirrors keep the newest of a Debian release only, so it is no more locked than the cluster's packages are.
"""

import asyncio
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from daskflow.cli.ui.server import serve
from daskflow.cli.ui.source import Source
from playwright.sync_api import Browser, sync_playwright

from tests.cluster.shell import Trouble
from tests.cluster.toolchain import install

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PACKAGES = {
    PROGRAMS[0]: PROGRAMS[0],
    "fonts-dejavu-core": "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
}
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--font-render-hinting=none",
)
"""It asks nobody on its own."""
START_SECONDS = 20


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser that is there. Raises Trouble if none is."""
    program = _program()
    if program is None:
        raise Trouble("there is no Chromium here: `make browser` installs Debian's; or put one on the PATH")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        try:
            yield made
        finally:
            made.close()


def _program() -> str | None:
    return next((found for each in PROGRAMS if (found := shutil.which(each))), None)


class Served:
    """The page as `daskflow ui` serves it, from a thread of its own."""

    def __init__(self, source: Callable[[], Source]) -> None:
        self._started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[None], str, str]] = Future()
        self._thread = threading.Thread(target=self._run, args=(source,), name="page", daemon=True)
        self._thread.start()
        self._loop, self._serving, self.address, self.once = self._started.result(START_SECONDS)

    def _run(self, source: Callable[[], Source]) -> None:
        async def main() -> None:
            serving = asyncio.ensure_future(serve(source(), 0, ready))
            await asyncio.wait((serving,))
            if not self._started.done() and (error := serving.exception()):
                self._started.set_exception(error)

        def ready(address: str, once: str) -> None:
            task = asyncio.current_task()
            assert task
            self._started.set_result((asyncio.get_running_loop(), task, address, once))

        asyncio.run(main())

    def call(self, function: Callable[[], object]) -> None:
        """Call it where the page's world lives, and wait until it has been called."""
        done: Future[None] = Future()

        def called() -> None:
            function()
            done.set_result(None)

        self._loop.call_soon_threadsafe(called)
        done.result(START_SECONDS)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._serving.cancel)
        self._thread.join(START_SECONDS)


if __name__ == "__main__":
    try:
        if _program() is None:
            install(PACKAGES)
    except Trouble as trouble:
        sys.exit(str(trouble))
