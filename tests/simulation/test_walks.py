"""The two walks of docs/architecture.md are those that the operator goes."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.simulation.walk import WALKS, Step, Walk, modules, steps_of

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"


@cache
def section(walk: Walk) -> str:
    """What the page says of it."""
    return PAGE.read_text().split(f"\n### {walk.name}\n", 1)[1].split("\n#", 1)[0]


def told(walk: Walk) -> list[Step]:
    """The steps that its numbered lines name."""
    lines = section(walk).strip().split("\n\n")[0]
    found = re.findall(r"`([\w/]+\.py)`\s+`([\w.]+)`", lines)
    assert len(re.findall(r"^\d+\. ", lines, re.M)) == 10
    assert len(found) == lines.count(".py`") - lines.count("custom_resources.py`")
    return found


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.name)
def test_the_page_goes_the_way_of_the_operator(walk: Walk) -> None:
    entered = steps_of(walk)
    steps = told(walk)
    assert set(steps) <= set(entered)
    once = list(dict.fromkeys(steps))
    assert once == sorted(once, key=entered.index), "in the order in which they are first entered"
    assert modules(entered) in section(walk), f"`python -m tests.simulation.walk` has:\n{modules(entered)}"
