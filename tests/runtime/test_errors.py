"""Exception groups are told by what is in them."""

import sys
from typing import Any

import pytest
from daskflow.runtime import record
from daskflow.runtime.errors import class_names, sentence
from daskflow.runtime.runner.outcome_record import failed

from tests.runtime.conftest import Pods

FLOW = """
import asyncio

async def bad(text):
    raise KeyError(text)

async def flow():
    async with asyncio.TaskGroup() as group:
        group.create_task(bad("no column x"))

async def both():
    async with asyncio.TaskGroup() as group:
        group.create_task(bad("no column x"))
        group.create_task(flow())
"""

# What the backport of Python 3.11's groups defines, as far as anybody looks at it.
BACKPORT = """
class BaseExceptionGroup(BaseException):
    def __init__(self, message, exceptions):
        super().__init__(message, exceptions)
        self.exceptions = tuple(exceptions)

class ExceptionGroup(BaseExceptionGroup, Exception):
    pass

def bad():
    raise KeyError("no column x")

def flow():
    try:
        bad()
    except KeyError as error:
        raise ExceptionGroup("tasks", [error])
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="task groups are of 3.11")
@pytest.mark.parametrize("entrypoint", ["etl.py:flow", "etl.py:both"])
def test_a_task_groups_failure_names_its_causes(pods: Pods, entrypoint: str) -> None:
    pods.file("etl.py", FLOW)
    outcome = pods.alone({"entrypoint": entrypoint})
    assert "KeyError: 'no column x' (etl.py, line 5, in bad)" in outcome["message"]
    assert outcome["message"].startswith("ExceptionGroup: unhandled errors in a TaskGroup (")
    failure = outcome["failure"]
    assert failure["mro"][0] == "ExceptionGroup"
    assert {"KeyError", "LookupError"} < set(failure["mro"])
    assert 'File "etl.py", line 5, in bad' in failure["traceback"]


def test_a_group_of_the_backport_too(pods: Pods) -> None:
    pods.image("oldest").file("etl.py", BACKPORT)
    outcome = pods.alone({"entrypoint": "etl.py:flow"})
    assert "KeyError: 'no column x' (etl.py, line 11, in bad)" in outcome["message"]
    assert "KeyError" in outcome["failure"]["mro"]


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as caught:
        return caught


def test_many_members_are_counted_and_fit() -> None:
    group = ExceptionGroup("many", [ValueError("x" * 400) for _ in range(5000)])
    said = sentence(group)
    assert said.startswith("ExceptionGroup: many (5000 sub-exceptions): ValueError: xxx")
    assert said.endswith("; and others")
    assert len(record.encode(record.fit(failed("FlowFailed", said, group)))) <= record.OUTCOME_LIMIT


def test_causes_and_contexts_are_seen_and_circles_borne() -> None:
    inner = raised(OSError("gone"), ConnectionError("reset"))
    error = raised(
        RuntimeError("failed"), ExceptionGroup("parts", [inner, ExceptionGroup("deeper", [KeyError()])])
    )
    assert {"RuntimeError", "ExceptionGroup", "OSError", "ConnectionError", "KeyError"} <= set(
        class_names(error)
    )
    first, second = ValueError(), TypeError()
    first.__context__, second.__context__ = second, first
    assert set(class_names(first)) == {"ValueError", "TypeError", "Exception"}
    hidden: Any = raised(ValueError(), None)
    hidden.__context__ = KeyError()
    assert "KeyError" not in class_names(hidden)
