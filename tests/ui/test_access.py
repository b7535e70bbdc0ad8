"""Nobody is shut out: the rules of WCAG that a program can check, and every window."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.ui.conftest import Open
from tests.ui.pictures import NARROW, VIEWS, WIDE

ALL: dict[str, Any] = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
}
NARROWED: dict[str, Any] = {"type": "tag", "values": ["wcag2a", "wcag22aa"]}
CONTRAST: dict[str, Any] = {"type": "rule", "values": ["color-contrast"]}


@pytest.mark.parametrize(
    ("size", "dark", "rules"),
    [(WIDE, False, ALL), (WIDE, True, CONTRAST), (NARROW, False, NARROWED)],
    ids=["wide", "dark", "narrow"],
)
def test_axe_finds_nothing(open_page: Open, size: tuple[int, int], dark: bool, rules: dict[str, Any]) -> None:
    page = open_page(size=size, dark=dark)
    origin = page.url.rstrip("/")
    for view, path in {**VIEWS, "runs": "/?q=orders-2026-10-0"}.items():
        page.goto(f"{origin}{path}")
        page.wait_for_selector('#state[data-state="live"]')
        found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{view}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], view


def test_motion_is_left_out_where_it_is_not_wanted(open_page: Open) -> None:
    page = open_page()
    page.emulate_media(reduced_motion="reduce")
    moving = (
        "(() => { document.getElementById('state').dataset.state = 'waiting';"
        " return document.getAnimations({subtree: true}).length; })()"
    )
    assert page.evaluate(moving) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) == 1
