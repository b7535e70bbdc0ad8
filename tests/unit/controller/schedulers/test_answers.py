"""What a listener says is typed and bounded, or refused."""

import contextlib
import json
from typing import Any

import pytest
from daskflow.api.workers import MAX_GROUPS, MAX_WORKERS
from daskflow.controller.schedulers.answers import ControlError, parse_answer
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.controller.schedulers.expectations import typed

GOOD = b'{"version": 3, "counts": {"done": 1, "total": 2}, "retiring": ["w-1"]}'


def answer(body: bytes = GOOD, head: bytes = b"HTTP/1.1 200 OK\r\n") -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_a_million_groups_are_no_more_than_a_cluster_has() -> None:
    many = {f"g{n}": n for n in range(20_000)}
    workers = [f"w-{n}" for n in range(20_000)]
    body = {"version": 1, "counts": {"done": 0, "total": 0}, "demand": many, "retiring": workers}
    told = parse_answer(json.dumps(body | {"held": dict.fromkeys(workers, "x" * 99)}).encode())
    assert len(told.demand) == MAX_GROUPS + 1
    assert len(told.retiring) == len(told.held) == MAX_WORKERS
    assert max(map(len, told.held.values())) == 40


@pytest.mark.parametrize("value", [[[]], [{}], [1, None, True], [["w-1"]]])
def test_what_is_no_name_retires_nobody(value: list[Any]) -> None:
    body = json.dumps({"version": 1, "counts": {"done": 0, "total": 0}, "retiring": value})
    assert parse_answer(body.encode()).retiring == frozenset()


def test_what_keeps_tasks_waiting_is_one_line() -> None:
    trouble = ["ResourcesMissing", "Tasks of a\n\x1b[31mb ask for gpu=1."]
    body = {"version": 1, "counts": {"done": 0, "total": 0}, "trouble": trouble}
    assert parse_answer(json.dumps(body).encode()).trouble == (
        trouble[0],
        r"Tasks of a; \x1b[31mb ask for gpu=1.",
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=80), inner, max_size=4),
    max_leaves=12,
)


NAMES = (
    "version",
    "counts",
    "distributed",
    "begun",
    "trouble",
    "demand",
    "retiring",
    "held",
    "done",
    "total",
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), JSON), st.dictionaries(st.sampled_from(NAMES), JSON))
def test_any_json_is_typed_or_refused(answer: dict[str, Any], counts: dict[str, Any]) -> None:
    for body in (answer, {"version": 1, **answer, "counts": {"done": 0, "total": 1, **counts}}):
        try:
            told = parse_answer(json.dumps(body).encode())
        except (ControlError, ValueError):
            continue
        assert typed(told)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_typed_or_refused(body: bytes) -> None:
    with contextlib.suppress(ControlError, ValueError):
        assert typed(parse_answer(body))
