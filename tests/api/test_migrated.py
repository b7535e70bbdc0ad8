"""What `daskflow migrate` prints is taken by the API server."""

from pathlib import Path

import pytest

from tests.kube import Kube, kubectl
from tests.unit.cli.migration.cases import EXPECTED, examples


def documents() -> dict[str, str]:
    """All that is recorded, and what the page shows, by where it stands."""
    recorded = {path.name: path.read_text() for path in EXPECTED.iterdir()}
    return recorded | {f"docs/migrating.md {example.file}": example.output for example in examples()}


@pytest.mark.parametrize("name", documents())
def test_it_is_taken(kube: Kube, name: str, tmp_path: Path) -> None:
    file = tmp_path / "migrated.yaml"
    file.write_text(documents()[name])
    answer = kubectl("apply", "--dry-run=server", "--namespace", kube.namespace, "-f", str(file))
    assert answer.returncode == 0, answer.stderr
