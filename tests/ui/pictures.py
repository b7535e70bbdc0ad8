"""`python -m tests.ui.pictures FOLDER`: the page in a wide and a narrow window, light and dark."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.ui.browser import Served, browser
from tests.unit.cli.ui.story import afternoon

WIDE, NARROW = (1280, 800), (390, 844)
VIEWS = {
    "runs": "/",
    "running": "/runs/team/orders-2026-11-27",
    "failed": "/runs/team/orders-2026-11-26",
    "succeeded": "/runs/research/forecast-north",
    "hostile": "/runs/team/hostile",
    "clusters": "/clusters",
    "schedules": "/schedules",
}


def opened(browser: Browser, address: str, *, size: tuple[int, int] = WIDE, dark: bool = False) -> Page:
    """The first page, in a window of its own, live."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector('#state[data-state="live"]')
    page.wait_for_load_state()
    return page


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    served = Served(afternoon().source)
    with browser() as made:
        for name, size, dark in (("wide", WIDE, False), ("dark", WIDE, True), ("narrow", NARROW, False)):
            page = opened(made, served.address, size=size, dark=dark)
            for view, path in VIEWS.items():
                page.goto(page.url.partition("/")[0] + "//" + page.url.split("/")[2] + path)
                page.wait_for_selector('#state[data-state="live"]')
                if view == "running":
                    page.wait_for_selector('#log:has-text("without a price")')
                page.screenshot(path=folder / f"{view}-{name}.png", full_page=view != "runs")
    served.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
