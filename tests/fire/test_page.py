"""Each program writes its own section of the page, and no other's."""

import pytest

from tests.fire.page import ROOT, replaced

PAGE = "# x\n<!-- a: written by the program -->\nold\n<!-- end of a -->\nbetween\n"
PAGE += "<!-- b: written by the program -->\nstays\n<!-- end of b -->\n"


def test_a_section_is_replaced() -> None:
    found = replaced(PAGE, "a", "said", "one\n\n  two \\1")
    assert "old" not in found
    assert "said:\n\n    one\n\n      two \\1\n<!-- end of a -->\nbetween\n" in found
    assert "stays" in found
    assert replaced(found, "a", "said", "one\n\n  two \\1") == found


def test_a_page_without_the_section_is_another_page() -> None:
    with pytest.raises(LookupError, match="0 sections 'c'"):
        replaced(PAGE, "c", "said", "x")


def test_the_page_has_the_sections_of_the_programs() -> None:
    page = (ROOT / "docs" / "proof.md").read_text()
    for name in ("fire", "fuzz", "mass", "stream", "rays", "schedules"):
        assert "    " in replaced(page, name, "said", "table")
