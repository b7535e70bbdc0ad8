"""Doors of other tools (`integrations/`) are packages of their own, with models made from the CRD."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import release
from integrations import ROOT, Door, doors
from integrations.models import file, module

PACKAGES = {door.package.name: door for door in doors() if door.package}


def imported(file: Path) -> Iterator[str]:
    """The first names of all modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def wrong(folder: Path, forbidden: set[str]) -> dict[str, set[str]]:
    """Files that import what they may not."""
    found = {
        str(each.relative_to(ROOT)): forbidden.intersection(imported(each)) for each in folder.rglob("*.py")
    }
    return {name: names for name, names in found.items() if names}


def test_there_are_some() -> None:
    assert "dagster_daskflow" in PACKAGES
    assert "json" in imported(ROOT / "integrations" / "kubectl.py")


@pytest.mark.parametrize("name", PACKAGES)
def test_a_door_imports_neither_daskflow_nor_another_door(name: str) -> None:
    assert not wrong(PACKAGES[name].folder / name, {"daskflow", "integrations", *PACKAGES} - {name})


def test_nothing_of_daskflow_imports_a_door() -> None:
    assert not wrong(ROOT / "operator", {"integrations", *PACKAGES})


DISTRIBUTIONS = {
    "airflow": {
        "apache-airflow-core",
        "apache-airflow-providers-cncf-kubernetes",
        "apache-airflow-providers-common-compat",
    },
    "yaml": {"pyyaml"},
}
"""Of modules whose distribution has another name."""


@pytest.mark.parametrize("name", PACKAGES)
def test_a_door_declares_what_it_imports(name: str) -> None:
    door = PACKAGES[name]
    assert door.project is not None
    declared = {re.split("[^a-z0-9-]", each)[0] for each in door.project["project"]["dependencies"]}
    needed: set[str] = set()
    for module_ in {each for path in (door.folder / name).rglob("*.py") for each in imported(path)}:
        if module_ not in sys.stdlib_module_names | {name}:
            needed |= DISTRIBUTIONS.get(module_, {module_.replace("_", "-")})
    assert needed <= declared


@pytest.mark.parametrize("name", PACKAGES)
def test_its_models_are_of_the_definition(name: str) -> None:
    definition = yaml.safe_load((ROOT / "crds" / "flowruns.yaml").read_text())
    made = file(PACKAGES[name])
    assert made is not None
    assert made.read_text() == module(definition), "run `make crds`"


@pytest.mark.parametrize("door", doors(), ids=lambda door: door.name)
def test_a_door_tells_of_itself_and_is_tested(door: Door) -> None:
    assert (door.folder / "README.md").read_text().startswith("# ")
    assert door.tests("quick") or door.tests("cluster")


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_released_with_the_others(name: str) -> None:
    door = PACKAGES[name]
    assert door.project is not None
    project = door.project["project"]
    assert project["version"] == release.VERSION
    assert project["license"] == "Apache-2.0"
    assert not [each for each in project["dependencies"] if re.match(r"daskflow\b", each)]
    assert door.lock, f"locks/doors/{door.name}.in is missing"
