"""The command `daskflow local` as tests call it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.runtime.conftest import PYTHON

COMMAND = [sys.executable, "-m", "daskflow.cli", "local"]


WAITING = """
import os, time
try:
    print("begun", os.environ["DASKFLOW_LOCAL"], flush=True)
    time.sleep(60)
finally:
    print("tidied up", flush=True)
"""


Local = Callable[..., "subprocess.CompletedProcess[str]"]


def manifest(flow: dict[str, Any] | str, workers: int = 1, **spec: Any) -> str:
    cluster = {"workers": {"replicas": workers}}
    whole = {
        "image": "flows:1",
        "flow": {"script": flow} if isinstance(flow, str) else flow,
        "cluster": cluster,
    }
    run = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "metadata": {"name": "run"}}
    return yaml.safe_dump({**run, "spec": {**whole, **spec}})


@pytest.fixture
def local(tmp_path: Path) -> Local:
    """Runs the command in a directory of its own; `text` is the manifest."""

    def run(
        *arguments: str, text: str = "", directory: Path = tmp_path
    ) -> "subprocess.CompletedProcess[str]":
        first = [] if text == "" else ["-"]
        whole = [*COMMAND, *first, "--python", PYTHON, "--directory", str(directory), *arguments]
        return subprocess.run(whole, input=text, capture_output=True, text=True, timeout=90, check=False)

    return run


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    """Starts the command with a manifest and lets it run."""
    running: list[subprocess.Popen[str]] = []

    def start(text: str) -> "subprocess.Popen[str]":
        path = tmp_path / "flowrun.yaml"
        path.write_text(text)
        popen = subprocess.Popen(
            [*COMMAND, str(path), "--python", PYTHON, "--output", str(tmp_path / "outcome.json")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(popen)
        return popen

    yield start
    for popen in running:
        if popen.poll() is None:
            popen.kill()
        popen.communicate()


def outcome_of(answer: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert answer.stdout, answer.stderr
    return dict(json.loads(answer.stdout))
