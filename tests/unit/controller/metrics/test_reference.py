"""docs/metrics.md is what the table of metrics says now."""

from pathlib import Path

from daskflow.controller.metrics.reference import page

PAGE = Path(__file__).parents[4] / "docs" / "metrics.md"


def test_the_page_is_made_from_the_table() -> None:
    assert PAGE.read_text() == page(), "make crds"
