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
    """Each YAML block of each page, named after page and object."""
    found = []
    for page in PAGES:
        for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.M | re.S):
            for manifest in yaml.safe_load_all(block):
                name = f"{page.name}-{manifest['kind']}-{manifest['metadata']['name']}"
                found.append(pytest.param(manifest, id=name))
    return found


@pytest.mark.parametrize("manifest", manifests())
def test_manifest_works(kube: Kube, manifest: dict[str, Any]) -> None:
    answer = apply(kube, manifest)
    assert answer.returncode == 0, answer.stderr
    name = manifest["metadata"]["name"]
    if manifest["kind"] == "FlowRun":
        assert kube.ended(name)["phase"] == "Succeeded"
    else:
        kube.wait(
            f"{name} to be ready",
            lambda: ((kube.get("DaskCluster", name) or {}).get("status") or {}).get("phase") == "Ready",
        )


def test_commands_of_the_readme_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    for page in PAGES:
        for target in re.findall(r"(?:`|^    )make ([a-z]+)\b", page.read_text(), re.M):
            assert re.search(rf"^{target}:", makefile, re.M), f"{page.name} names make {target}"
    for page in PAGES:
        for link in re.findall(r"\]\(([a-z./]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"
