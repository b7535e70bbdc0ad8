"""Where a failure on a worker was, with cloudpickle of before and after it left out the file."""

import importlib
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from daskflow.runtime import errors, frames
from daskflow.runtime.runner import outcome_record

from tests.runtime.conftest import Pods, environment, overlay

FLOWS = """
import linecache
from distributed import get_client

def nested():
    def divide(n):
        return [1 / n for _ in range(2)]
    return get_client().submit(divide, 0).result()

def inner():
    def outer(n):
        return get_client().submit(lambda: 2 / n).result()
    return get_client().submit(outer, 0).result()

CELL = '''
def cell(n):
    return 3 / n
'''

def notebook():
    names = {"__name__": "__main__", "get_client": get_client}
    linecache.cache["<cell 1>"] = (len(CELL), None, CELL.splitlines(True), "<cell 1>")
    exec(compile(CELL, "<cell 1>", "exec"), names)
    return get_client().submit(names["cell"], 0).result()
"""
SCRIPT = "from distributed import get_client\n\n\ndef divide(n):\n    return 4 / n\n\n\n"
SCRIPT += "result = get_client().submit(divide, 0).result()\n"


@pytest.fixture(
    scope="module",
    params=[("", "before", 0), ("", "after", 1), ("oldest", "after", 0)],
    ids=["before", "after-nanny", "oldest-after"],
)
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, pyz: bytes, certificates: Path
) -> Iterator[Pods]:
    """A standing cluster with this environment's Python and this cloudpickle."""
    name, when, nanny = request.param
    pods = Pods(tmp_path_factory.mktemp("frames"), pyz, certificates)
    if name:
        pods.python = environment(name)
    pods.file("flows.py", FLOWS)
    pods.path = overlay(f"cloudpickle-{when}")  # type: ignore[attr-defined]
    told: dict[str, Any] = {
        "DASKFLOW_ENTRYPOINT": "flows.py:nested",
        "DASKFLOW_THREADS": 2,
        "DASKFLOW_NANNY": nanny,
    }
    pods.cluster(1, DASKFLOW_OWNED="0", PYTHONPATH=pods.path, **told)  # type: ignore[attr-defined]
    yield pods
    pods.end()


@pytest.mark.parametrize(
    ("flow", "file", "line", "name", "source"),
    [
        ({"entrypoint": "flows.py:nested"}, "flows.py", 7, "<listcomp>", "return [1 / n for _ in range(2)]"),
        ({"entrypoint": "flows:inner"}, "flows.py", 12, "<lambda>", "submit(lambda: 2 / n).result()"),
        ({"entrypoint": "flows:notebook"}, "<cell 1>", 3, "cell", "return 3 / n"),
        ({"script": SCRIPT}, "flow.py", 5, "divide", "return 4 / n"),
    ],
    ids=["path", "inner", "notebook", "script"],
)
def test_a_failure_on_a_worker_has_its_file_and_line(
    cluster: Pods, flow: dict[str, Any], file: str, line: int, name: str, source: str
) -> None:
    runner = cluster.runner(flow, 1, f"runner-{len(cluster.pods)}", PYTHONPATH=cluster.path)  # type: ignore[attr-defined]
    ended = runner.outcome()
    log = runner.log()
    assert ended["failure"]["exception"] == "ZeroDivisionError", log
    worker = cluster.pods[1].log()
    for said in (ended["message"], ended["failure"]["traceback"], log):
        assert f"line {line}, in {name}" in said
        assert file in said
        assert "<dynamic-code>" not in said
    assert source in ended["failure"]["traceback"]
    assert source in log
    assert "dynamic-code" not in worker


ELSEWHERE = """
def maker(n):
    def divide():
        return (lambda: 1 / n)()
    return divide

def caused(n):
    def other():
        try:
            maker(n)()
        except ZeroDivisionError as error:
            raise ValueError("of a library") from error
    return other
"""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "elsewhere.py").write_text(ELSEWHERE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    yield importlib.import_module("elsewhere")
    sys.modules.pop("elsewhere")


def raised(function: Any) -> BaseException:
    """What a function raises that was pickled by value where nobody keeps files."""
    copy = pickle.loads(cloudpickle.dumps(function))
    assert copy.__code__.co_filename == "<dynamic-code>"
    with pytest.raises(Exception, match=r"division|library") as info:
        copy()
    return info.value


def test_what_somebody_else_pickled_is_found_again(
    elsewhere: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    said = errors.sentence(raised(elsewhere.maker(0)))
    assert said.startswith("ZeroDivisionError: division by zero (")
    assert said.endswith("elsewhere.py, line 4, in <lambda>)")
    error = raised(elsewhere.caused(0))
    told = str(outcome_record.failed("FlowFailed", "", error)["failure"])
    frames.log(error)
    log = capsys.readouterr().err
    for said in (told, log):
        assert "line 12, in other" in said
        assert "line 10, in other" in said
        assert "<dynamic-code>" not in said
    assert "direct cause" in log
    assert "of a library" in log


def test_a_function_whose_source_has_changed_is_told_without_a_file(elsewhere: Any) -> None:
    Path(elsewhere.__file__).write_text("\n" * 20 + ELSEWHERE)
    said = errors.sentence(raised(elsewhere.maker(0)))
    assert said == "ZeroDivisionError: division by zero (<dynamic-code>, line 4, in <lambda>)"
