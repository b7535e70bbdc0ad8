"""The snippets of docs/sdk.md do what the page says, each as a program of its own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.flows import IMAGE
from tests.e2e.programs import sdk
from tests.kube import Kube

PAGE = (Path(__file__).parents[2] / "docs" / "sdk.md").read_text()
PRINTED = {
    "run.result()": "285",
    "get_client()": "385",
    "models.FlowRunSpec": "2",
    "run.watch()": "Succeeded 333283335000",
    "asyncio.run": "[333283335000, 333283335000]",
    "error.traceback": "TypeError",
    "Connection(": "0",
}
"""What tells a snippet from the others, and what it prints, besides other things."""


def _snippets() -> dict[str, str]:
    found = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    return {next(mark for mark in reversed(PRINTED) if mark in each): each for each in found}


def test_each_snippet_is_run() -> None:
    assert set(_snippets()) == set(PRINTED)


@pytest.mark.parametrize("mark", PRINTED)
def test_a_snippet_prints_what_it_says(kube: Kube, tmp_path: Path, mark: str) -> None:
    # A function that is pickled needs the same Python there.
    python, environment = sdk() if mark == "get_client()" else (sys.executable, None)
    # In place of a context that has the namespace.
    setting = (
        "import daskflow.client.connection as c; "
        f"c.default._namespace = {kube.namespace!r}; IMAGE = {IMAGE!r}\n"
    )
    snippet = _snippets()[mark].replace('"default"', repr(kube.namespace))
    command = [python, "-c", setting + snippet]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=180, env=environment, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert PRINTED[mark] in done.stdout, done.stdout
