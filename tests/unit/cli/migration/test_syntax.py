"""What of a program's text is a constant."""

from typing import Any

import pytest
from daskflow.cli.migration.leaves import Computed
from daskflow.cli.migration.programs.syntax import Program


def value(text: str, before: str = "") -> Any:
    program = Program(f"{before}\nf(x={text})\n", {"made": (("n",), dict)})
    (call,) = (node for node in program.calls() if getattr(node.func, "id", "") == "f")
    return program.arguments(call, ())["x"]


@pytest.mark.parametrize(
    ("text", "before", "found"),
    [
        ("3", "", 3),
        ("-2.5", "", -2.5),
        ("None", "", None),
        ("'a' 'b'", "", "ab"),
        ("'a' + B", "B = 'b'", "ab"),
        ("60 * 60", "", 3600),
        ("[1, (2, 3)]", "", [1, [2, 3]]),
        ("{'a': 1, **B}", "B = {'b': 2}", {"a": 1, "b": 2}),
        ("made(3, m=4)", "", {"n": 3, "m": 4}),
        ("N", "N: int = 3", 3),
        ("D", "D = {'a': [{}]}\nD['a'][0]['b'] = 3", {"a": [{"b": 3}]}),
        ("D", "D = {'a': 1}\nprint(D.get('a'))", {"a": 1}),
    ],
)
def test_constants_are_read(text: str, before: str, found: Any) -> None:
    assert value(text, before) == found


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("N", ""),
        ("N", "N = 1\nN = 2"),
        ("N", "def g(N): ...\nN = 1"),
        ("N", "if x:\n    N = 1"),
        ("N", "for N in y: ..."),
        ("f'{n}'", "n = 1"),
        ("g()", ""),
        ("a.b", ""),
        ("D", "D = {'a': 1}\nD.update(b=2)"),
        ("D", "D = {'a': 1}\ndel D['a']"),
        ("D", "D = {'a': 1}\nD['a'] += 1"),
        ("D", "D = {}\nD['a']['b'] = 1"),
        ("L", "L = []\nL.append(1)"),
        ("9 ** 9 ** 9", ""),
        ("10 ** 9 * 10 ** 9", ""),
        ("A", "A = B\nB = A"),
        ("b'x'", ""),
    ],
)
def test_all_else_is_its_text(text: str, before: str) -> None:
    assert value(text, before) == Computed(text)


def test_a_part_that_is_computed_leaves_the_others() -> None:
    assert value("{'a': 1, 'b': g()}") == {"a": 1, "b": Computed("g()")}


def test_names_are_known_by_their_imports() -> None:
    program = Program("import coiled as c\nfrom a.b import C as D\nc.Cluster()\nD()\n", {})
    assert [program.dotted(call.func) for call in program.calls()] == ["coiled.Cluster", "a.b.C"]


@pytest.mark.parametrize(
    "text",
    [
        "c = f()",
        "c: X = f()",
        "with f() as c: ...",
        "async def g():\n    async with f() as c: ...",
        "c = await f()",
    ],
)
def test_what_a_cluster_is_called(text: str) -> None:
    program = Program(f"{text}\nc.scale(3)\n", {})
    call = next(call for call in program.calls() if getattr(call.func, "id", "") == "f")
    assert program.variable_of(call) == "c"
    assert [name for name, _ in program.methods("c")] == ["scale"]
