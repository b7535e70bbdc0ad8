"""The rooms of the package: who may import whom, what is in each, how long a module may be.

docs/architecture.md tells of them.
"""

import ast
import graphlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from integrations import doors
from integrations.models import file

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "operator" / "daskflow"
MODULE_LINES = 300
FUNCTION_LINES = 60

MAY_IMPORT: dict[str, set[str]] = {
    "": {"client"},
    "api": {""},
    "manifests": {"", "api"},
    "calendar": {"api"},
    "plan": {"", "api", "manifests", "calendar"},
    "controller": {"", "api", "manifests", "calendar", "plan", "runtime"},
    "runtime": set(),
    "client": {"api"},
    "cli": {"", "api", "manifests", "calendar", "client", "runtime"},
}
"""Rooms, and those below them; "" is the package itself: its version, and the SDK on demand."""
RUNTIME_MAY_IMPORT: dict[str, set[str]] = {
    "runner": {"", "prefect", "clusters", "local"},
    "scheduler": {""},
    "worker": {"", "clusters"},
    "prefect": {""},
    "clusters": {"", "local"},
    "local": {""},
}
"""The runtime's rooms, likewise; "" is what lies beside them and imports none, but for the launcher."""
LIVES = ("plan.run.", "plan.cluster.", "plan.schedule.", "plan.pool.")
"""None of them knows another's inside, nor does what they share know any of theirs."""
CONTROLLER: dict[str, set[str]] = {
    "kubernetes": set(),
    "known": {"kubernetes"},
    "schedulers": {"known", "kubernetes"},
    "metrics": {"known", "kubernetes"},
}
"""The controller's inner rooms, and those below them; what is in none stands above all."""


@cache
def modules() -> dict[str, Path]:
    """All modules of the package, by their name below `daskflow`: `plan.run.life`."""
    found: dict[str, Path] = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def arrows() -> frozenset[tuple[str, str]]:
    """Who imports whom, imports within functions included."""
    return frozenset(
        (name, other) for name, path in modules().items() for other in _imported(name, path) if other != name
    )


def _imported(name: str, path: Path) -> Iterator[str]:
    package = ["daskflow", *name.split(".")]
    if path.name != "__init__.py":
        package.pop()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (_module(each.name) for each in node.names if each.name.startswith("daskflow"))
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            if module.startswith("daskflow"):
                yield from (_module(f"{module}.{each.name}") for each in node.names)


def _module(name: str) -> str:
    """The module that has this name, or in which it stands."""
    below = name.removeprefix("daskflow").removeprefix(".")
    return below if below in modules() else below.rpartition(".")[0]


def _room(name: str) -> str:
    return name.partition(".")[0]


def test_a_room_imports_only_those_below_it() -> None:
    wrong = {
        (name, other)
        for name, other in arrows()
        if _room(other) not in {_room(name), *MAY_IMPORT[_room(name)]}
    }
    assert not wrong


def test_a_room_of_the_runtime_imports_only_those_below_it() -> None:
    wrong = {
        (name, other)
        for name, other in arrows()
        if name.startswith("runtime.") and other.startswith("runtime.") and name != "runtime.launcher"
        if _runtime_room(other) not in {_runtime_room(name), *RUNTIME_MAY_IMPORT.get(_runtime_room(name), ())}
    }
    assert not wrong


def _runtime_room(name: str) -> str:
    room = name.split(".")[1]
    return room if room in RUNTIME_MAY_IMPORT else ""


def test_no_life_reaches_into_another() -> None:
    wrong = {
        (name, other)
        for name, other in arrows()
        for life in LIVES
        if name.startswith("plan.") and other.startswith(life) and not name.startswith(life)
    }
    assert not wrong


def test_inner_rooms_of_the_controller_import_only_those_below_them() -> None:
    wrong = {
        (name, other)
        for name, other in arrows()
        if (room := _inner_room(name)) in CONTROLLER
        and other.startswith("controller.")
        and _inner_room(other) not in {room, *CONTROLLER[room]}
    }
    assert not wrong


def _inner_room(name: str) -> str:
    return name.removeprefix("controller.").partition(".")[0] if name.startswith("controller.") else ""


def test_there_is_no_circle() -> None:
    below: dict[str, set[str]] = {name: set() for name in modules()}
    for name, other in arrows():
        below[name].add(other)
    graphlib.TopologicalSorter(below).prepare()  # raises CycleError, which names the circle


def test_the_docstring_of_a_room_is_its_map() -> None:
    """It names each module and room in it (`__init__.py`)."""
    unnamed = {}
    for room in PACKAGE.glob("*/**/__init__.py"):
        within = {path.stem for path in room.parent.glob("[!_]*.py")}
        within |= {path.parent.name for path in room.parent.glob("*/__init__.py")}
        named = set(re.findall(r"\w+", ast.get_docstring(ast.parse(room.read_text())) or ""))
        unnamed[str(room.relative_to(ROOT))] = within - named
    assert not {room: names for room, names in unnamed.items() if names}


def test_no_module_is_too_long() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in _sources()}
    assert not {name: count for name, count in lines.items() if count > MODULE_LINES}


def test_no_function_is_too_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines"
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES
    ]
    assert not long


def test_what_is_built_beside_a_package_is_no_source(tmp_path: Path) -> None:
    """`pip wheel integrations/prefect` leaves a copy there."""
    for name in ("integrations/prefect/build/lib/a.py", "integrations/prefect/b.py", "tests/c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert {each.name for each in _sources(tmp_path)} == {"b.py", "c.py"}


def _sources(root: Path = ROOT) -> Iterator[Path]:
    made = {file(door) for door in doors()}
    for folder in ("operator", "tests", "integrations"):
        for each in (root / folder).rglob("*.py"):
            if each not in made and "build" not in each.relative_to(root).parts:
                yield each
