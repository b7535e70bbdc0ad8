"""`daskflow run --local`: flags instead of a manifest, on this machine."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

FLOW = "def flow(n=1):\n    print('hello', flush=True)\n    return n * 2\n"


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    whole = [sys.executable, "-m", "daskflow.cli", "run", *arguments, "--local"]
    environment = {"KUBECONFIG": "/nowhere", "PATH": "/usr/bin:/bin"}
    return subprocess.run(whole, cwd=folder, env=environment, capture_output=True, text=True, timeout=90)


def test_a_flow_of_this_folder_runs_without_an_image_and_without_a_cluster(tmp_path: Path) -> None:
    (tmp_path / "etl.py").write_text(FLOW)
    done = run(tmp_path, "etl.py:flow", "-w", "0", "-p", "n=21")
    assert (done.returncode, "result: 42" in done.stderr) == (0, True), done.stderr
    assert "hello" in done.stdout
    assert "spec.image" not in done.stderr
    with_image = run(tmp_path, "etl.py:flow", "-w", "0", "--image", "etl:1")
    assert "spec.image has no meaning here" in with_image.stderr


def test_code_is_the_folder_in_which_it_runs(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "etl.py").write_text(FLOW)
    done = run(tmp_path, "etl.py:flow", "-w", "0", "--code", "project")
    assert (done.returncode, "result: 2" in done.stderr) == (0, True), done.stderr


def test_the_dashboard_is_on_another_site_than_pages_with_cookies(tmp_path: Path) -> None:
    (tmp_path / "etl.py").write_text(FLOW)
    done = run(tmp_path, "etl.py:flow", "-w", "1", "--set", "cluster.dashboard=true")
    assert (done.returncode, "the dashboard is at http://localhost:" in done.stderr) == (0, True), done.stderr


def test_a_flow_that_fails_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("raise ValueError('no good')")
    done = run(tmp_path, "bad.py", "-w", "0")
    assert (done.returncode, "ValueError: no good" in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("-o", "yaml"), "--local makes no object"), (("--code", "nowhere"), "--code nowhere is no folder")],
)
def test_what_makes_no_sense_here_is_wrong_use(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "etl.py").write_text(FLOW)
    done = run(tmp_path, "etl.py:flow", *arguments)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_a_dry_run_prints_the_manifest_and_runs_nothing(tmp_path: Path) -> None:
    (tmp_path / "etl.py").write_text(FLOW)
    done = run(tmp_path, "etl.py:flow", "--dry-run")
    assert (done.returncode, "kind: FlowRun" in done.stdout, "hello" in done.stdout) == (0, True, False)


def test_ctrl_c_ends_the_flow_with_130(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import time\nprint('begun', flush=True)\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "daskflow.cli", "run", "slow.py", "-w", "0", "--local"]
    running = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout
    assert running.stdout.readline() == "begun\n"
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert (running.returncode, "Cancelled by SIGINT" in said) == (130, True), said
