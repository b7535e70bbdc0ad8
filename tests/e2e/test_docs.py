"""Every manifest in README and docs is taken by the API server, and those of runs end as the text says."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kube import Kube, apply

REPOSITORY = Path(__file__).parents[2]
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


@pytest.mark.parametrize("objects", manifests())
def test_manifest_works(kube: Kube, objects: list[dict[str, Any]]) -> None:
    answer = apply(kube, *objects)
    assert answer.returncode == 0, answer.stderr
    for manifest in objects:
        name = manifest["metadata"]["name"]
        if manifest["kind"] == "FlowRun":
            assert kube.ended(name)["phase"] == "Succeeded"
        elif manifest["kind"] == "FlowSchedule":
            kube.wait(f"{name} to wait for its tick", lambda name=name: _ready(kube, "FlowSchedule", name))
        elif manifest["kind"] == "DaskCluster":
            kube.wait(f"{name} to be ready", lambda name=name: _ready(kube, "DaskCluster", name))


def _ready(kube: Kube, kind: str, name: str) -> bool:
    status = (kube.get(kind, name) or {}).get("status") or {}
    return any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions", ()))


def test_commands_of_the_readme_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    for page in PAGES:
        for target in re.findall(r"(?:`|^    )make ([a-z]+)\b", page.read_text(), re.M):
            assert re.search(rf"^{target}:", makefile, re.M), f"{page.name} names make {target}"
    for page in PAGES:
        for link in re.findall(r"\]\(([a-z./]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"
