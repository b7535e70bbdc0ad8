"""The commands of docs/clients.md, as a reader runs them one after another."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml

from tests.e2e.flows import DATA_IMAGE, IMAGE
from tests.kube import Kube, apply, namespace

PAGE = (Path(__file__).parents[2] / "docs" / "clients.md").read_text()


def blocks(language: str) -> list[str]:
    """The page's code blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


FETCH, FORWARD, NOTEBOOK, DASHBOARD = blocks("sh")
(MANIFEST,) = blocks("yaml")
PROGRAM, CONNECT = blocks("python")


class Reader:
    """Somebody with a shell, whose kubectl is set to the namespace."""

    def __init__(self, kube: Kube, folder: Path) -> None:
        self.kube = kube
        self._folder = folder
        config = shutil.copy(os.environ["KUBECONFIG"], folder / "kubeconfig")
        self._environment = {**os.environ, "KUBECONFIG": str(config)}
        self.types(f"kubectl config set-context --current --namespace {kube.namespace}")

    def types(self, commands: str) -> str:
        """The output of these commands; fails with what they say if one of them fails."""
        answer = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], **self._how(), check=False)
        assert answer.returncode == 0, answer.stderr
        return str(answer.stdout)

    def runs(self, python: str) -> str:
        """The output of a Python program."""
        program = f"IMAGE = {IMAGE!r}\n{python}"
        answer = subprocess.run([sys.executable, "-c", program], **self._how(), check=False, timeout=60)
        assert answer.returncode == 0, answer.stderr
        return str(answer.stdout)

    @contextmanager
    def forwards(self, command: str, port: int) -> Iterator[None]:
        """`kubectl port-forward` for as long as the block lasts."""
        forward = subprocess.Popen(["bash", "-c", f"exec {command}"], **self._how())
        try:
            self.kube.wait(f"port {port} to be forwarded", lambda: answers(port), 20)
            yield
        finally:
            forward.terminate()
            forward.communicate()

    def _how(self) -> dict[str, object]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return {"cwd": self._folder, "env": self._environment, **pipes}


def answers(port: int) -> bool:
    """Whether something listens on this port of the loopback device."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def reader(installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Has applied the page's manifest, and sees that the cluster is ready."""
    with namespace() as kube:
        assert apply(kube, yaml.safe_load(MANIFEST)).returncode == 0
        kube.reached("DaskCluster", "shared", "Ready")
        yield Reader(kube, tmp_path_factory.mktemp("reader"))


def test_a_program_makes_a_cluster_and_leaves_nothing_behind(reader: Reader) -> None:
    said = reader.runs(PROGRAM)
    assert re.search(r"^45\n", said, re.M)
    assert re.search(r"^Cluster\(dask-\w+, 'tls://127.0.0.1:\d+', workers=2, threads=2", said, re.M)
    assert [each["metadata"]["name"] for each in reader.kube.items("DaskCluster")] == ["shared"]


def test_a_laptop_connects_through_a_forwarded_port(reader: Reader) -> None:
    reader.types(FETCH)
    with reader.forwards(FORWARD, 8786):
        assert reader.runs(CONNECT).split() == ["45"]


def test_a_notebook_in_the_cluster_connects(reader: Reader) -> None:
    reader.types(NOTEBOOK)
    assert reader.kube.printed("notebook").split() == ["45"]


def test_dasks_own_pages_are_reached_by_one_command(reader: Reader) -> None:
    with reader.forwards(DASHBOARD, 8787):
        for path in ("health", "json/counts.json"):
            with urlopen(f"http://127.0.0.1:8787/{path}", timeout=10) as answer:
                assert answer.status == 200


def test_the_dashboard_of_an_image_with_bokeh_is_in_status(reader: Reader) -> None:
    spec = {"image": DATA_IMAGE, "dashboard": True, "workers": {"replicas": 0}}
    reader.kube.create({**yaml.safe_load(MANIFEST), "metadata": {"name": "watched"}, "spec": spec})

    def command() -> str:
        status = reader.kube.status("DaskCluster", "watched")
        return str(status.get("dashboard", "")) if status.get("phase") == "Ready" else ""

    told = str(reader.kube.wait("the dashboard's command", command))
    page = "http://127.0.0.1:8787/status"
    with reader.forwards(told, 8787), urlopen(page, timeout=10) as answer:
        assert "bokeh" in answer.read().decode()


def daskflow(reader: Reader, *words: str) -> "subprocess.Popen[str]":
    """The command, as it goes on."""
    command = [sys.executable, "-m", "daskflow.cli", *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE, **reader._how())


def test_the_command_starts_a_python_that_is_connected(reader: Reader) -> None:
    shell = daskflow(reader, "connect", "shared", "--python")
    said, problems = shell.communicate("print(client.submit(sum, range(10)).result())\n", timeout=60)
    assert shell.returncode == 0, problems
    assert said.splitlines()[-1] == "45"


def test_the_command_brings_the_dashboard_here(reader: Reader) -> None:
    reader.kube.reached("DaskCluster", "watched", "Ready")
    forward = daskflow(reader, "dashboard", "watched", "--no-browser")
    page = forward.stdout.readline().strip()
    assert page, forward.communicate()
    with urlopen(page, timeout=10) as answer:
        assert "bokeh" in answer.read().decode()
    forward.send_signal(signal.SIGINT)
    assert (forward.wait(20), forward.communicate()) == (0, ("", ""))
