"""What a flow can be, and what comes of it, without a cluster."""

import json
from typing import Any

import pytest
from daskflow.manifests.long_text import variables

from tests.runtime.conftest import PYTHON, Pods

MODULE = """
import sys
from dataclasses import dataclass

def flow(n: int, k=1):
    return n * k

async def hello(name="you"):
    return "hello " + name

class Flows:
    @staticmethod
    def nested():
        return "nested"

number = 3
"""


@pytest.mark.parametrize(
    ("entrypoint", "parameters", "result"),
    [
        ("etl:flow", {"n": 2, "k": 4}, 8),
        ("etl.py:flow", {"n": 2}, 2),
        ("etl:hello", {}, "hello you"),
        ("etl:Flows.nested", {}, "nested"),
    ],
)
def test_entrypoints(pods: Pods, entrypoint: str, parameters: dict[str, Any], result: Any) -> None:
    pods.file("etl.py", MODULE)
    outcome = pods.alone({"entrypoint": entrypoint, "parameters": parameters})
    assert outcome["result"] == result, outcome
    assert outcome["exit"] == 0


@pytest.mark.parametrize(
    ("entrypoint", "parameters", "reason", "parts"),
    [
        ("etl:flwo", {}, "EntrypointInvalid", ["'flwo'", "did you mean 'flow'"]),
        ("etk:flow", {}, "EntrypointInvalid", ["no module 'etk'", "did you mean 'etl'"]),
        ("etk.py:flow", {}, "EntrypointInvalid", ["no file etk.py", "'etl.py'"]),
        ("etl", {}, "EntrypointInvalid", ["module:attribute"]),
        ("etl:number", {}, "EntrypointInvalid", ["of type int"]),
        ("json.py:loads", {}, "EntrypointInvalid", ["cannot be imported as 'json'"]),
        ("pkg/elt.py:flow", {}, "EntrypointInvalid", ["no file pkg/elt.py (did you mean 'pkg/etl.py'?)"]),
        ("pkg/json.py:flow", {}, "EntrypointInvalid", ["no file pkg/json.py (did you mean 'json.py'?)"]),
        ("pkg.elt:flow", {}, "EntrypointInvalid", ["no module 'pkg.elt'", "did you mean 'pkg.etl'"]),
        ("etl:flow", {"m": 1}, "ParametersInvalid", ["unknown: m", "missing: n", "flow(n: int, k=1)"]),
        ("broken:flow", {}, "FlowFailed", ["nothing_of_that_name", "broken.py, line 1"]),
        ("syntax:flow", {}, "EntrypointInvalid", ["syntax.py, line 1: invalid syntax: `def flow(:`."]),
        ("uses.py:flow", {}, "EntrypointInvalid", ["syntax.py, line 1: invalid syntax: `def flow(:`."]),
        (
            "text:flow",
            {},
            "FlowFailed",
            ["SyntaxError: <string>, line 1: invalid syntax: `a b` (text.py, line"],
        ),
    ],
)
def test_invalid_entrypoints(
    pods: Pods, entrypoint: str, parameters: dict[str, Any], reason: str, parts: list[str]
) -> None:
    pods.file("etl.py", MODULE)
    pods.file("json.py", "")
    pods.file("broken.py", "import nothing_of_that_name\n")
    pods.file("syntax.py", "def flow(:\n")
    pods.file("uses.py", "import syntax\n")
    pods.file("text.py", "exec('a b')\n")
    pods.file("pkg/etl.py", MODULE)
    outcome = pods.alone({"entrypoint": entrypoint, "parameters": parameters})
    assert (outcome["outcome"], outcome["reason"]) == ("Failed", reason)
    for part in parts:
        assert part in outcome["message"]
    assert outcome["exit"] == 1


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("import sys; sys.exit(3)", {"outcome": "Failed", "reason": "FlowFailed", "exitCode": 3, "exit": 3}),
        ("import sys; sys.exit()", {"outcome": "Succeeded", "exit": 0}),
        ("import sys; sys.exit(0)", {"outcome": "Succeeded", "exit": 0}),
        ("import sys; sys.exit('no')", {"outcome": "Failed", "exitCode": 1, "exit": 1}),
        ("import os; os._exit(0)", {"outcome": "Failed", "reason": "FlowFailed", "exit": 1}),
        ("import os; os.kill(os.getpid(), 11)", {"reason": "FlowKilled", "exitCode": 139, "exit": 139}),
        ("import os; os.killpg(0, 9)", {"reason": "FlowKilled", "exit": 137}),
        ("import os; os.fork(); result = 1", {"outcome": "Succeeded", "result": 1}),
        ("import os; result = os.environ['DASKFLOW_PARAMETERS']", {"result": '{"n": 1}'}),
        ("result = __name__, __file__ != ''", {"result": ["__main__", True]}),
        ("import os; os.write(1, b'\\xff\\xfe'); result = '\\udc80'", {"result": "\\udc80"}),
        ("result = 'x' * 4000", {"outcome": "Succeeded", "result": None}),
        ("class E(Exception):\n def __str__(self): raise 1\nraise E", {"reason": "FlowFailed", "exit": 1}),
        ("raise ValueError('x' * 100000)", {"reason": "FlowFailed"}),
        ("def f(n): f(n + 1)\nf(0)", {"reason": "FlowFailed"}),
    ],
)
def test_ends_of_a_script(pods: Pods, script: str, expected: dict[str, Any]) -> None:
    outcome = pods.alone({"script": script, "parameters": {"n": 1}})
    assert {key: outcome[key] for key in expected} == expected, pods.pods[0].log()


def test_a_traceback_shows_the_scripts_lines(pods: Pods) -> None:
    outcome = pods.alone({"script": "import json\n\ndef work():\n    json.loads('{')\n\nwork()\n"})
    trace = outcome["failure"]["traceback"]
    assert "line 4, in work\n    json.loads('{')" in trace
    assert "line 6, in <module>" in trace
    assert outcome["failure"]["exception"] == "JSONDecodeError"
    assert "line 4, in work" in outcome["message"]


@pytest.mark.parametrize(
    ("script", "reason", "message"),
    [
        ("n = 1\nfor n in\n", "EntrypointInvalid", "flow.py, line 2: invalid syntax: `for n in`."),
        ("if 1:\nn = 'é'\n", "EntrypointInvalid", "flow.py, line 2: expected an indented block"),
        (
            "def f():\n    breakpoint()\n    return 1\nf()\n",
            "FlowFailed",
            "bdb.BdbQuit: there is no terminal for breakpoint(): remove it (flow.py, line ",
        ),
        (
            "input('n? ')",
            "FlowFailed",
            "EOFError: EOF when reading a line: there is no terminal for input(): use parameters (flow.py,",
        ),
    ],
)
def test_what_no_attempt_could_do_is_told_in_a_line(
    pods: Pods, script: str, reason: str, message: str
) -> None:
    outcome = pods.alone({"script": script})
    assert outcome["reason"] == reason
    assert outcome["message"].startswith(message)
    assert "\n" not in outcome["message"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["sh", "-c", 'test "$DASKFLOW_PARAMETERS" = "{}"'], {"outcome": "Succeeded", "exit": 0}),
        (["sh", "-c", "exit 7"], {"outcome": "Failed", "reason": "FlowFailed", "exitCode": 7, "exit": 7}),
        (["sh", "-c", "kill -9 $$"], {"reason": "FlowKilled", "exit": 137}),
        (["no-such-program"], {"reason": "EntrypointInvalid", "exit": 1}),
    ],
)
def test_commands(pods: Pods, command: list[str], expected: dict[str, Any]) -> None:
    outcome = pods.alone({"command": command})
    assert {key: outcome[key] for key in expected} == expected


def test_results_become_json(pods: Pods) -> None:
    script = """
import datetime, decimal, enum, pathlib
from collections import namedtuple
from dataclasses import dataclass
@dataclass
class Point:
    x: int
    y: float
class Colour(enum.Enum):
    RED = "red"
class Scalar:
    def tolist(self):
        return 1.5
Scalar.__module__ = "numpy"
result = {
    "day": datetime.date(2026, 1, 2), "at": datetime.datetime(2026, 1, 2, 3), "path": pathlib.Path("/a"),
    "point": Point(1, float("nan")), "colour": Colour.RED, "set": {1, 2}, "tuple": (1, None), 3: True,
    "decimal": decimal.Decimal("1.10"), "scalar": Scalar(),
}
"""
    result = pods.alone({"script": script})["result"]
    assert result == {
        "day": "2026-01-02",
        "at": "2026-01-02T03:00:00",
        "path": "/a",
        "point": {"x": 1, "y": "nan"},
        "colour": "red",
        "set": [1, 2],
        "tuple": [1, None],
        "3": True,
        "decimal": "1.10",
        "scalar": 1.5,
    }


@pytest.mark.parametrize(
    ("value", "note"),
    [("[0] * 10**7", "list of length 10000000"), ("object()", "object"), ("{'a': {'b': ...}}", "not JSON")],
)
def test_results_that_do_not_fit_are_described(pods: Pods, value: str, note: str) -> None:
    outcome = pods.alone({"script": f"result = {value}"})
    assert outcome["outcome"] == "Succeeded"
    assert outcome["result"] is None
    assert note in outcome["resultNote"]


def test_parameters_reach_a_command(pods: Pods) -> None:
    code = "import json, os; assert json.loads(os.environ['DASKFLOW_PARAMETERS'])['n'] == [1, 'ä']"
    outcome = pods.alone({"command": [PYTHON, "-c", code], "parameters": json.loads('{"n": [1, "ä"]}')})
    assert outcome["outcome"] == "Succeeded"


LONG = {"parameters": {"texts": ["ä" * 1000] * 400, "n": 7}}


def test_long_parameters_reach_a_script_and_the_programs_that_it_starts(plain_pods: Pods) -> None:
    """800 KB; nobody can start a program with that in one variable."""
    script = "import json, os, subprocess\nsubprocess.run(['true'], check=True)\n"
    script += "told = json.load(open(os.environ['DASKFLOW_PARAMETERS_FILE']))\n"
    script += "result = [told['n'], len(told['texts']), 'DASKFLOW_PARAMETERS' in os.environ]"
    flow = json.dumps({"script": script, **LONG}, ensure_ascii=False)
    outcome = plain_pods.start("runner", ["runner"], variables("DASKFLOW_FLOW", flow)).outcome()
    assert outcome["result"] == [7, 400, False]


def test_long_parameters_reach_a_command(plain_pods: Pods) -> None:
    code = "import json, os; assert json.load(open(os.environ['DASKFLOW_PARAMETERS_FILE']))['n'] == 7"
    flow = json.dumps({"command": ["python3", "-c", code], **LONG})
    shared = {"TMPDIR": str(plain_pods.folder)}  # runs on one machine have one, under `daskflow local`
    runner = plain_pods.start("runner", ["runner"], {**variables("DASKFLOW_FLOW", flow), **shared})
    assert runner.outcome()["outcome"] == "Succeeded"
    assert not (plain_pods.folder / "parameters.json").exists()
