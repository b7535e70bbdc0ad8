"""`daskflow ui` as it is called: what it says before there is a page, and how it is opened."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
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


def test_the_browser_is_started_without_a_token_and_not_waited_for(tmp_path: Path) -> None:
    pipe, browser = tmp_path / "pipe", tmp_path / "browser"
    os.mkfifo(pipe)
    opened = os.open(pipe, os.O_RDWR)
    browser.write_text(f'#!/bin/sh\necho "$@" > {pipe}\nexec sleep 60\n')
    browser.chmod(0o700)
    config = kubeconfig(tmp_path / "config", "http://127.0.0.1:9")
    command = [sys.executable, "-m", "daskflow.cli", "ui", "--kubeconfig", str(config)]
    environment = {**os.environ, "BROWSER": str(browser), "DISPLAY": ":0"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, start_new_session=True) as page:
        try:
            assert select.select([opened], [], [], 20)[0], "no browser was started"
            (given,) = os.read(opened, 4096).decode().split()
            file = Path(urlsplit(given).path)
            (link,) = re.findall(r'href="([^"]+)"', file.read_text())
            assert (given.startswith("file:"), file.stat().st_mode & 0o077) == (True, 0)
            elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
            with httpx.Client(timeout=20) as client:
                assert client.get(link, headers=elsewhere).status_code == 200
                assert client.get(urljoin(link, "/clusters")).status_code == 200
            page.send_signal(signal.SIGINT)
            page.wait(20)
            assert not file.exists()
        finally:
            os.killpg(page.pid, signal.SIGKILL)
            os.close(opened)
