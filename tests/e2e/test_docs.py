"""Every manifest in README and docs is taken by the API server, and those of runs end as the text says."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kube import Kube, apply, namespace

REPOSITORY = Path(__file__).parents[2]
SECONDS = 180
"""For any of them, while all others run too."""
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]


def manifests() -> list[Any]:
    """Each YAML block of each page, named after page and last object."""
    found = []
    for page in PAGES:
        for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.M | re.S):
            objects = list(yaml.safe_load_all(block))
            name = f"{page.name}-{objects[-1]['kind']}-{objects[-1]['metadata']['name']}"
            found.append(pytest.param(objects, id=name))
    return found


@pytest.fixture(scope="module")
def places(installed: None) -> Iterator[dict[str, Kube]]:
    """Every block applied in a namespace of its own, all at once: namespaces by the block's name."""
    with ExitStack() as stack:
        found = {}
        for block in manifests():
            kube = found[block.id] = stack.enter_context(namespace())
            answer = apply(kube, *block.values[0])
            assert answer.returncode == 0, f"{block.id}: {answer.stderr}"
        yield found


@pytest.mark.parametrize("objects", manifests())
def test_manifest_works(
    places: dict[str, Kube], objects: list[dict[str, Any]], request: pytest.FixtureRequest
) -> None:
    kube = places[request.node.callspec.id]
    for manifest in objects:
        name = manifest["metadata"]["name"]
        if manifest["kind"] == "FlowRun":
            assert kube.ended(name, SECONDS)["phase"] == "Succeeded"
        elif manifest["kind"] == "FlowSchedule":
            ready = partial(_ready, kube, "FlowSchedule", name)
            kube.wait(f"{name} to wait for its tick", ready, SECONDS)
        elif manifest["kind"] == "DaskCluster":
            kube.wait(f"{name} to be ready", partial(_ready, kube, "DaskCluster", name), SECONDS)


def _ready(kube: Kube, kind: str, name: str) -> bool:
    status = (kube.get(kind, name) or {}).get("status") or {}
    return any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions", ()))


def test_commands_of_the_readme_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    rules = [name.replace("%", "*") for name in re.findall(r"^([\w%-]+):", makefile, re.M)]
    for page in PAGES:
        for target in re.findall(r"(?:`|^    )make ([a-z-]+)", page.read_text(), re.M):
            assert any(fnmatch(target, rule) for rule in rules), f"{page.name} names make {target}"
    for page in PAGES:
        for link in re.findall(r"\]\(([a-z./]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"
