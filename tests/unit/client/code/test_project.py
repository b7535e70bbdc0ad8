"""A folder becomes an archive, or a sentence says why not."""

import logging
from pathlib import Path

import pytest
from daskflow.client.code.project import packed, with_code
from daskflow.client.errors import WrongUse

from .projects import project


def test_secrets_are_refused_and_only_by_force_sent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    project(tmp_path, {"etl.py": "", ".env": "A=1"})
    with pytest.raises(
        WrongUse, match=r"^\.env \(its name\) looks like a secret, .*; name it in \.daskflowignore"
    ):
        packed(tmp_path)
    assert packed(tmp_path, force=True).count == 2
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert ".env (its name) looks like a secret" in caplog.text


def test_what_cannot_be_sent_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    project(tmp_path, {"etl.py": ""})
    (tmp_path / "lost").symlink_to("nowhere")
    assert packed(tmp_path).count == 1
    assert "'lost' is not sent: it is a link to nothing" in caplog.text


def test_the_code_takes_the_place_of_other_code_alone(tmp_path: Path) -> None:
    project(tmp_path, {"etl.py": ""})
    code = packed(tmp_path)
    kept = {"secretRef": {"name": "tables"}}
    old = {"configMapRef": {"name": "daskflow-code-0123456789abcdef-0"}, "archive": True}
    files = {"configMapRef": {"name": "flows"}, "sources": [kept, old]}
    run = {"spec": {"image": "a", "flow": {"entrypoint": "etl.py:flow", "files": files}}}
    found = with_code(run, code)["spec"]["flow"]["files"]
    assert found == {"configMapRef": {"name": "flows"}, "sources": [kept, *code.sources()]}
    assert files["sources"] == [kept, old]
