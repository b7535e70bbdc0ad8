"""The picture is one file that any browser shows, whatever the names and words in it are."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from daskflow.client.timeline.spans import timeline
from daskflow.client.timeline.style import COLOURS
from daskflow.client.timeline.svg import MOST_PODS, svg
from hypothesis import given

from tests.unit.client.timeline.a_run import NOW, at, attempt, event, pod, run, twice
from tests.unit.plan.any_status import statuses

NAMESPACE = "{http://www.w3.org/2000/svg}"


def drawn(*args: Any) -> ElementTree.Element:
    return ElementTree.fromstring(svg(timeline(*args, now=NOW)))


def words(picture: ElementTree.Element) -> list[str]:
    return ["".join(each.itertext()) for each in picture.iter(f"{NAMESPACE}text")]


def bars(picture: ElementTree.Element) -> dict[str, tuple[str, float, float]]:
    """Colour, left edge and width of each bar, by what it says when it is pointed at."""
    return {
        title.text or "": (each.attrib["class"], float(each.attrib["x"]), float(each.attrib["width"]))
        for each in picture.iter(f"{NAMESPACE}rect")
        if (title := each.find(f"{NAMESPACE}title")) is not None
    }


def test_bars_are_as_long_as_what_they_tell_of() -> None:
    picture = drawn(twice())
    found = bars(picture)
    colour, left, width = found["etl: Retrying (FlowFailed), 10s from 8s on"]
    _, start, _ = found["etl: Pending, 1s from 0s on"]
    assert colour == "is-retry"
    assert (left - start) / width == pytest.approx(0.8, abs=0.01)
    assert {"etl: Succeeded after 30s", "attempt 1", "Failed: FlowFailed", "Retrying"} <= set(words(picture))


def test_events_are_marks_that_tell_their_words() -> None:
    late = event("FlowRun", "etl", "Unschedulable", 2, type="Warning", message="No <node>\x1b[2J & so on")
    picture = drawn(twice(), [], [late])
    (mark,) = picture.iter(f"{NAMESPACE}path")
    assert mark.attrib["class"] == "warn"
    assert mark[0].text == r"Unschedulable: No <node>\x1b[2J & so on (FlowRun etl)"


def test_it_loads_nothing_and_has_no_script() -> None:
    text = svg(timeline(twice(), now=NOW))
    assert not re.search(r"<script|href|url\(|@import|<image|<foreignObject|\son\w+=", text)
    assert re.findall(r"https?://\S+?(?=\")", text) == ["http://www.w3.org/2000/svg"]


def test_it_is_legible_in_the_light_and_in_the_dark_and_leaves_its_page_alone() -> None:
    style = drawn(twice()).find(f"{NAMESPACE}style")
    assert style is not None
    rules = style.text or ""
    assert "@media (prefers-color-scheme:dark)" in rules
    for light, dark in COLOURS.values():
        assert light in rules
        assert dark in rules
    assert all(
        each.strip().startswith(".daskflow-timeline") for each in re.findall(r"(?<=\})[^{}@]+(?=\{)", rules)
    )


def test_many_pods_are_counted() -> None:
    state = {"running": {"startedAt": at(3)}}
    pods = [pod(f"worker-{number}", 1, 2, state, placed=2) for number in range(1000)]
    picture = drawn(run(attempt(1, 1, 2, None), phase="Running"), pods)
    assert words(picture).count(f"worker-{MOST_PODS - 1}") == 1
    assert f"and {1000 - MOST_PODS} more" in words(picture)


def test_a_long_name_is_cut_and_told_whole() -> None:
    whole = twice()
    whole["metadata"]["name"] = "n" * 120
    picture = drawn(whole)
    cut = [each for each in picture.iter(f"{NAMESPACE}text") if (each.text or "") == "" and len(each)]
    assert any((each[0].text or "").startswith("n" * 120) for each in cut)


@given(statuses("FlowRun"))
def test_whatever_a_status_says_the_picture_can_be_read(status: Any) -> None:
    drawn({**run(), "status": status}, [pod("run\x00ner<", 1, 1, {})])
