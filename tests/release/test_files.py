"""All files of a release: the zipapp runs under each Python, krew installs the plugin from its archive."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from release.__main__ import PLACE, release, this_machine
from release.targets import PYTHONS
from tests.runtime.environments.pythons import find

KREW = "sigs.k8s.io/krew/cmd/krew@v0.4.3"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    release(folder, PLACE)
    return folder


def test_the_checksums_are_those_of_all_files(dist: Path) -> None:
    lines = (dist / "SHA256SUMS").read_text().splitlines()
    told = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    there = {each.name for each in dist.iterdir() if each.is_file()}
    assert told.keys() == there - {"SHA256SUMS"}
    assert {name: hashlib.sha256((dist / name).read_bytes()).hexdigest() for name in told} == told


@pytest.mark.parametrize("version", PYTHONS)
def test_the_zipapp_runs(dist: Path, tmp_path: Path, version: str) -> None:
    python = find(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    (file,) = dist.glob(f"daskflow-*-{this_machine().name}.pyz")
    home = {**os.environ, "HOME": str(tmp_path), "SHIV_ROOT": str(tmp_path / "shiv")}
    for words in (["run", "--help"], ["explain", "--help"], ["completion", "bash"]):
        said = subprocess.run([python, file, *words], env=home, capture_output=True, text=True, check=False)
        assert (said.returncode, said.stderr) == (0, "")
    nowhere = {**home, "KUBECONFIG": "/nowhere"}
    lost = subprocess.run([python, file, "list"], env=nowhere, capture_output=True, text=True, check=False)
    assert (lost.returncode, "Traceback" in lost.stderr) == (3, False), lost.stderr


def test_krew_installs_the_plugin(dist: Path, tmp_path: Path) -> None:
    if shutil.which("go") is None:
        pytest.skip("there is no Go here, by which krew is built")
    subprocess.run(["go", "install", KREW], env={**os.environ, "GOBIN": str(tmp_path / "go")}, check=True)
    (archive,) = dist.glob(f"kubectl-daskflow-*-{this_machine().name}.tar.gz")
    root = {**os.environ, "KREW_ROOT": str(tmp_path / "krew"), "SHIV_ROOT": str(tmp_path / "shiv")}
    krew = [str(tmp_path / "go" / "krew"), "install"]
    command = [*krew, f"--manifest={dist}/daskflow.yaml", f"--archive={archive}"]
    done = subprocess.run(command, env=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    plugin = tmp_path / "krew" / "bin" / "kubectl-daskflow"
    said = subprocess.run([plugin, "run", "--help"], env=root, capture_output=True, text=True, check=True)
    assert said.stdout.startswith("Usage: kubectl daskflow run")
