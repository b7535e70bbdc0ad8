"""The examples that need more than Dask, run by `daskflow local` with the Python that plays their image."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.conftest import environment

EXAMPLES = Path(__file__).parents[3] / "examples"


def local(example: str, image: str, *arguments: str) -> Any:
    """The example's result on this machine."""
    command = [sys.executable, "-m", "daskflow.cli", "local", f"{example}/flowrun.yaml", "--output", "-"]
    done = subprocess.run(
        [*command, "--python", environment(image), *arguments],
        cwd=EXAMPLES,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["result"]


def test_prefect1() -> None:
    assert local("diamond-prefect1", "prefect1") == 9900


def test_prefect3() -> None:
    # Fewer tasks than on the cluster: Prefect 3 takes a tenth of a second for each.
    assert local("diamond-prefect3", "prefect3", "-p", "n=3") == 6


@pytest.mark.parametrize(
    ("count", "where", "pushes"), [(1, "this pod", [851]), (6, "a cluster of ", [2599, 2549])]
)
def test_etl(tmp_path: Path, count: int, where: str, pushes: list[int]) -> None:
    archives = [sys.executable, str(EXAMPLES / "etl" / "archives.py"), str(tmp_path)]
    subprocess.run(archives, check=True, capture_output=True)
    files = [str(path) for path in sorted(tmp_path.glob("*.json.gz"))][:count]
    told = ("-p", f"files={json.dumps(files)}", "-p", f"output={tmp_path / 'pushes'}")
    result = local("etl", "data", *told)
    assert result["where"].startswith(where)
    assert [day["pushes"] for day in result["days"].values()] == pushes
    assert list((tmp_path / "pushes").glob("*.parquet"))
