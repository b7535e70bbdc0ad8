"""What `submit` was given as the object to create, with its code."""

import re
from pathlib import Path
from typing import Any

import pytest
from daskflow.client.code.project import packed
from daskflow.client.submitting import prepared

from .code.projects import project


async def test_a_function_is_a_run_of_its_name_and_what_it_is_made_of(tmp_path: Path) -> None:
    number = 3
    made, code = await prepared(
        lambda: number, code=None, force=False, overrides={"image": "i", "parameters": {"n": 1}}
    )
    assert code is not None
    assert re.fullmatch(r"flow-[a-z0-9]{6}", made["metadata"].pop("name"))
    assert made["spec"] == {
        "image": "i",
        "flow": {
            "entrypoint": "daskflow_function.py:flow",
            "parameters": {"n": 1},
            "files": {"sources": code.sources()},
        },
    }


async def test_its_name_is_one_that_kubernetes_takes() -> None:
    def Load_Daily(): ...

    made, _ = await prepared(Load_Daily, code=None, force=False, overrides={})
    assert re.fullmatch(r"load-daily-[a-z0-9]{6}", made["metadata"]["name"])


@pytest.mark.parametrize("make", [Path, packed])
async def test_the_files_of_an_entrypoint_go_along(tmp_path: Path, make: Any) -> None:
    project(tmp_path, {"etl.py": ""})
    made, code = await prepared("etl.py:flow", code=make(tmp_path), force=False, overrides={})
    assert code is not None
    assert made["spec"]["flow"] == {"entrypoint": "etl.py:flow", "files": {"sources": code.sources()}}


async def test_none_go_along_with_what_the_image_has() -> None:
    for code in (None, False):
        made, sent = await prepared("etl.py:flow", code=code, force=False, overrides={})  # type: ignore[arg-type]
        assert (made["spec"], sent) == ({"flow": {"entrypoint": "etl.py:flow"}}, None)
