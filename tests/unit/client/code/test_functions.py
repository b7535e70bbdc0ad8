"""A function on its way into a run: by its module with the project, or as it is, or a sentence why not."""

import functools
import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import dask
import pytest
from daskflow.client.code.archive import Archive
from daskflow.client.code.functions import local_root, sent
from daskflow.client.errors import WrongUse
from daskflow.runtime import unpack

from .projects import project

ETL = """
import functools

def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

def flow(n): return n

@logged
def decorated(n): return n

class Flow:
    @classmethod
    def of(cls, n): return n
    def __call__(self, n): return n

def made(factor):
    return lambda n: flow(factor * n)
"""


@pytest.fixture
def etl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module of a package in a project that is not installed."""
    project(tmp_path, {"src/acme/__init__.py": "", "src/acme/etl.py": ETL, "src/data.txt": "", "README": ""})
    monkeypatch.syspath_prepend(tmp_path / "src")
    yield importlib.import_module("acme.etl")
    for name in ("acme", "acme.etl"):
        sys.modules.pop(name)


def names(archive: Archive | None, folder: Path) -> set[str]:
    assert archive is not None
    unpack._extract(archive.data, str(folder))
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def main(source: str, name: str = "flow") -> Any:
    """What a notebook or program has that no other process can import."""
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(source, space)
    return space[name]


@pytest.mark.parametrize("name", ["flow", "decorated", "Flow.of", "Flow"])
def test_what_a_module_has_is_sent_by_its_name_with_the_project(
    etl: ModuleType, tmp_path: Path, name: str
) -> None:
    found = sent(functools.reduce(getattr, name.split("."), etl), None)
    assert found[:2] == (f"acme.etl:{name}", "etl")
    assert names(found.archive, tmp_path / "into") == {"acme/__init__.py", "acme/etl.py", "data.txt"}


def test_another_folder_may_be_sent_or_none(etl: ModuleType, tmp_path: Path) -> None:
    found = sent(etl.flow, tmp_path)
    assert found.entrypoint == "src/acme/etl.py:flow"
    assert "README" in names(found.archive, tmp_path / "into")
    assert sent(etl.flow, False) == ("acme.etl:flow", "etl", None)
    assert sent(etl.flow, tmp_path / "src" / "acme").entrypoint == "acme.etl:flow"


@pytest.mark.parametrize(("flow", "entrypoint"), [(len, "builtins:len"), (dask.compute, "dask.base:compute")])
def test_what_is_installed_is_the_images(flow: Any, entrypoint: str) -> None:
    assert sent(flow, None)[::2] == (entrypoint, None)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda etl: etl.made(3), "flow"),
        (lambda etl: functools.partial(etl.flow, 1), "flow"),
        (lambda etl: etl.logged(etl.flow), "flow"),
        (lambda etl: etl.Flow(), "Flow"),
        (lambda etl: etl.Flow().__call__, "__call__"),
        (lambda etl: dask.delayed(etl.flow)(1), "Delayed"),
        (lambda etl: main("from acme import etl\ndef flow(n): return etl.flow(n)"), "flow"),
        (lambda etl: main("def flow(n):\n    from acme.etl import flow\n    return flow(n)"), "flow"),
    ],
    ids=["closure", "partial", "wrapped", "object", "method", "delayed", "of main", "import within"],
)
def test_anything_else_is_pickled_and_the_modules_that_it_uses_go_along(
    etl: ModuleType, tmp_path: Path, make: Callable[[ModuleType], Any], name: str
) -> None:
    found = sent(make(etl), None)
    assert found[:2] == (f"daskflow_function.py:{name}", name)
    there = names(found.archive, tmp_path / "into")
    assert there == {
        "acme/__init__.py", "acme/etl.py", "data.txt",
        "daskflow_function.json", "daskflow_function.pkl", "daskflow_function.py",
    }  # fmt: skip


def test_what_uses_no_module_of_a_project_goes_alone(tmp_path: Path) -> None:
    flow = main("import dask\nfrom json import dumps\ndef flow(n): return dumps(dask.compute(n))")
    there = names(sent(flow, None).archive, tmp_path)
    assert there == {"daskflow_function.json", "daskflow_function.pkl", "daskflow_function.py"}
    assert (tmp_path / "daskflow_function.py").read_text().endswith("# It uses: dask\n")


def test_the_same_function_is_the_same_archive() -> None:
    source = "STEP = 2\ndef flow(n): return STEP * n"
    assert sent(main(source), None) == sent(main(source), None)


async def _began() -> None: ...


def _yields() -> Iterator[int]:
    yield 1


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        (3, "3 is no flow; give a function, module:attr"),
        (_yields(), "_yields is a generator that was made already; give the function, without calling it"),
    ],
    ids=["number", "generator"],
)
def test_what_is_no_flow_is_said(flow: Any, words: str) -> None:
    with pytest.raises(WrongUse, match=re.escape(words)):
        sent(flow, None)


def test_a_coroutine_that_was_made_already_is_said() -> None:
    coroutine = _began()
    with pytest.raises(WrongUse, match="_began is a coroutine that was made already; give the function"):
        sent(coroutine, None)
    coroutine.close()


def test_secrets_within_are_refused_and_only_by_force_sent() -> None:
    flow = main(f"KEY = 'ghp_{'a' * 36}'\ndef flow(): return KEY")
    with pytest.raises(
        WrongUse, match=r"flow looks like a secret \(it has a token of GitHub\).*with force=True"
    ):
        sent(flow, None)
    assert sent(flow, None, force=True).archive


def test_modules_of_two_folders_cannot_both_go_along(
    etl: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, {"other/library.py": "x = 1"})
    monkeypatch.syspath_prepend(tmp_path / "other")
    flow = main("from acme import etl\nimport library\ndef flow(): return etl, library")
    with pytest.raises(WrongUse, match=r"acme.* of .*src, library of .*other.*give one of them as code"):
        sent(flow, None)
    assert sent(flow, tmp_path / "src").archive
    sys.modules.pop("library")


def test_an_installed_module_is_nobodys_project() -> None:
    assert [local_root(name) for name in ("dask", "json", "sys", "no.such", "__main__")] == [None] * 5
    assert local_root("tests.unit") == Path(__file__).parents[4]
