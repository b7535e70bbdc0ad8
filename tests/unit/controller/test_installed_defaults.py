"""The operator reads the installation's defaults at its start, or says what is wrong with them and ends."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from daskflow.controller.installed_defaults import VARIABLE, installed_defaults
from daskflow.plan.default_fields import DefaultsInvalid


def test_none_are_given_where_no_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert installed_defaults() == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "defaults.yaml (DASKFLOW_DEFAULTS) cannot be read: No such file or directory."),
        ("a: [b", "is no YAML: "),
        ("image: x", "defaults.image is no default"),
        ("#" * 9000, "has 9000 characters; at most 8192 are read."),
    ],
)
def test_what_is_wrong_with_the_file_is_one_sentence(
    text: str | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "defaults.yaml"
    if text is not None:
        path.write_text(text)
    monkeypatch.setenv(VARIABLE, str(path))
    with pytest.raises(DefaultsInvalid) as caught:
        installed_defaults()
    assert said in str(caught.value)


async def test_an_operator_does_not_start_with_defaults_that_cannot_be(tmp_path: Path) -> None:
    path = tmp_path / "defaults.yaml"
    path.write_text("deadlines: {strat: 1h}")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "daskflow.controller",
        env={**os.environ, VARIABLE: str(path)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    (line,) = said.decode().splitlines()
    assert line.startswith(
        "daskflow does not start with these defaults: defaults.deadlines.strat is no default;"
    )
