"""Every manifest in README and docs is taken by the API server, and those of runs end as the text says."""

import re
import subprocess
import sys
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


def shown(page: Path) -> dict[str, str]:
    """The Python files that a page shows whole: blocks that begin with a comment of the file's name."""
    blocks = re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```", page.read_text(), re.M | re.S)
    return dict(blocks)


@pytest.fixture(scope="module")
def places(installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Kube]]:
    """Every block applied in a namespace of its own, all at once: namespaces by the block's name."""
    with ExitStack() as stack:
        found = {}
        for block in manifests():
            kube = found[block.id] = stack.enter_context(namespace())
            answer = _applied(kube, block.id, block.values[0], tmp_path_factory.mktemp("page"))
            assert answer.returncode == 0, f"{block.id}: {answer.stderr}"
        yield found


def _applied(
    kube: Kube, name: str, objects: list[dict[str, Any]], folder: Path
) -> "subprocess.CompletedProcess[str]":
    """By kubectl; a run whose file the page shows goes by the command, beside that file, as on the page."""
    page = next(each for each in PAGES if name.startswith(each.name))
    files = shown(page)
    entrypoint = str(objects[-1].get("spec", {}).get("flow", {}).get("entrypoint"))
    if entrypoint.partition(":")[0] not in files:
        return apply(kube, *objects)
    for each, text in files.items():
        (folder / each).write_text(text)
    (folder / "run.yaml").write_text(yaml.safe_dump_all(objects))
    command = [sys.executable, "-m", "daskflow.cli", "run", "run.yaml", "-n", kube.namespace]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


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
