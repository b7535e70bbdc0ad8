"""`daskflow ui` as it is called: what it says before there is a page."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.client.api_in_memory import kubeconfig


def call(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "daskflow.cli", "ui", "--no-browser", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_without_a_kubeconfig_there_is_no_page(tmp_path: Path) -> None:
    answer = call("--kubeconfig", str(tmp_path / "none"))
    assert (answer.returncode, "does not exist" in answer.stderr, answer.stdout) == (3, True, "")


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    config = kubeconfig(tmp_path / "config", "http://127.0.0.1:9")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = call("--kubeconfig", str(config), "--port", str(port))
    assert (answer.returncode, answer.stdout) == (2, "")
    assert f"--port {port} cannot be had: Address already in use; choose another" in answer.stderr


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_no_number_of_a_port_is_wrong_use(port: str) -> None:
    assert call("--port", port).returncode == 2
