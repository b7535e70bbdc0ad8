"""Tekton's own checks take the Task and the Pipeline."""

import pytest

from integrations.pipelines.tests.engine import refusal
from integrations.pipelines.tests.recipes import FOLDER

TASK = (FOLDER / "tekton" / "task.yaml").read_text()


@pytest.mark.parametrize("name", ["task", "pipeline"])
def test_tekton_takes_it(name: str) -> None:
    assert refusal((FOLDER / "tekton" / f"{name}.yaml").read_text()) == ""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("$(params.image)", "$(params.picture)", 'non-existent variable in "$(params.picture)"'),
        ("      type: string\n", "      typ: string\n", 'unknown field "typ"'),
        ("name: daskflow-run", "name: Daskflow Run", "metadata.name"),
    ],
)
def test_the_checks_find_what_is_wrong(old: str, new: str, words: str) -> None:
    assert old in TASK
    assert words in refusal(TASK.replace(old, new, 1))
