"""The recipes in docs/pipelines.md are those that tests run."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "pipelines.md").read_text()
SHOWN = (
    "pipelines/run-flow.sh",
    "pipelines/rbac.yaml",
    "pipelines/github-actions/workflow.yml",
    "pipelines/tekton/pipeline.yaml",
    "argo/workflow.yaml",
)


def test_what_is_shown_is_what_is_tested() -> None:
    blocks = re.findall(r"^```(?:sh|yml)\n(.*?)^```$", PAGE, re.M | re.S)
    assert blocks == [(ROOT / "integrations" / each).read_text() for each in SHOWN]
