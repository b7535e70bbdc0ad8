"""docs/report.md reads a report that such a run really has, line by line, with its picture."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.runtime.local.report_page import COMMANDS, PAGE, PICTURE, report, run_both, texts

_FIGURE = re.compile(r"[-+\u2212]?\d[\d.]*( ?(%|ms|s|[KMG]i|B)\b|%|\u00d7|m\d*s?\b)?")
_CHART = re.compile("[█▓▒░▞◦·─]+")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("orders")
    run_both(found)
    return found


def lines(text: str) -> Iterator[str]:
    """Those in words, without what differs from one machine and moment to the next."""
    for line in text.splitlines():
        words = " ".join(_FIGURE.sub("#", _CHART.sub(" ", line)).split())
        if re.search(r"[a-z]{3}", words) and "Threads in tasks" not in words:
            yield re.sub(r"worker-#", "worker", words)


@pytest.mark.parametrize("number", [0, 1], ids=["report", "against"])
def test_the_page_prints_what_the_commands_print(folder: Path, number: int) -> None:
    printed, told = (set(lines(text)) for text in (report(folder, *COMMANDS[number]), texts()[number]))
    # How far memory and waits differ is chance, and so is whether that is worth a sentence or a line.
    chance = ("> A worker took", "> Tasks waited", "> Transfers", "moved", "idle", "> Threads")
    assert {each for each in told ^ printed if not each.startswith(chance)} == set()


def test_work_that_is_known_is_told_as_it_was(folder: Path) -> None:
    status: Any = json.loads((folder / "today.json").read_text())
    found = {each["name"]: each for each in status["report"]["prefixes"]}
    assert found["load"]["seconds"] == pytest.approx(29 * 0.6 + 35, rel=0.05)
    assert found["count"]["seconds"] == pytest.approx(30 * 0.2, rel=0.15)
    assert found["load"]["longest"] == pytest.approx(35, rel=0.05)


def test_every_line_of_the_report_is_read_as_it_is() -> None:
    """The first column of the table, up to dots, is what the report has; each line of it has its row."""
    told = [" ".join(line.split()) for line in texts()[0].splitlines()]
    table = PAGE.read_text().partition("| line | how to read it |")[2].partition("\n\n")[0]
    read = [each.removesuffix(" …") for each in re.findall(r"^\| `([^`]+)` \|", table, re.M)]
    assert len(read) >= 10
    assert [each for each in read if not any(line.startswith(each) for line in told)] == []
    totals = told[2 : told.index("", 2)]
    assert [line for line in totals if not any(line.startswith(each) for each in read)] == []


def test_the_picture_is_of_that_report() -> None:
    picture = ElementTree.fromstring(PICTURE.read_text())
    said = picture.attrib["aria-label"]
    assert texts()[0].startswith(f"{said}\n")
    assert f"(pictures/{PICTURE.name})" in PAGE.read_text()
