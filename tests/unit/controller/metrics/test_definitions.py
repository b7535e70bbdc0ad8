"""Names and labels are as Prometheus' conventions have them, and no label is ever a name."""

import re

import pytest
from daskflow.controller.metrics.definitions import DEFINITIONS, Definition

LABELS = {
    "code",
    "direction",
    "error",
    "kind",
    "outcome",
    "phase",
    "python",
    "reason",
    "result",
    "run_namespace",
    "source",
    "state",
    "verb",
    "version",
    "why",
}
"""All there are. Each has as many values as a list in the code says, and never a name or uid; what runs used
is told by their namespace."""


@pytest.mark.parametrize("each", DEFINITIONS, ids=lambda each: each.name)
def test_by_convention(each: Definition) -> None:
    assert re.fullmatch(r"daskflow_[a-z]+(_[a-z]+)*", each.name)
    assert each.name.endswith("_total") == (each.type == "counter")
    assert (each.type == "histogram") == bool(each.buckets)
    assert each.type != "histogram" or each.name.endswith("_seconds"), "in base units"
    assert list(each.buckets) == sorted(set(each.buckets))
    assert set(each.label_names) <= LABELS
    assert all(values for _, values in each.labels)
    assert each.help.endswith(".")


def test_no_name_twice() -> None:
    assert len({each.name for each in DEFINITIONS}) == len(DEFINITIONS)
