"""The flows of docs/flows.md say what the page says that they do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.runtime import environments
from tests.runtime.conftest import Pods

PAGE = Path(__file__).parents[2] / "docs" / "flows.md"
BLOCK = re.compile(
    r"^```python\n# (\S+), run as (\S+) with ([^\n]*)\n((?:(?!```).)*)^```\n\n```text\n((?:(?!```).)*)^```",
    re.M | re.S,
)
FOUND = BLOCK.findall(PAGE.read_text())


def test_every_snippet_of_the_page_is_tried() -> None:
    assert len(FOUND) == PAGE.read_text().count("```python") >= 3


@pytest.mark.parametrize(("file", "entrypoint", "parameters", "code", "output"), FOUND)
def test_a_flow_of_the_page_logs_what_the_page_shows(
    pods: Pods, file: str, entrypoint: str, parameters: str, code: str, output: str
) -> None:
    told: dict[str, Any] = {"DASKFLOW_LEASE_SECONDS": 20}
    if "prefect" in code:
        pods.image("prefect1" if "import Flow" in code else "prefect3")
        told["DASKFLOW_PREFECT_DATABASE"] = environments.folder("prefect3") / "prefect.db"
    pods.file(file, f"# {file}, run as {entrypoint} with {parameters}\n{code}")
    pods.cluster(1, DASKFLOW_ENTRYPOINT=entrypoint, DASKFLOW_LEASE_SECONDS=20)
    runner = pods.runner({"entrypoint": entrypoint, "parameters": json.loads(parameters)}, 1, **told)
    runner.wait(120)
    log = runner.log()
    if environments.NEWEST:  # the page tells the version that is locked
        output, log = (re.sub(r"(Prefect flow) \([\d.]+\)", r"\1", text) for text in (output, log))
    for line in output.splitlines():
        assert line in log
    assert [
        line for line in output.splitlines() if line.startswith(("daskflow: Failed", "daskflow: Succ"))
    ], runner.log()
