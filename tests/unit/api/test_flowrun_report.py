"""Reports as pods hand them over: what is believed of them, whatever they say."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from daskflow.api.crd import KINDS
from daskflow.api.flowrun_report import WIRE_LIMIT, Report, report_of, size
from daskflow.api.report_timeline import encoded
from hypothesis import given
from hypothesis import strategies as st

TIMELINE = encoded(3, [2.0, 2.0], [[1.0, 0.5]], [0.0, 0.25])
SAID: Mapping[str, Any] = {
    "seconds": 512.0,
    "tasks": 120433,
    "failed": 3,
    "threadSeconds": {"paid": 40960.0, "busy": 31223.4, "idle": 2480.0, "queued": 1180.5},
    "memory": {"peak": 7516192768, "by": "w-17", "limit": 8589934592, "spilled": 12884901888},
    "moved": 99857989632,
    "movedSeconds": 301.2,
    "workers": {"count": 40, "threads": 80, "deaths": 2, "absent": 0},
    "prefixes": [
        {"name": "read-parquet", "tasks": 4012, "seconds": 9123.2, "longest": 3.2, "bytes": 123480309760}
    ],
    "timeline": TIMELINE,
}


def test_what_was_said_is_believed_with_amounts_for_people() -> None:
    report = report_of(SAID)
    assert report is not None
    assert (report.efficiency, report.memory.peak, report.memory.spilled) == (0.76, "7.0Gi", "12.0Gi")
    assert (report.moved, report.prefixes[0].bytes, report.timeline) == ("93.0Gi", "115Gi", TIMELINE)


def test_a_report_that_was_written_into_a_status_is_read_as_it_was() -> None:
    report = report_of(SAID)
    assert report is not None
    assert Report.model_validate(json.loads(json.dumps(report.dump()))) == report


def test_what_only_the_operator_can_say_is_not_believed() -> None:
    report = report_of({**SAID, "efficiency": 1, "hints": ["Send money."], "cost": {"amount": "-1"}})
    assert report == report_of(SAID)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("failed", -1),
        ("failed", 10**9 + 1),
        ("failed", float("nan")),
        ("failed", []),
        ("threadSeconds", {"paid": float("inf")}),
        ("threadSeconds", {"paid": -0.1}),
        ("memory", {"peak": "a lot"}),
        ("memory", {"peak": True}),
        ("memory", {"peak": 1.5}),
        ("memory", {"peak": 2**61}),
        ("memory", {"by": "w" * 101}),
        ("moved", "9" * 5),
        ("workers", "many"),
        ("prefixes", [{"name": "x"}] * 9),
        ("prefixes", [{"tasks": 1}]),
        ("timeline", "AAAA"),
        ("timeline", "é"),
        ("timeline", TIMELINE[:-4]),
        ("note", {"deep": {}}),
    ],
)
def test_a_field_that_is_no_such_field_counts_as_left_out(field: str, value: Any) -> None:
    left_out = {name: said for name, said in SAID.items() if name != field}
    if field == "prefixes":
        del left_out["timeline"]  # whose rows have lost their names
    assert report_of({**SAID, field: value}) == report_of(left_out)


@pytest.mark.parametrize(
    "said", [None, [], "report", 1, {}, {**SAID, "seconds": None}, {**SAID, "tasks": -1}]
)
def test_what_has_no_sound_totals_is_no_report(said: Any) -> None:
    assert report_of(said) is None


def test_without_a_worker_there_is_no_efficiency() -> None:
    report = report_of({"seconds": 3, "tasks": 0})
    assert report is not None
    assert "efficiency" not in report.dump()


def test_tasks_that_left_their_threads_do_not_make_more_of_a_cluster_than_there_was() -> None:
    report = report_of({**SAID, "threadSeconds": {"paid": 10, "busy": 25}})
    assert report is not None
    assert report.efficiency == 1.0


@pytest.mark.parametrize(
    ("record", "timeline", "prefixes"),
    [("", True, 6), ("r" * 30, False, 6), ("r" * 400, False, 3), ("é" * 500, False, 0)],
)
def test_one_that_is_too_long_loses_the_cheapest_prefixes_and_its_timeline_first(
    record: str, timeline: bool, prefixes: int
) -> None:
    dear = [{"name": "ü" * 64, "seconds": 9}] * 8
    report = report_of({**SAID, "prefixes": dear, "record": record})
    assert report is not None
    assert size(report) <= WIRE_LIMIT
    assert (report.timeline is not None, len(report.prefixes), report.record) == (timeline, prefixes, record)


def test_what_terminals_would_obey_is_not_passed_on() -> None:
    report = report_of({**SAID, "memory": {"by": "w\x1b[2J"}, "note": "a\nb\ud800"})
    assert report is not None
    assert (report.memory.by, report.note) == ("w?[2J", "a?b?")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=200),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.sampled_from([*SAID, "peak", "x"]), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from([*SAID, "record", "note", "efficiency", "hints"]), _JSON))
def test_whatever_pods_say_fits_a_status_and_its_schema(lies: dict[str, Any]) -> None:
    for said in (lies, {**SAID, **lies}):
        report = report_of(said)
        if report is not None:
            assert size(report) <= WIRE_LIMIT
            assert Report.model_validate(report.dump()) == report
            json.dumps(report.dump(), allow_nan=False).encode()


def test_kubectl_shows_efficiency_and_peak_when_it_has_room() -> None:
    (runs,) = [kind for kind in KINDS if kind.name == "FlowRun"]
    columns = runs.definition["spec"]["versions"][0]["additionalPrinterColumns"]
    wide = {each["name"]: each["jsonPath"] for each in columns if each.get("priority") == 1}
    assert wide == {"Efficiency": ".status.report.efficiency", "Peak": ".status.report.memory.peak"}
