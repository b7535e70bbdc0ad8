"""docs/defaults.md: its defaults can be given, its table is the program's, its sentences are those said."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from daskflow.api.flowrun_status import status_of
from daskflow.plan.default_fields import NAMESPACE, OPERATOR, DefaultsInvalid, checked
from daskflow.plan.defaults import for_run

PARTS = {"runner.resources", "cluster.scheduler.resources", "cluster.workers.resources"}
"""Rows of the table with several fields."""
PAGE = (Path(__file__).parents[3] / "docs" / "defaults.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def fields(place: int) -> set[str]:
    """All fields of which the table says yes in this column."""
    rows = [
        line.split("|")[1:4]
        for line in PAGE.partition("## Which fields")[2].splitlines()
        if line.startswith("| ")
    ]
    yes = (row[0] for row in rows[1:] if row[place].strip() == "yes")
    return {each for text in yes for each in re.findall(r"`([\w.]+)`", text)} - {"requests", "limits"}


def test_the_chart_may_be_given_these() -> None:
    (values,) = blocks("yml")
    assert checked(yaml.safe_load(values)["defaults"])


def test_the_status_of_the_run_on_the_page_is_as_shown() -> None:
    config_map, run = yaml.safe_load_all(blocks("yaml")[0])
    given = for_run(run, {}, status_of({}), config_map, {})
    assert given.applied is not None
    assert given.applied.dump() == json.loads(blocks("json")[0])


def test_the_refusal_is_in_the_programs_words() -> None:
    with pytest.raises(DefaultsInvalid) as caught:
        checked({"deadlines": {"active": "1 day"}})
    assert f"    daskflow does not start with these defaults: {caught.value}\n" in PAGE


@pytest.mark.parametrize(("place", "allowed"), [(1, OPERATOR), (2, NAMESPACE)])
def test_the_table_has_all_fields_and_no_other(place: int, allowed: frozenset[str]) -> None:
    told = fields(place)

    def within(field: str, others: Iterable[str]) -> bool:
        return any(f"{field}.".startswith(f"{other}.") for other in others)

    assert {each for each in allowed if not within(each, told)} == set()
    assert {each for each in told if not within(each, allowed)} <= {
        "deadlines",
        "retries",
        "retention",
        *PARTS,
    }
