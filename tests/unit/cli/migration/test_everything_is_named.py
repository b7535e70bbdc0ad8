"""Nothing of an input is dropped in silence: a word put anywhere is in the result, or is named.

The word is looked for in the manifests and in what is said; nothing is asked of the code's own books.
"""

import ast
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from daskflow.api.yaml_text import documents
from daskflow.cli.local.validation import Invalid
from daskflow.cli.migration.draft import refusal
from daskflow.cli.migration.leaves import said
from daskflow.cli.migration.options import Options
from daskflow.cli.migration.sources import Result, Text, migrate

from tests.unit.cli.migration.cases import IMAGE, INPUTS, names

WORD = "zqword7"
Place = tuple[str | int, ...]
DATA = [name for name in names() if not name.endswith(".py") and name != "live_objects.yaml"]
"""Those of whose objects each is carried over: of others it is said that they are not, as a whole."""
PROGRAMS = [name for name in names() if name.endswith(".py")]
OPTIONS = Options(image=IMAGE, variables={})


def whole(name: str) -> list[Any]:
    text = (INPUTS / name).read_text().removeprefix("USER-SUPPLIED VALUES:")
    found = documents(text)
    return [each for each in found if each.get("kind") != "ConfigMap"]


def leaves(value: Any, path: Place = ()) -> Iterator[Place]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield (*path, key)
        yield from leaves(child, (*path, key))


def put(value: Any, path: Place, new: Any) -> Any:
    changed = copy.deepcopy(value)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = new
    return changed


def at(value: Any, path: Place) -> Any:
    for key in path:
        value = value[key]
    return value


def outcome(name: str, found: list[Any]) -> Result | str:
    try:
        return migrate([Text(name, yaml.safe_dump_all(found))], OPTIONS)
    except Invalid as error:
        return str(error)


def is_told(result: Result | str, path: Place) -> bool:
    if isinstance(result, str):
        return True  # the whole input is refused with a sentence
    for manifest, _ in result.manifests:
        assert refusal(manifest) == "", manifest
        if WORD in json.dumps(manifest).lower():
            return True
    # A document's number is no part of a field; what is named as a whole has its leaves in it.
    where = f".{said(path[1:])}"
    for finding in result.findings:
        if WORD in str(finding).lower():
            return True
        if finding.field and f".{finding.field}" in where and _is_whole(where, finding.field):
            return True
    return False


def _is_whole(where: str, field: str) -> bool:
    rest = where[where.index(f".{field}") + len(field) + 1 :]
    return not rest or rest[0] in ".["


@pytest.mark.parametrize("name", DATA)
def test_a_word_in_place_of_any_value_is_told(name: str) -> None:
    found = whole(name)
    silent = []
    for path in leaves(found):
        if len(path) > 1 and not is_told(outcome(name, put(found, path, WORD)), path):
            silent.append(said(path))
    assert not silent


@pytest.mark.parametrize("name", DATA)
def test_a_field_more_anywhere_is_told(name: str) -> None:
    found = whole(name)
    silent = []
    for path in [(place,) for place in range(len(found))] + list(leaves(found)):
        inside = at(found, path)
        if isinstance(inside, dict):
            new, key = {**inside, "zqfield": WORD}, "zqfield"
        elif isinstance(inside, list):
            new, key = [*inside, WORD], len(inside)
        else:
            continue
        if not is_told(outcome(name, put(found, path, new)), (*path, key)):
            silent.append(said(path))
    assert not silent


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("computed", [False, True])
def test_a_word_in_place_of_any_constant_of_a_call_is_told(name: str, computed: bool) -> None:
    tree = ast.parse((INPUTS / name).read_text())
    constants = [
        node
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _makes_a_cluster(call)
        for node in ast.walk(call)
        if isinstance(node, ast.keyword) or (isinstance(node, ast.Dict) and node.values)
    ]
    silent = []
    for place in range(len(constants)):
        node = constants[place]
        old = node.value if isinstance(node, ast.keyword) else node.values[0]
        new: ast.expr = ast.Name(WORD) if computed else ast.Constant(WORD)
        if isinstance(node, ast.keyword):
            node.value = new
        else:
            node.values[0] = new
        text = ast.unparse(tree)
        if isinstance(node, ast.keyword):
            node.value = old
        else:
            node.values[0] = old
        try:
            result: Result | str = migrate([Text(name, text)], OPTIONS)
        except Invalid as error:
            result = str(error)
        if not is_told(result, ()):
            silent.append(ast.unparse(node))
    assert not silent


def _makes_a_cluster(call: ast.Call) -> bool:
    words = (
        "KubeCluster",
        "make_cluster_spec",
        "Cluster",
        "SLURMCluster",
        "DaskTaskRunner",
        "scale",
        "adapt",
    )
    return ast.unparse(call.func).rpartition(".")[2] in (*words, "add_worker_group")
