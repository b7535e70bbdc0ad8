"""The page of a report in a browser: for every eye and window, by keyboard, whatever its texts say."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from daskflow.client.report.figures import Figures
from daskflow.client.report.reading import figures_of
from daskflow.client.report.run_report import RunReport
from playwright.sync_api import Browser, Page, expect

from tests.ui.conftest import Open
from tests.ui.pictures import NARROW, WIDE
from tests.ui.test_access import ALL, CONTRAST
from tests.unit.client.report.reported import crowded, hostile, reported, slower, twice
from tests.unit.client.report.test_record import RECORD, packed


def report(run: dict[str, Any] | None = None) -> RunReport:
    figures: Figures | None = figures_of(run or twice())
    assert figures
    return RunReport(figures)


@contextmanager
def shown(
    chromium: Browser, folder: Path, text: str, size: tuple[int, int] = WIDE, *, dark: bool = False
) -> Iterator[Page]:
    """A page from a file; what the browser complains about fails."""
    path = folder / "report.html"
    path.write_text(text)
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda each: said.append(each.text) if each.type == "error" else None)
    page.on("request", lambda each: said.append(each.url) if not each.url.startswith("file:") else None)
    page.goto(path.as_uri())
    yield page
    context.close()
    assert not said


@pytest.mark.parametrize(
    ("size", "dark"), [(WIDE, False), (WIDE, True), (NARROW, False), (NARROW, True)],
    ids=["wide", "wide, dark", "narrow", "narrow, dark"],
)  # fmt: skip
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(
    chromium: Browser, tmp_path: Path, size: tuple[int, int], dark: bool
) -> None:
    (tmp_path / "tasks.json.gz").write_bytes(packed(RECORD))
    now = report(reported("today", slower()))
    texts = {
        "one": report().with_record(str(tmp_path / "tasks.json.gz")).html(),
        "two": now.against(report()).html(),
        "crowded": report(crowded()).html(),
        "hostile": report(hostile()).html(),
        "empty": report(reported(said={"seconds": 3, "tasks": 0})).html(),
    }
    for name, text in texts.items():
        with shown(chromium, tmp_path, text, size, dark=dark) as page:
            options = {"runOnly": CONTRAST if dark else ALL, "resultTypes": ["violations"]}
            # Run within the page, whose own policy lets no script in: axe comes by the debugger.
            found = Axe().run(page, options=options)
            assert found.violations_count == 0, f"{name}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], name


def test_the_figures_of_the_picture_are_read_by_keyboard(chromium: Browser, tmp_path: Path) -> None:
    with shown(chromium, tmp_path, report().html()) as page:
        table = page.locator("table.bins")
        expect(table).to_be_hidden()
        page.get_by_text("The picture over time as a table").focus()
        page.keyboard.press("Enter")
        expect(table.get_by_role("row")).to_have_count(65)
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none"


def test_the_picture_is_as_high_as_threads_were_busy(chromium: Browser, tmp_path: Path) -> None:
    with shown(chromium, tmp_path, report().html()) as page:
        plot = page.locator(".plot").bounding_box()
        area = page.locator(".plot .band-0").bounding_box()
        assert plot
        assert area
        assert area["height"] / plot["height"] == pytest.approx(70 / 80 / 1.04, abs=0.02)


def test_strangers_text_does_nothing(chromium: Browser, tmp_path: Path) -> None:
    with shown(chromium, tmp_path, report(hostile()).html()) as page:
        expect(page.get_by_role("heading", level=1)).to_contain_text("<img src=x onerror=")
        assert page.locator("img, script").count() == 0
        assert page.title() != "pwned"


def test_a_run_s_own_page_has_it_with_the_way_to_the_run_before(open_page: Open) -> None:
    page = open_page("/runs/team/orders-2026-10-30")
    section = page.get_by_role("region", name="Report")
    expect(section.get_by_role("row", name="merge")).to_contain_text("3h27m")
    with page.context.expect_page() as opened:
        section.get_by_role("link", name="against orders-2026-10-29").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text(
        "orders-2026-10-30 against orders-2026-10-29"
    )
    expect(opened.value.get_by_text("What became slower")).to_be_visible()
