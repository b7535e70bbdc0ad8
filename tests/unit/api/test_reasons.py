"""The list of reasons is closed: whatever says one says one of it, and each tells its own meaning."""

import ast
import re
from collections.abc import Iterator
from enum import Enum
from itertools import groupby
from pathlib import Path

import daskflow
import pytest
from daskflow.api.reason_columns import Charge, Section, Stage
from daskflow.api.reasons import Reason

PACKAGE = Path(daskflow.__file__).parent
PAGE = Path(__file__).parents[3] / "docs" / "reasons.md"
SAY = {"Event": 1, "failed": 0, "Invalid": 0, "Obstacle": 0, "LeaseEnded": 0, "_tell": 0}
"""What is given a reason as text, and in which place; elsewhere mypy asks for a Reason."""


def said(source: str) -> Iterator[str]:
    """Words that are given as a reason: in those places, as `reason=`, or under "reason"."""
    for node in ast.walk(ast.parse(source)):
        values: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            values += [each.value for each in node.keywords if each.arg == "reason"]
            values += [node.args[SAY[name]]] if len(node.args) > SAY.get(name, 99) else []
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            values += [value for key, value in pairs if getattr(key, "value", None) == "reason"]
        for part in (part for value in values for part in ast.walk(value)):
            word = getattr(part, "value", None)
            if isinstance(word, str) and re.fullmatch(r"[A-Z]\w+", word):
                yield word


def test_the_page_lists_every_reason_once() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.M) == [reason.value for reason in Reason]


def test_whatever_says_a_reason_says_one_of_the_list() -> None:
    found = {word: path.name for path in PACKAGE.rglob("*.py") for word in said(path.read_text())}
    assert {"FlowFailed", "EntrypointInvalid", "SchedulerLost", "WorkerSilent", "InternalError"} <= set(found)
    assert {word: file for word, file in found.items() if Reason.of(word) is None} == {}


def test_every_word_of_a_column_is_some_reasons() -> None:
    columns: tuple[tuple[type[Enum], set[Enum]], ...] = (
        (Section, {reason.section for reason in Reason}),
        (Stage, {reason.stage for reason in Reason}),
        (Charge, {reason.charge for reason in Reason}),
    )
    for words, used in columns:
        assert used == set(words)
    assert {reason.event for reason in Reason} == {None, "Normal", "Warning"}


def test_each_section_of_the_page_is_in_one_place() -> None:
    assert [section for section, _ in groupby(reason.section for reason in Reason)] == list(Section)


def test_what_is_ordinary_warns_nobody_and_ends_no_attempt_badly() -> None:
    for reason in Reason:
        if reason.ordinary:
            assert (reason.event, reason.charge) in {(None, Charge.NOTHING), ("Normal", Charge.NOTHING)}, (
                reason
            )
    assert [reason.value for reason in Reason if not reason.shown] == [
        "Starting",
        "Running",
        "Ready",
        "Succeeded",
        "Scheduled",
        "ClustersWait",
        "Claimed",
    ]


@pytest.mark.parametrize("left_out", ["Section.FLOW, ", "Stage.END, ", '"Warning", ', "Charge.FLOW,"])
def test_a_reason_that_leaves_a_column_out_does_not_import(left_out: str) -> None:
    row = '("FlowFailed", Section.FLOW, Stage.END, "Warning", Charge.FLOW,'
    with pytest.raises(TypeError):
        imported(row, row.replace(left_out, ""))


def test_a_reason_to_look_at_without_what_to_do_does_not_import() -> None:
    with pytest.raises(TypeError, match=r"CronInvalid does not say what to do"):
        imported('"Correct `spec.cron`."', '""')


def imported(row: str, instead: str) -> None:
    """Imports the table with another row."""
    source = (PACKAGE / "api" / "reasons.py").read_text()
    assert row in source
    exec(source.replace(row, instead), {"__name__": "reasons"})


def test_a_scheduler_says_all_of_the_reasons_that_it_is_heard_with() -> None:
    words = set(said((PACKAGE / "runtime" / "scheduler" / "obstacles.py").read_text()))
    assert words == {reason.value for reason in Reason if reason.section is Section.TASKS}


@pytest.mark.parametrize(
    ("reason", "unbegun", "begun"),
    [
        (Reason.FLOW_FAILED, "flow", "flow"),
        (Reason.PARAMETERS_INVALID, "none", "none"),
        (Reason.SCHEDULER_LOST, "start", "infrastructure"),
    ],
)
def test_what_an_attempt_is_charged_to(reason: Reason, unbegun: str, begun: str) -> None:
    assert (reason.budget(False), reason.budget(True)) == (unbegun, begun)


def test_an_event_of_one_reason_has_the_type_of_its_row() -> None:
    """Where it is written down beside the reason; a status' own Events ask the reason or the phase."""
    told = re.compile(r'Event\(\s*"(\w+)", (?:Reason\.(\w+)|"(\w+)")')
    found = {
        (Reason[member] if member else Reason(word), type_)
        for path in PACKAGE.rglob("*.py")
        for type_, member, word in told.findall(path.read_text())
    }
    reasons = {reason for reason, _ in found}
    assert {Reason.RESTORED, Reason.RUN_STARTED, Reason.INTERNAL_ERROR} <= reasons
    assert found == {(reason, reason.event) for reason in reasons}
