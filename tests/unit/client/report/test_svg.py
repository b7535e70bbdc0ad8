"""The picture is one file that any browser shows, whatever the names and words in it are."""

import re
import time
from xml.etree import ElementTree

import pytest
from daskflow.client.report.figures import Figures
from daskflow.client.report.reading import figures_of
from daskflow.client.report.style import BANDS, REST
from daskflow.client.report.svg import LIMIT, svg

from tests.unit.client.report.reported import HOSTILE, crowded, hostile, reported, wire

NAMESPACE = "{http://www.w3.org/2000/svg}"


def figures(**said: object) -> Figures:
    found = figures_of(reported(said=wire(**said)))
    assert found
    return found


def drawn(of: Figures) -> ElementTree.Element:
    return ElementTree.fromstring(svg(of))


def words(picture: ElementTree.Element) -> list[str]:
    return ["".join(each.itertext()) for each in picture.iter(f"{NAMESPACE}text")]


def test_totals_prefixes_and_hints_are_in_it() -> None:
    found = words(drawn(figures()))
    assert {"etl: Succeeded after 8m29s", "68 %", "7.0Gi", "0.42 EUR", "read-parquet", "3h38m"} <= set(found)
    assert "workers spilled 12.0Gi: give them 12Gi of memory, or make parts smaller" in found


def test_bars_are_as_long_as_the_time_of_their_prefix() -> None:
    picture = drawn(figures())
    bars = [each for each in picture.iter(f"{NAMESPACE}rect") if each.get("height") == "14"]
    wide = [float(each.attrib["width"]) for each in bars]
    took = [13123.2, 6210.5, 4890.1, 1520.0, 1180.0, 299.6]
    assert [one / wide[0] for one in wide] == pytest.approx([one / took[0] for one in took], abs=0.005)
    assert [each.attrib["class"] for each in bars] == [*(f"band-{rank}" for rank in range(5)), "band-rest"]


def test_areas_are_below_the_line_and_fill_their_width() -> None:
    found = figures()
    assert found.areas
    paths = {each.attrib["class"]: each.attrib["d"] for each in drawn(found).iter(f"{NAMESPACE}path")}
    line = [float(y) for y in re.findall(r"[ V](\d+(?:\.\d)?)", paths["paid"])]
    stacked = [float(y) for y in re.findall(r"[ V](\d+(?:\.\d)?)", paths["band-1"])]
    assert min(line) < min(stacked), "the highest area ends below the threads that were there"
    assert paths["paid"].endswith("H936")


def test_a_bin_tells_its_figures() -> None:
    titles = [each.text or "" for each in drawn(figures()).iter(f"{NAMESPACE}title")]
    (told,) = [each for each in titles if each.startswith("2m40s to 2m48s: ")]
    assert re.fullmatch(
        r"2m40s to 2m48s: \d+ of 80 threads: read-parquet \d+, merge \d+, all others 1(\.\d)?", told
    )


def test_it_is_small_and_swift() -> None:
    found = figures_of(crowded())
    assert found
    best = 1.0
    for _ in range(5):
        began = time.perf_counter()
        text = svg(found)
        best = min(best, time.perf_counter() - began)
    assert len(text.encode()) <= LIMIT == 40 * 1024
    assert best <= 0.05


def test_it_loads_nothing_and_has_no_script() -> None:
    for found in (figures(), figures_of(hostile())):
        assert found
        text = svg(found)
        assert not re.search(r"<script|href|url\(|@import|<image|<foreignObject", text)
        attributes = {name for each in ElementTree.fromstring(text).iter() for name in each.attrib}
        assert not [name for name in attributes if name.startswith("on")]
        assert re.findall(r"https?://\S+?(?=\")", text) == ["http://www.w3.org/2000/svg"]


def test_what_a_status_says_is_text() -> None:
    found = figures_of(hostile())
    assert found
    text = svg(found)
    ElementTree.fromstring(text)
    assert not [each for each in ("<script", "<img", "\x1b", "\u202e") if each in text]
    assert HOSTILE[:10] in ElementTree.fromstring(text).attrib["aria-label"]


def test_it_is_legible_in_the_light_and_in_the_dark_and_leaves_its_page_alone() -> None:
    style = drawn(figures()).find(f"{NAMESPACE}style")
    assert style is not None
    rules = style.text or ""
    assert "@media (prefers-color-scheme:dark)" in rules
    for light, dark in (*BANDS, REST):
        assert light in rules
        assert dark in rules
    selectors = re.findall(r"(?<=\})[^{}@]+(?=\{)", rules)
    assert all(each.strip().startswith(".daskflow-report-picture") for each in selectors)


def test_a_report_of_totals_alone_has_its_picture() -> None:
    found = figures_of(reported(said={"seconds": 3, "tasks": 0}))
    assert found
    assert "0" in words(drawn(found))
