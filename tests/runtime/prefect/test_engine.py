"""What of a deployment's folder is sent to workers."""

import io
import os
import tarfile
from pathlib import Path

import pytest
from daskflow.runtime.prefect.engine import packed


def names(data: bytes) -> set[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return set(tar.getnames())


def test_code_and_data_are_sent_and_no_environments(tmp_path: Path) -> None:
    for name in ("etl.py", "lib/sql/load.sql", ".git/config", "lib/__pycache__/x.pyc", "env/pyvenv.cfg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert names(packed(str(tmp_path))) == {"etl.py", "lib/sql/load.sql"}


def test_of_a_large_folder_only_python_files_are_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "etl.py").write_text("x = 1\n")
    (tmp_path / "data.bin").write_bytes(os.urandom(200_000))
    assert names(packed(str(tmp_path), 100_000)) == {"etl.py"}
    assert "its Python files are sent to workers" in capsys.readouterr().err
    (tmp_path / "more.py").write_bytes(b"#" + os.urandom(200_000))
    assert packed(str(tmp_path), 100_000) == b""
    assert "nothing is sent to workers" in capsys.readouterr().err
