"""Where a failure on a worker was, with cloudpickle of before and after it left out the file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Pods, environment, overlay

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
    params=[("", "before"), ("", "after"), ("oldest", "before"), ("oldest", "after")],
    ids=lambda param: "-".join(filter(None, param)),
)
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, pyz: bytes, certificates: Path
) -> Iterator[Pods]:
    """A standing cluster with this environment's Python and this cloudpickle."""
    name, when = request.param
    pods = Pods(tmp_path_factory.mktemp("frames"), pyz, certificates)
    if name:
        pods.python = environment(name)
    pods.file("flows.py", FLOWS)
    pods.path = overlay(f"cloudpickle-{when}")  # type: ignore[attr-defined]
    told: dict[str, Any] = {"DASKFLOW_ENTRYPOINT": "flows.py:nested", "DASKFLOW_THREADS": 2}
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
    outcome = runner.outcome()
    log = runner.log()
    assert outcome["failure"]["exception"] == "ZeroDivisionError", log
    worker = cluster.pods[1].log()
    for said in (outcome["message"], outcome["failure"]["traceback"], log):
        assert f"line {line}, in {name}" in said
        assert file in said
        assert "<dynamic-code>" not in said
    assert source in outcome["failure"]["traceback"]
    assert source in log
    assert "dynamic-code" not in worker
