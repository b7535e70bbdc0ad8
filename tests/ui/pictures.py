"""`python -m tests.ui.pictures FOLDER`: of docs/ui.md; with `--all` each view, light, dark and narrow."""

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
    "report": "/runs/team/orders-2026-10-30",
    "hostile": "/runs/team/hostile",
    "clusters": "/clusters",
    "cluster": "/clusters/research/train-large-1",
    "schedules": "/schedules",
    "schedule": "/schedules/team/orders",
}


Picture = tuple[str, tuple[int, int], bool]
"""A view, a window, and whether it is dark."""
OF_THE_PAGE: dict[str, Picture] = {
    "runs": ("runs", (1080, 620), False),
    "run": ("running", (1080, 720), True),
    "narrow": ("failed", (390, 700), False),
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


def main(folder: Path, everything: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    served = Served(afternoon(hostile=everything).source)
    with browser() as made:
        for name, (view, size, dark) in (_all() if everything else OF_THE_PAGE).items():
            page = opened(made, served.address, size=size, dark=dark)
            page.goto(f"{page.url.rstrip('/')}{VIEWS[view]}")
            page.wait_for_selector('#state[data-state="live"]')
            if view == "running":
                page.wait_for_selector('#log:has-text("without a price")')
            page.screenshot(path=folder / f"{name}.png", full_page=everything and view != "runs")
            page.context.close()
    served.close()


def _all() -> dict[str, Picture]:
    windows = {"wide": (WIDE, False), "dark": (WIDE, True), "narrow": (NARROW, False)}
    return {f"{view}-{name}": (view, *window) for view in VIEWS for name, window in windows.items()}


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--all" in sys.argv)
