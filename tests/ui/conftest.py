"""A browser, and the page of a world in memory."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cluster.shell import Trouble
from tests.ui.browser import Served, browser
from tests.ui.pictures import WIDE, opened
from tests.unit.cli.ui.story import afternoon
from tests.unit.cli.ui.world import World

SECONDS = 30
"""For what takes a moment on a machine that has nothing else to do."""
expect.set_options(timeout=SECONDS * 1000)

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Not for longer: while it is there, no other test can have an event loop."""
    try:
        with browser() as made:
            yield made
    except Trouble as trouble:
        pytest.fail(str(trouble))


@pytest.fixture
def world() -> World:
    return afternoon()


@pytest.fixture
def served(world: World) -> Iterator[Served]:
    page = Served(world.source)
    yield page
    page.close()


@pytest.fixture
def open_page(chromium: Browser, served: Served) -> Iterator[Open]:
    """Opens a path in a window of its own; whatever the browser complains about fails the test."""
    pages: list[Page] = []
    said: list[str] = []

    def opened_page(path: str = "/", *, size: tuple[int, int] = WIDE, dark: bool = False) -> Page:
        page = opened(chromium, served.address, size=size, dark=dark)
        page.set_default_timeout(SECONDS * 1000)
        page.on("console", lambda each: said.append(each.text) if each.type == "error" else None)
        page.on("pageerror", lambda each: said.append(str(each)))
        if path != "/":
            page.goto(f"{page.url.rstrip('/')}{path}")
            page.wait_for_selector('#state[data-state="live"]')
        pages.append(page)
        return page

    yield opened_page
    for page in pages:
        page.context.close()
    assert not said
