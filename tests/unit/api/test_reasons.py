"""The list of reasons is closed: whatever says one says one of it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import daskflow
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
