"""What rules come to, by either library for CEL."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import daskflow
import pytest
from daskflow.cli.local import cel

import locks
from tests.runtime.environments.pythons import find
from tests.unit.test_package import run_uv

CASES: tuple[tuple[str, Any, Any], ...] = (
    ("[has(self.a), has(self.b)].filter(x, x).size() <= 1", {"a": 1, "b": 2}, False),
    ("[has(self.a), has(self.b)].filter(x, x).size() <= 1", {"a": 1}, True),
    ("self.matches('^(tcp|tls)://[^/ ]+:[0-9]+$')", "tcp://a:1", True),
    ("'\"' + self + '\" is none'", "x", '"x" is none'),
    ("isQuantity(self)", "4Gi", True),
    ("isQuantity(self)", "4 Gi", False),
    ("self.findAll('[0-9]+').size() == 2", "1h30m", True),
    ("self.findAll('[0-9]+h').map(x, int(x.substring(0, x.size() - 1)) * 3600).sum() == 7200", "1h1h", True),
    ("self.all(n, n.size() > 1)", ["ab", "c"], False),
    ("!has(self.a) || self.a == 'x' ? 1 : 2", {"a": "y"}, 2),
    ("self.replicas <= 3 && self.share >= 0.5", {"replicas": 3, "share": 0.5}, True),
)


@pytest.mark.parametrize(("expression", "value", "result"), CASES)
def test_an_expression_is_evaluated(expression: str, value: Any, result: Any) -> None:
    assert cel.evaluated(expression, value) == result


def test_without_a_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cel", "celpy"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(cel.Missing, match=r"a library for CEL; .* 'daskflow\[local\]'"):
        cel.evaluated("true", None)


ALL = """
import json, sys
from daskflow.api.crd import KINDS
from daskflow.cli.local import cel
for expression, value, result in json.load(sys.stdin):
    assert cel.evaluated(expression, value) == result, expression
def rules(schema):
    if isinstance(schema, dict):
        for rule in schema.get("x-kubernetes-validations", ()):
            if "oldSelf" not in rule["rule"]:
                yield from (rule[key] for key in ("rule", "messageExpression") if key in rule)
    for below in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from rules(below)
found = [rule for kind in KINDS for rule in rules(kind.definition)]
for rule in found:
    cel._program(rule)
assert len(found) > 40
"""


def test_python_3_10_evaluates_them_by_another_library(tmp_path: Path) -> None:
    python = find("3.10")
    if python is None:
        pytest.skip("there is no Python 3.10 here")
    sources = Path(daskflow.__file__).parents[1]
    there = {**os.environ, "VIRTUAL_ENV": str(tmp_path), "PYTHONPATH": str(sources)}
    run_uv(there, "venv --quiet --clear --python", python, str(tmp_path))
    lock = str(locks.lock("cel-python"))
    run_uv(there, "pip install --quiet --require-hashes --only-binary :all: -r", lock)
    command, cases = [tmp_path / "bin" / "python", "-c", ALL], json.dumps(CASES)
    said = subprocess.run(command, input=cases, env=there, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
