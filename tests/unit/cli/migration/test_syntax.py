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
        ("D", "D = {'a': 1}\nprint(D)\nyaml.dump(D, out)", {"a": 1}),
        ("D", "D = {'a': 1}\nD.update(b=2)\nD.update({'a': 3})", {"a": 3, "b": 2}),
        ("D", "D = {'a': 1, 'b': 2}\ndel D['a']", {"a": None, "b": 2}),
        ("D", "D = {'a': []}\nD['a'].append(1)\nD['a'].extend([2])\nD['a'] += [3]", {"a": [1, 2, 3]}),
        ("D", "D = {'a': [1]}\nD['a'].append(2)\nD['a'] = [3]\nD['a'].append(4)", {"a": [3, 4]}),
        ("L", "L = []\nL.append(1)", [1]),
        ("f'a:{T}-{1}'", "T = 'v1'", "a:v1-1"),
        ("dict(a=1, **B)", "B = dict(b=2)", {"a": 1, "b": 2}),
        ("A | {'b': 2}", "A = {'a': 1}", {"a": 1, "b": 2}),
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
        ("f'{n:03}'", "n = 1"),
        ("f'{n!r}'", "n = 1"),
        ("f'{n}'", "n = g()"),
        ("dict(a)", "a = {}"),
        ("g()", ""),
        ("a.b", ""),
        ("D", "D = {'a': 1}\nD.update(x)"),
        ("D", "D = {'a': 1}\nD.pop('a')"),
        ("D", "D = {'a': 1}\ndel D['b']"),
        ("D", "D = {'a': 1}\nif x:\n    D['a'] = 2"),
        ("D", "D = {'a': 1}\ndef g():\n    D['a'] = 2"),
        ("D", "D = {'a': {}}\nalias = D['a']\nalias['b'] = 2"),
        ("D", "D = {'a': [{}]}\nfor each in D['a']:\n    each['b'] = 2"),
        ("D", "D = {'a': 1}\ncustomize(D)"),
        ("D", "D = {'a': {}}\ncustomize(D['a'])"),
        ("D", "D = {'a': 1}\nD['a'] += 1"),
        ("D", "D = {}\nD['a']['b'] = 1"),
        ("L", "L = []\nL.insert(0, 1)"),
        ("L", "L = []\nL += x"),
        ("L", "L = []\nL.insert(0, L)"),
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


def test_a_list_in_itself_is_its_name() -> None:
    assert value("L", "L = []\nL.append(L)") == [Computed("L")]


def test_lists_of_lists_of_names_have_an_end() -> None:
    many = "\n".join(f"x{n} = [x{n - 1}, x{n - 1}]" for n in range(1, 50))
    with pytest.raises(ValueError, match="more than 50000 values"):
        value("x49", f"x0 = [1]\n{many}")


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
        "if (c := f()): ...",
        "async def g():\n    async with await f() as c: ...",
    ],
)
def test_what_a_cluster_is_called(text: str) -> None:
    program = Program(f"{text}\nc.scale(3)\n", {})
    call = next(call for call in program.calls() if getattr(call.func, "id", "") == "f")
    assert program.variable_of(call) == "c"
    assert [name for name, _ in program.methods("c", call)] == ["scale"]


def test_a_cluster_of_an_object_is_told_by_its_class() -> None:
    one = "class A:\n    def m(self):\n        self.c = f()\n    def n(self):\n        self.c.scale(3)\n"
    other = "class B:\n    def n(self):\n        self.c.close()\n"
    program = Program(one + other, {})
    call = next(call for call in program.calls() if getattr(call.func, "id", "") == "f")
    assert program.variable_of(call) == "self.c"
    assert [name for name, _ in program.methods("self.c", call)] == ["scale"]
